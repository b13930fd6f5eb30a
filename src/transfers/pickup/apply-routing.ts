/** What is put on a call once it has moved: skills, priority and preferred agents while it waits in the queue, unless it has them, and the loop guard's attributes. */
import type { Conversation } from '../../conversations/conversation.ts'
import { hasRouting, type WantedRouting } from '../../conversations/routing.ts'
import { GenesysError, type GenesysReason } from '../../genesys/http/errors.ts'
import { hopInitiatedAt, isLaterHop } from '../../model/hop.ts'
import { Problem } from '../../model/problems.ts'
import { isQueuedTarget } from '../../model/target.ts'
import { resolvedTargetOf, snapshotOf, type TransferRecord } from '../../model/transfer.ts'
import { progressOf } from '../hops/observe.ts'
import { loopGuardAttributes } from '../loop-guard.ts'
import { callOptions, type StageContext } from '../stage-context.ts'
import type { Detail, Patch } from '../patch.ts'
import { readConversation } from '../stages/validation.ts'
import { annotate, auditDraft, type Annotation, type Transition } from '../transition.ts'

/** Until this long after the move, a refusal may mean that the call is not in the queue yet, ms (docs/genesys-cloud.md rule 42). */
const arrivalLimitMs = 10_000
/** Until this long after the move, a failed write of the loop guard's attributes is tried again, ms. */
const attributesLimitMs = 30_000

/** What came of an update, for the record and the audit trail. */
interface Update {
  patch: Patch
  status: string
  detail?: Detail
}

/** Whether skills and priority are still to be put on the call. "No skills" counts too: a queue keeps earlier ones (docs/genesys-cloud.md rule 43). */
export const needsRouting = (record: TransferRecord): boolean => record.routing === 'pending'

/** Whether anything is still to be put on the call. */
export const hasPendingUpdates = (record: TransferRecord): boolean =>
  record.state === 'initiated' && (needsRouting(record) || record.mirror === 'pending')

/** Refusals that may only mean that the call has not arrived in the queue yet. */
const earlyReasons: ReadonlySet<GenesysReason> = new Set(['rejected', 'not_found', 'conflict'])
/** Failures that pass by themselves. */
const passingReasons: ReadonlySet<GenesysReason> = new Set(['rate_limited', 'unavailable', 'overloaded', 'expired'])

const mayBeEarly = ({ reason }: GenesysError): boolean => earlyReasons.has(reason)
const mayPass = ({ effect, reason }: GenesysError): boolean => effect === 'unknown' || passingReasons.has(reason)

/** Runs an update. @returns undefined if it failed and is worth another try */
async function attempt(
  update: () => Promise<Update>,
  asRefused: (error: GenesysError) => Update,
  canRetry: (error: GenesysError) => boolean,
): Promise<Update | undefined> {
  try {
    return await update()
  } catch (error) {
    if (!(error instanceof GenesysError)) throw error
    return canRetry(error) ? undefined : asRefused(error)
  }
}

/** What is to be put on the waiting call; undefined if the target is no queue. */
function wantedRouting(record: TransferRecord): WantedRouting | undefined {
  const target = resolvedTargetOf(record)
  if (!isQueuedTarget(target)) return undefined
  return {
    queueId: target.queueId,
    skillIds: target.skillIds,
    priority: target.priority,
    languageId: target.type === 'queue' ? target.languageId : null,
  }
}

/** Whether no skills, language, priority or preferred agents are wanted. Then an event that shows that the call has none is worth a short wait. */
export function wantsNoRouting(record: TransferRecord): boolean {
  const wanted = needsRouting(record) && preferredAgents(record).length === 0 ? wantedRouting(record) : undefined
  return wanted !== undefined && wanted.priority === 0 && wanted.skillIds.length === 0 && wanted.languageId === null
}

/** Agents to whom the queue is to offer the call first. */
const preferredAgents = (record: TransferRecord): readonly string[] => record.resolvedTarget?.preferredUserIds ?? []

/**
 * Whether the conversation shows that the call has the wanted skills and priority already. One that is to prefer agents never has: a
 * transfer drops them (docs/genesys-cloud.md rule 46).
 */
export function hasWantedRouting(record: TransferRecord, conversation: Conversation): boolean {
  if (preferredAgents(record).length > 0) return false
  const wanted = wantedRouting(record)
  return wanted !== undefined && hasRouting(conversation, snapshotOf(record), wanted)
}

/** The change for a call that has the wanted skills and priority already, so that the platform need not be asked. */
export function confirmRouting(record: TransferRecord): Annotation {
  const { priority, skillIds } = resolvedTargetOf(record) as WantedRouting
  return annotate(record, { routing: 'done' }, 'routing_unchanged', 'execution', { priority, skillIds: skillIds.join(' ') })
}

const msSinceMove = (record: TransferRecord, { clock }: StageContext): number => clock() - (hopInitiatedAt(record) ?? 0)

/**
 * Whether the call waits at its current hop. A call that moves on is in a queue already, so the platform would take its new skills and
 * priority too early, and agents of the queue that it is about to leave would be offered a call that is not for them.
 */
async function hasArrived(record: TransferRecord, context: StageContext): Promise<boolean> {
  if (!isLaterHop(record)) return true
  try {
    const { status } = progressOf(record, await readConversation(record, context, 'execution'))
    return status === 'waiting' || status === 'ringing'
  } catch (error) {
    if (error instanceof Problem) return false
    throw error
  }
}

/** Puts skills, language, priority and preferred agents on the waiting call, and compares what the platform then has with what was asked for. */
function applyRouting(record: TransferRecord, context: StageContext): Promise<Update | undefined> {
  const target = resolvedTargetOf(record)
  const { priority } = target
  const skillIds = isQueuedTarget(target) ? target.skillIds : []
  const languageId = target.type === 'queue' ? target.languageId : null
  const preferredUserIds = [...preferredAgents(record)]
  const afterMs = msSinceMove(record, context)
  return attempt(
    async () => {
      const applied = await context.genesys.setRouting(
        record.conversationId,
        { skillIds, priority, ...(languageId && { languageId }), ...(preferredUserIds.length > 0 && { preferredUserIds }) },
        callOptions(context, 'command'),
      )
      const verified =
        applied.priority === priority &&
        applied.skillIds.length === skillIds.length &&
        skillIds.every((skillId) => applied.skillIds.includes(skillId))
      // An agent who is not a member of the queue is never preferred.
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
    (error) => afterMs < arrivalLimitMs && (mayBeEarly(error) || mayPass(error)),
  )
}

/** Writes depth, path and token to the customer's attributes, for flows and agents to read. */
function applyLoopGuard(record: TransferRecord, context: StageContext): Promise<Update | undefined> {
  const { conversationId, transferDepth: depth, transferPath: path } = record
  const afterMs = msSinceMove(record, context)
  return attempt(
    async () => {
      await context.genesys.setAttributes(
        conversationId,
        String(record.customerId),
        loopGuardAttributes(conversationId, { depth, path }, context.rules.loopSecret),
        callOptions(context, 'command'),
      )
      return { patch: { mirror: 'done' }, status: 'loop_guard_mirrored' }
    },
    (error) => ({ patch: { mirror: 'refused' }, status: 'loop_guard_not_mirrored', detail: { reason: error.message } }),
    (error) => afterMs < attributesLimitMs && mayPass(error),
  )
}

/**
 * Puts on the call what is still missing, both at the same time.
 * @returns one change with an audit entry for each update; undefined if none has succeeded or been refused yet
 */
export async function applyPendingUpdates(record: TransferRecord, context: StageContext): Promise<Transition | undefined> {
  const updates = await Promise.all([
    needsRouting(record) && (await hasArrived(record, context)) ? applyRouting(record, context) : undefined,
    record.mirror === 'pending' ? applyLoopGuard(record, context) : undefined,
  ])
  const [first, ...others] = updates.filter((update) => update !== undefined)
  if (!first) return undefined
  const patch: Patch = { ...first.patch }
  for (const update of others) Object.assign(patch, update.patch)
  const change = annotate(record, patch, first.status, 'execution', first.detail)
  return { ...change, additionalAudit: others.map(({ status, detail }) => auditDraft(change.record, status, 'execution', detail)) }
}
