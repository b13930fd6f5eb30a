/** Which other nodes run on the ledger. */
import { singleChain } from '../audit/chain.ts'
import type { NodeStore } from '../contract/nodes.ts'
import type { Engine } from '../engine/engine.ts'
import type { Tables } from '../tables/tables.ts'

export const createNodeOperations = (engine: Engine, { nodes }: Pick<Tables, 'nodes'>): NodeStore => ({
  findOtherNodes: () =>
    engine.write(function* () {
      yield* nodes.deleteExpiredNodes()
      return yield* nodes.listOthers()
    }),
  sharesAuditChain: engine.chain === singleChain,
})
