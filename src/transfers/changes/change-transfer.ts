/** How a caller's change of a waiting call is carried out: checked, stored, and left to the watcher of the node that works on the call. */
import type { TransferStore } from '../../ledger/contract/transfers.ts'
import type { TransferRecord } from '../../model/transfer.ts'
import { requireActiveSkills } from '../candidates/availability.ts'
import { requirePreferredAgents } from '../candidates/preferred-agents.ts'
import type { Requester } from '../request/new-transfer.ts'
import type { RunStage } from '../run-stage.ts'
import type { CreateStageContext, StageContext } from '../stage-context.ts'
import { changeRouting, requireWaiting, type RoutingChange } from './routing-change.ts'
import { requireVisible, type UpdateStored } from './update-stored.ts'

/** How long the platform has to tell about skills and agents, ms. */
const readTimeoutMs = 4_000

export interface ChangeDependencies {
  ledger: Pick<TransferStore, 'findTransfer'> & { readonly nodeId: string }
  updateStored: UpdateStored
  /** Epoch ms. */
  clock: () => number
  runStage: RunStage
  createStageContext: CreateStageContext
}

/**
 * Changes the routing of a waiting call.
 * @returns the transfer once the change is stored; it is put on the call soon after that, also if this node dies
 * @throws Problem NOT_FOUND, also if the requester's key may not see the transfer; STATE_CONFLICT; TARGET_NOT_FOUND or TARGET_INACTIVE for a
 *   skill or an agent, or what a failure of the platform means; StoreUnavailable
 */
export type ChangeTransfer = (id: string, change: RoutingChange, requester: Requester) => Promise<TransferRecord>

/** @throws Problem TARGET_NOT_FOUND, TARGET_INACTIVE, or what the failure to read a skill means */
async function requireExisting(
  { skillIds = [], preferredUserIds = [] }: RoutingChange,
  record: TransferRecord,
  context: StageContext,
): Promise<void> {
  await Promise.all([requireActiveSkills(skillIds, context), requirePreferredAgents(preferredUserIds, 'preferredUserIds', record, context)])
}

export function createChangeTransfer(dependencies: ChangeDependencies): ChangeTransfer {
  const { ledger, updateStored, clock, runStage, createStageContext } = dependencies

  /**
   * The node that stores a change becomes the owner, so that it is put on the call at once. But while the owner puts earlier values on the
   * call, it stays the owner: only one node at a time sends them, and so the last ones are those that the call keeps.
   */
  const nextOwner = ({ routing, owner }: TransferRecord): string => (routing === 'pending' ? owner : ledger.nodeId)

  return async (id, change, requester) => {
    const record = requireVisible(await ledger.findTransfer(id), id, requester)
    requireWaiting(record)
    await runStage('verification', record, requireExisting(change, record, createStageContext(record, clock() + readTimeoutMs)))
    return updateStored(id, requester, (stored) => {
      const changed = changeRouting(stored, change, requester.id, clock())
      return changed && { ...changed, record: { ...changed.record, owner: nextOwner(stored) } }
    })
  }
}
