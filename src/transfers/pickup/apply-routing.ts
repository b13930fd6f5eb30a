/**
 * Updates a call once it has moved: sets skills, priority and preferred agents while it waits in the queue, unless it has them already.
 * Changes that a caller asks for later are set in the same way. The attributes are written at the same time (apply-attributes.ts).
 */
import type { Conversation } from '../../conversations/conversation.ts'
import { findQueueRouting, hasRouting, type WantedRouting } from '../../conversations/routing.ts'
import { isTemporary, type GenesysError, type GenesysReason } from '../../genesys/http/errors.ts'
import type { Lease } from '../../ledger/contract/lease.ts'
import { hopInitiatedAt, isLaterHop } from '../../model/hop.ts'
import { Problem } from '../../model/problems.ts'
import type { State } from '../../model/states.ts'
import { isQueuedTarget } from '../../model/target.ts'
import { resolvedTargetOf, snapshotOf, type TransferRecord } from '../../model/transfer.ts'
import { needsNoCommand } from '../hops/hop-changes.ts'
import { progressOf } from '../hops/observe.ts'
import { callOptions, type StageContext } from '../stage-context.ts'
import type { Patch } from '../patch.ts'
import { readConversation } from '../stages/validation.ts'
import { annotate, auditDraft, type Annotation, type Transition } from '../transition.ts'
import { applyAttributes, needsAttributeUpdate } from './apply-attributes.ts'
import { tryUpdate, type UpdateResult } from './try-update.ts'

/** For this long after the move, ms, a refusal may mean that the call is not in the queue yet (docs/genesys-cloud.md rule 42). */
const arrivalLimitMs = 10_000

/**
 * Whether skills and priority must still be set. This includes removing all skills, because a call keeps earlier skills in a queue
 * (docs/genesys-cloud.md rule 43).
 */
export const needsRouting = (record: TransferRecord): boolean => record.routing === 'pending'

/** Whether the call must still be updated. */
export const hasPendingUpdates = (record: TransferRecord): boolean =>
  record.state === 'initiated' && (needsRouting(record) || needsAttributeUpdate(record))

/** Refusals that may only mean that the call has not arrived in the queue yet. */
const earlyReasons: ReadonlySet<GenesysReason> = new Set(['rejected', 'not_found', 'conflict'])

const canBeTooEarly = ({ reason }: GenesysError): boolean => earlyReasons.has(reason)

/** The skills, priority and language that the waiting call should have; undefined if the target is not a queue. */
function wantedRouting(record: TransferRecord): WantedRouting | undefined {
  const target = resolvedTargetOf(record)
  if (!isQueuedTarget(target)) return undefined
  return { queueId: target.queueId, skillIds: target.skillIds, priority: target.priority, languageId: wantedLanguage(record) }
}

/** The language to put on the call. Empty, which takes it off: an earlier hop has put one on, and this one asks for none. Null: as it is. */
function wantedLanguage({ resolvedTarget, earlierHops }: TransferRecord): string | null {
  const wasSet = earlierHops.some(({ resolvedTarget: earlier }) => earlier.languageId !== null)
  return resolvedTarget?.languageId ?? (wasSet ? '' : null)
}

/**
 * Whether routing is pending, but no skills, language, priority or preferred agents are wanted. Then an event is worth a short wait: it will
 * probably show that the call has none, so that nothing need be set.
 */
export function wantsNoRouting(record: TransferRecord): boolean {
  const wanted = needsRouting(record) && preferredUserIdsOf(record).length === 0 ? wantedRouting(record) : undefined
  return wanted !== undefined && wanted.priority === 0 && wanted.skillIds.length === 0 && wanted.languageId === null
}

/** The ids of the agents to whom the queue should offer the call first. */
const preferredUserIdsOf = (record: TransferRecord): readonly string[] => record.resolvedTarget?.preferredUserIds ?? []

/**
 * Whether the conversation shows that the call already has the wanted skills and priority. Always false if agents are to be preferred:
 * a call loses its preferred agents by the transfer (docs/genesys-cloud.md rule 46).
 */
export function hasWantedRouting(record: TransferRecord, conversation: Conversation): boolean {
  if (preferredUserIdsOf(record).length > 0) return false
  const wanted = wantedRouting(record)
  return wanted !== undefined && hasRouting(conversation, snapshotOf(record), wanted)
}

/**
 * Whether an event may confirm that the call already has the wanted skills and priority. It may not once they were changed while the call
 * waited in its queue, by a caller or by a hop within the queue, because the event may be older than that change.
 */
export const canConfirmByEvent = (record: TransferRecord): boolean =>
  needsRouting(record) && !hasRoutingChanged(record) && !needsNoCommand(record)

/** The change for a call that already has the wanted skills and priority, so that nothing is sent to the platform. */
export function confirmRouting(record: TransferRecord): Annotation {
  const { priority, skillIds } = resolvedTargetOf(record) as WantedRouting
  return annotate(record, { routing: 'done' }, 'routing_unchanged', 'execution', { priority, skillIds: skillIds.join(' ') })
}

/**
 * The skills, the priority and the language that a flow has set when it moved the call to the chosen queue (`decide`), as the platform shows
 * them. They become those of the target, so that a later change or hop keeps what it does not name.
 * @param to the state to which the record changes
 */
export function adoptFlowRouting(record: TransferRecord, to: State, conversation: Conversation): Patch {
  const { state, resolvedTarget } = record
  if (state !== 'decided' || to !== 'initiated' || !resolvedTarget || !isQueuedTarget(resolvedTargetOf(record))) return {}
  const routing = findQueueRouting(conversation, snapshotOf(record), String(resolvedTarget.queueId))
  if (!routing) return {}
  const { skillIds, priority, languageId = null } = routing
  return { resolvedTarget: { ...resolvedTarget, skillIds: skillIds.toSorted(), priority, languageId } }
}

/** Whether a caller has changed the routing since the call came to its hop. */
const hasRoutingChanged = ({ hop }: TransferRecord): boolean => hop.changedAt !== null

/** Ms since skills and priority were to be set: since the call's move, or since a caller changed them. */
const msSinceWanted = (record: TransferRecord, { clock }: StageContext): number =>
  clock() - Math.max(hopInitiatedAt(record) ?? 0, record.hop.changedAt ?? 0)

/**
 * Whether the call waits at its current hop, so that its routing can be set.
 * - At the first hop this is not checked, because the platform refuses routing for a call that is not in a queue yet.
 * - A call that moves on to a later hop is in the earlier queue until then: the platform would accept the new routing too early, and would offer
 *   the call to agents of the queue that it is about to leave.
 * - A call whose routing a caller changes may have left its queue since.
 */
async function isWaiting(record: TransferRecord, context: StageContext): Promise<boolean> {
  if (!isLaterHop(record) && !hasRoutingChanged(record)) return true
  try {
    const { status } = progressOf(record, await readConversation(record, context, 'execution'))
    return status === 'waiting' || status === 'ringing'
  } catch (error) {
    if (error instanceof Problem) return false
    throw error
  }
}

/**
 * Sets skills, language, priority and preferred agents of the waiting call, and checks that the platform answers with the same values.
 * Nothing is sent under a lease that has expired: another node may have set later values by then.
 */
function applyRouting(record: TransferRecord, context: StageContext, lease: Lease): Promise<UpdateResult | undefined> {
  const target = resolvedTargetOf(record)
  const { priority } = target
  const skillIds = isQueuedTarget(target) ? target.skillIds : []
  const languageId = wantedLanguage(record)
  const preferredUserIds = [...preferredUserIdsOf(record)]
  const afterMs = msSinceWanted(record, context)
  return tryUpdate<UpdateResult>(
    async () => {
      const applied = await context.genesys.setRouting(
        record.conversationId,
        { skillIds, priority, ...(languageId !== null && { languageId }), ...(preferredUserIds.length > 0 && { preferredUserIds }) },
        { ...callOptions(context, 'command'), canSend: () => lease.isValid() },
      )
      const verified =
        applied.priority === priority &&
        applied.skillIds.length === skillIds.length &&
        skillIds.every((skillId) => applied.skillIds.includes(skillId))
      // The platform's list, for the audit trail: it leaves out agents who are not members of the queue.
      const preferred = preferredUserIds.length > 0 && { preferredUserIds: applied.preferredUserIds?.join(' ') ?? '' }
      return {
        patch: { routing: 'done' },
        status: 'routing_applied',
        detail: { verified, priority: applied.priority, skillIds: applied.skillIds.join(' '), ...preferred, afterMs },
      }
    },
    (error) => ({
      patch: { routing: 'refused' },
      status: 'routing_refused',
      detail: { reason: error.message, platformCode: error.platformCode ?? null },
    }),
    (error) => afterMs < arrivalLimitMs && (canBeTooEarly(error) || isTemporary(error)),
  )
}

/**
 * Sets the routing and writes the attributes, as far as they are pending, both at the same time.
 * @param lease the lease under which the record was read
 * @param hasNewerTransfer whether the conversation has a newer transfer
 * @returns one change with an audit entry for each update that has succeeded or been refused; undefined if there is none yet
 */
export async function applyPendingUpdates(
  record: TransferRecord,
  context: StageContext,
  lease: Lease,
  hasNewerTransfer: () => Promise<boolean>,
): Promise<Transition | undefined> {
  const [routing, attributes] = await Promise.all([
    needsRouting(record) && (await isWaiting(record, context)) ? applyRouting(record, context, lease) : undefined,
    needsAttributeUpdate(record) ? applyAttributes(record, context, hasNewerTransfer) : [],
  ])
  const [first, ...others] = [...(routing ? [routing] : []), ...attributes]
  if (!first) return undefined
  const patch: Patch = { ...first.patch }
  for (const update of others) Object.assign(patch, update.patch)
  const change = annotate(record, patch, first.status, 'execution', first.detail)
  return { ...change, additionalAudit: others.map(({ status, detail }) => auditDraft(change.record, status, 'execution', detail)) }
}
