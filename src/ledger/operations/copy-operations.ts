/** How a copy of a ledger is recognized, and how it becomes the ledger of its new place. */
import type { AuditDraft } from '../contract/audit.ts'
import type { CopyStore } from '../contract/copies.ts'
import type { Engine } from '../engine/engine.ts'
import type { Tables } from '../tables/tables.ts'
import { createWriteRest } from './write-change.ts'

/** Only one node adopts a copy. The others wait for it. */
const lockName = 'adopt a copy'
/** Stands for a place where no ledger is. */
const nowhere = 'nowhere'

export function createCopyOperations(engine: Engine, tables: Tables): CopyStore {
  const { place, dialect } = engine
  const { transfers, ownership, bulkTransfers, bulkCalls, nodes } = tables
  const writeRest = createWriteRest(tables)
  return {
    findDamage: () => engine.findDamage(),
    listOpenStates: () => engine.read(() => ownership.listOpenStates()),
    isCopy: async () => (await engine.read(() => place.find())) !== place.current,
    markAsCopy: () =>
      engine.write(function* () {
        yield* nodes.deleteOthers()
        yield* place.store(nowhere)
      }),
    adoptCopy: ({ transfer, bulkTransfer, bulkCallMessage, audit }) =>
      engine.write(function* (auditDrafts) {
        yield* dialect.lock([lockName])
        if ((yield* place.find()) === place.current) return undefined
        const drafts: AuditDraft[] = []
        const openTransfers = yield* ownership.findOpenForUpdate()
        for (const stored of openTransfers) {
          const change = transfer(stored)
          // A new fence: nothing that was decided before is written afterwards.
          yield* transfers.replace({ ...change.record, fence: stored.fence + 1 })
          yield* writeRest(change, drafts)
        }
        const openBulkTransfers = yield* bulkTransfers.findOpenForUpdate()
        for (const stored of openBulkTransfers) {
          const change = bulkTransfer(stored)
          if (!change) continue
          yield* bulkTransfers.replace(change.record)
          drafts.push(change.audit)
        }
        const counts = {
          transfers: openTransfers.length,
          bulkTransfers: openBulkTransfers.length,
          bulkCalls: yield* bulkCalls.giveUpUnfinished(bulkCallMessage),
        }
        yield* nodes.deleteOthers()
        yield* place.store(place.current)
        auditDrafts.push(audit(counts), ...drafts)
        return counts
      }),
  }
}
