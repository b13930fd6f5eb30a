/** What is put on a call once it has moved: skills and priority while it waits in the queue, and the mirror of the loop guard. */
import { GenesysError } from '../../genesys/http/errors.ts'
import { callOptions, type StageContext } from '../stage-context.ts'
import { loopGuardAttributes } from '../loop-guard.ts'
import { annotate, auditDraft, type Detail, type Transition, type Patch } from '../transition.ts'
import type { TransferRecord } from '../../model/transfer.ts'

/** How long "not in the queue yet" is believed, ms (genesys-api §1.3: undocumented, hence generous). */
const patienceMs = 10_000

interface Step {
  patch: Patch
  status: string
  detail?: Detail
}

/** A queue keeps what an earlier transfer left on the call, so that "no skills" must be said as well (architect-and-peers §1.7). */
export const needsRouting = (record: TransferRecord): boolean => record.routing === 'pending'

/** Whether the platform's "no" may only mean that the call has not arrived in the queue yet. */
const mayBeEarly = (error: GenesysError): boolean => ['rejected', 'not_found', 'conflict'].includes(error.reason)
/** Trouble that passes; what else is refused stays refused. */
const mayPass = (error: GenesysError): boolean =>
  error.effect === 'unknown' || ['rate_limited', 'unavailable', 'overloaded', 'expired'].includes(error.reason)

async function attempt(
  work: () => Promise<Step>,
  refused: (error: GenesysError) => Step,
  goOn: (error: GenesysError) => boolean,
): Promise<Step | undefined> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof GenesysError)) throw error
    return goOn(error) ? undefined : refused(error)
  }
}

/** Puts skills, language and priority on the waiting call and compares what the platform says it took. Undefined: not yet, try again. */
function applyRouting(record: TransferRecord, line: StageContext): Promise<Step | undefined> {
  const target = record.resolvedTarget
  if (!target) throw new Error('routing needs a resolved target')
  const age = line.clock() - (record.initiatedAt ?? 0)
  const asked = { skillIds: target.skillIds, priority: target.priority, ...(target.languageId && { languageId: target.languageId }) }
  return attempt(
    async () => {
      const taken = await line.genesys.setRouting(record.conversationId, asked, callOptions(line, 'command'))
      const verified =
        taken.priority === asked.priority &&
        taken.skillIds.length === asked.skillIds.length &&
        asked.skillIds.every((skillId) => taken.skillIds.includes(skillId))
      return {
        patch: { routing: 'done' },
        status: 'routing_applied',
        detail: { verified, priority: taken.priority, skillIds: taken.skillIds.join(' '), afterMs: age },
      }
    },
    (error) => ({
      patch: { routing: 'refused' },
      status: 'routing_refused',
      detail: { reason: error.message, platformCode: error.platformCode ?? null },
    }),
    (error) => age < patienceMs && (mayBeEarly(error) || mayPass(error)),
  )
}

/** Writes depth, path and loop token onto the customer, for flows and agents to read. */
function mirrorTravels(record: TransferRecord, line: StageContext): Promise<Step | undefined> {
  const travels = { depth: record.transferDepth, path: record.transferPath }
  const age = line.clock() - (record.initiatedAt ?? 0)
  return attempt(
    async () => {
      await line.genesys.setAttributes(
        record.conversationId,
        String(record.customerId),
        loopGuardAttributes(record.conversationId, travels, line.rules.loopSecret),
        callOptions(line, 'command'),
      )
      return { patch: { mirror: 'done' }, status: 'loop_guard_mirrored' }
    },
    (error) => ({ patch: { mirror: 'refused' }, status: 'loop_guard_not_mirrored', detail: { reason: error.message } }),
    (error) => age < 3 * patienceMs && mayPass(error),
  )
}

/** Whether anything is still to be put on the call. */
export const hasPendingUpdates = (record: TransferRecord): boolean =>
  record.state === 'initiated' && (needsRouting(record) || record.mirror === 'pending')

/** Puts on the call what is still missing, both at once. What came of it, as one change with an entry in the trail for each; undefined: nothing yet. */
export async function applyPendingUpdates(record: TransferRecord, line: StageContext): Promise<Transition | undefined> {
  const nothing = Promise.resolve(undefined)
  const steps = await Promise.all([
    needsRouting(record) ? applyRouting(record, line) : nothing,
    record.mirror === 'pending' ? mirrorTravels(record, line) : nothing,
  ])
  const [first, ...others] = steps.filter((step) => step !== undefined)
  if (!first) return undefined
  const patch = others.reduce<Patch>((all, one) => ({ ...all, ...one.patch }), first.patch)
  const change = annotate(record, patch, first.status, 'execution', first.detail)
  return { ...change, further: others.map(({ status, detail }) => auditDraft(change.record, status, 'execution', detail)) }
}
