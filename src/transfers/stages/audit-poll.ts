/** Stage 5, audit-poll: what became of a transfer that the platform accepted, judged from one look at the conversation (design §7). */
import type { CallProgress } from '../../conversations/progress.ts'
import type { Rules } from '../stage-context.ts'
import type { Detail, Patch } from '../transition.ts'
import type { TransferRecord } from '../../model/transfer.ts'
import type { State } from '../../model/states.ts'

/** A call that has not moved at all this long after the 202 will not move any more, ms (genesys-api §3.2 rule 7). */
const unmovedForMs = 10_000
/** A late pickup is watched for this many times the pickup timeout. */
const lateFactor = 10

export type PollDecision =
  | { action: 'move'; to: State; patch: Patch; detail?: Detail }
  | { action: 'note'; patch: Patch; status: string; detail?: Detail }
  | { action: 'end' }
  | { action: 'wait' }

type Times = Pick<Rules, 'pickupTimeoutMs'>
type Judge<Seen extends CallProgress['status']> = (
  seen: Extract<CallProgress, { status: Seen }>,
  record: TransferRecord,
  now: number,
) => PollDecision
const wait: PollDecision = { action: 'wait' }
const ends = (to: State, code: TransferRecord['code'], message: string, detail: Detail = {}, patch: Patch = {}): PollDecision => ({
  action: 'move',
  to,
  patch: { ...patch, code, message },
  detail,
})

/** What a pickup adds to a record. The platform's clock is not ours: a pickup a little before our own acceptance is one at once. */
export function pickupOf({ initiatedAt }: TransferRecord, seen: Extract<CallProgress, { status: 'picked_up' }>, now: number): Patch {
  const at = seen.at === undefined ? now : Date.parse(seen.at)
  return {
    pickupTime: new Date(at).toISOString(),
    pickupMs: Math.max(0, at - (initiatedAt ?? at)),
    agentUserId: seen.userId ?? null,
    bounces: seen.bounces,
    code: null,
    message: null,
  }
}

const afterAcceptance: { [Seen in CallProgress['status']]: Judge<Seen> } = {
  picked_up: (seen, record, now) => ({ action: 'move', to: 'picked_up', patch: pickupOf(record, seen, now) }),
  ringing: () => wait,
  waiting: () => wait,
  abandoned: (seen) =>
    ends(
      'abandoned',
      'CALLER_ABANDONED',
      'The caller hung up before anybody picked up.',
      { at: seen.at ?? null },
      { bounces: seen.bounces },
    ),
  failed: (seen) =>
    ends('failed', 'TRANSFER_FAILED', `The platform did not complete the transfer: ${seen.why}.`, {}, { bounces: seen.bounces }),
  flowed_out: (seen) => ends('failed', 'FLOWED_OUT', `The in-queue flow moved the call to ${seen.to}.`, { to: seen.to }),
  elsewhere: () => ends('superseded', 'SUPERSEDED', 'Somebody else moved the call on.'),
  unmoved: (_, { initiatedAt }, now) =>
    now - (initiatedAt ?? now) < unmovedForMs
      ? wait
      : ends('failed', 'TRANSFER_FAILED', 'The platform accepted the transfer, but the call stayed where it was.'),
}

function ofInitiated(record: TransferRecord, seen: CallProgress, now: number, { pickupTimeoutMs }: Times): PollDecision {
  const verdict = (afterAcceptance[seen.status] as Judge<CallProgress['status']>)(seen as never, record, now)
  if (verdict.action !== 'wait') return verdict
  if (now - (record.initiatedAt ?? now) >= pickupTimeoutMs) {
    return ends(
      'timeout',
      'PICKUP_TIMEOUT',
      `Nobody picked up within ${pickupTimeoutMs} ms; the call is ${seen.status}.`,
      { seen: seen.status },
      { bounces: seen.bounces, lateWatch: true },
    )
  }
  return seen.bounces > record.bounces
    ? { action: 'note', patch: { bounces: seen.bounces }, status: 'bounced', detail: { bounces: seen.bounces } }
    : wait
}

/** A decision is followed once the call is seen on its way to the target; until then the flow may still be talking to the caller. */
function ofDecided(record: TransferRecord, seen: CallProgress, now: number, { pickupTimeoutMs }: Times): PollDecision {
  const decidedAt = Date.parse(record.updatedAt)
  if (['picked_up', 'ringing', 'waiting'].includes(seen.status))
    return { action: 'move', to: 'initiated', patch: { initiatedAt: now, latencyMs: now - record.receivedAt }, detail: { via: 'flow' } }
  if (seen.status === 'abandoned') return ends('abandoned', 'CALLER_ABANDONED', 'The caller hung up before the flow moved the call.')
  return now - decidedAt < pickupTimeoutMs
    ? wait
    : ends('failed', 'DECISION_NOT_FOLLOWED', `The flow did not move the call to the target within ${pickupTimeoutMs} ms.`, {
        seen: seen.status,
      })
}

function ofTimeout(record: TransferRecord, seen: CallProgress, now: number, { pickupTimeoutMs }: Times): PollDecision {
  if (seen.status === 'picked_up')
    return {
      action: 'note',
      patch: { lateWatch: false },
      status: 'late_pickup',
      detail: { agentUserId: seen.userId ?? null, at: seen.at ?? new Date(now).toISOString(), bounces: seen.bounces },
    }
  const over =
    !['ringing', 'waiting', 'unmoved'].includes(seen.status) || now - (record.initiatedAt ?? now) > (lateFactor + 1) * pickupTimeoutMs
  return over ? { action: 'end' } : wait
}

/** What follows from what was seen, for a transfer in `decided`, `initiated` or `timeout`. `now` in epoch ms. */
export function auditPoll(record: TransferRecord, seen: CallProgress, now: number, times: Times): PollDecision {
  if (record.state === 'initiated') return ofInitiated(record, seen, now, times)
  if (record.state === 'decided') return ofDecided(record, seen, now, times)
  return record.state === 'timeout' ? ofTimeout(record, seen, now, times) : { action: 'end' }
}

/** Where what happens is heard, looks only make sure that nothing was missed: so many intervals apart. */
const heardFactor = 7.5

/** Ms until the next look: the interval, easing off to two and a half times that; after a timeout, ten times; seven and a half times as long where events are `heard`. */
export function nextLook(
  record: TransferRecord,
  looks: number,
  { pollIntervalMs, pickupTimeoutMs }: Pick<Rules, 'pollIntervalMs' | 'pickupTimeoutMs'>,
  now: number,
  heard = false,
): number {
  if (record.state === 'timeout') return 10 * pollIntervalMs * (heard ? heardFactor : 1)
  const eased = heard ? pollIntervalMs * heardFactor : Math.min(pollIntervalMs * 1.15 ** Math.max(0, looks - 3), pollIntervalMs * 2.5)
  const since = record.state === 'decided' ? Date.parse(record.updatedAt) : (record.initiatedAt ?? now)
  const untilTimeout = since + pickupTimeoutMs - now
  // The last look falls on the timeout itself, not up to an interval later.
  return untilTimeout > 0 ? Math.min(eased, untilTimeout) : eased
}
