/**
 * Stage 5, audit-poll: decides from one read of a conversation how its transfer goes on after the acceptance or the decision
 * (docs/architecture.md#pickup).
 */
import type { CallProgress } from '../../conversations/progress.ts'
import { hopInitiatedAt } from '../../model/hop.ts'
import type { State } from '../../model/states.ts'
import type { TransferRecord } from '../../model/transfer.ts'
import { callbackPatch, isCallback } from '../hops/callback.ts'
import { isOverflowDue, overflowAt, timeoutAt } from '../hops/hop-times.ts'
import { unmovedLimitMs } from '../hops/observe.ts'
import type { Rules } from '../stage-context.ts'
import type { Detail, Patch } from '../patch.ts'

/** After the timeout, the call is watched for a late pickup for this many times the pickup timeout. */
const latePickupWatchFactor = 10
/** After the timeout, the poll interval is this many times as long. */
const timedOutPollFactor = 10
/** While events arrive, polling is only a safety net: its interval is this many times as long. */
const safetyNetFactor = 7.5

export type PollDecision =
  /** Change the state of the transfer. */
  | { action: 'move'; to: State; patch: Patch; detail?: Detail }
  /** Keep the state, but change the record and write an audit entry with this status. */
  | { action: 'note'; patch: Patch; status: string; detail?: Detail }
  /** Move the call on to the next hop, because nobody has picked up in time. `bounces`: how many offers were declined so far. */
  | { action: 'overflow'; bounces: number }
  /** Stop watching: nothing more can happen. */
  | { action: 'end' }
  /** Change nothing, and poll again later. */
  | { action: 'wait' }

/** What a poll has seen. `gone`: the platform knows no such conversation any more, so that nothing shows how the call has ended. */
export type SeenProgress = CallProgress | { status: 'gone'; bounces: number }

type ProgressOf<Status extends SeenProgress['status']> = Extract<SeenProgress, { status: Status }>
type Timeouts = Pick<Rules, 'pickupTimeoutMs' | 'pollIntervalMs'>

const wait: PollDecision = { action: 'wait' }

function move(to: State, code: TransferRecord['code'], message: string, detail: Detail = {}, patch: Patch = {}): PollDecision {
  return { action: 'move', to, patch: { ...patch, code, message }, detail }
}

/**
 * What a pickup adds to a record. `pickupMs` counts from the acceptance of the first hop. The clocks of the platform and of this service
 * differ, so a pickup that seems to be earlier than the acceptance counts as one at that moment, and one that seems to be later than now
 * counts as one that happens now.
 * @param now epoch ms; used as the time of the pickup if the platform names none
 */
export function pickupPatch({ initiatedAt }: TransferRecord, progress: ProgressOf<'picked_up'>, now: number): Patch {
  const pickedUpAt = progress.at === undefined ? now : Date.parse(progress.at)
  return {
    pickupTime: new Date(pickedUpAt).toISOString(),
    pickupMs: Math.max(0, Math.min(pickedUpAt, now) - (initiatedAt ?? pickedUpAt)),
    agentUserId: progress.userId ?? null,
    bounces: progress.bounces,
    code: null,
    message: null,
  }
}

type DecideFor<Status extends SeenProgress['status']> = (progress: ProgressOf<Status>, record: TransferRecord, now: number) => PollDecision

const decisionsAfterAcceptance: { [Status in SeenProgress['status']]: DecideFor<Status> } = {
  picked_up: (progress, record, now) => ({
    action: 'move',
    to: 'picked_up',
    patch: pickupPatch(record, progress, now),
    ...(progress.via && { detail: { via: progress.via } }),
  }),
  // Does not occur: a transfer that has created a callback itself is over, and a flow creates one after `decided`.
  callback_created: () => wait,
  ringing: () => wait,
  waiting: () => wait,
  gone: () => wait,
  abandoned: ({ at = null, bounces }) =>
    move('abandoned', 'CALLER_ABANDONED', 'The caller hung up before an agent picked up.', { at }, { bounces }),
  failed: ({ reason, bounces }) =>
    move('failed', 'TRANSFER_FAILED', `The platform did not complete the transfer: ${reason}.`, {}, { bounces }),
  flowed_out: ({ to }) => move('failed', 'FLOWED_OUT', `The in-queue flow moved the call to ${to}.`, { to }),
  elsewhere: () => move('superseded', 'SUPERSEDED', 'The call was moved elsewhere outside Handoff.'),
  unmoved: (_progress, record, now) =>
    now - (hopInitiatedAt(record) ?? now) < unmovedLimitMs
      ? wait
      : move('failed', 'TRANSFER_FAILED', 'The platform accepted the transfer, but the call stayed where it was.'),
}

/** Decides about an `initiated` transfer. A call that waits or rings moves on to another hop, if that is due, before it times out. */
function decideInitiated(record: TransferRecord, progress: SeenProgress, now: number, timeouts: Timeouts): PollDecision {
  const decide = decisionsAfterAcceptance[progress.status] as DecideFor<SeenProgress['status']>
  const decision = decide(progress, record, now)
  if (decision.action !== 'wait') return decision
  const { status, bounces } = progress
  if ((status === 'waiting' || status === 'ringing') && isOverflowDue(record, timeouts, now)) return { action: 'overflow', bounces }
  const timedOutAt = timeoutAt(record, timeouts, now)
  if (now >= timedOutAt)
    return move(
      'timeout',
      'PICKUP_TIMEOUT',
      `No agent picked up within ${timedOutAt - (hopInitiatedAt(record) ?? now)} ms; the call is ${status}.`,
      { seen: status },
      { bounces, lateWatch: true },
    )
  return bounces > record.bounces ? { action: 'note', patch: { bounces }, status: 'bounced', detail: { bounces } } : wait
}

/**
 * Decides about a `decided` transfer. The flow has followed the decision once the call waits, rings or was picked up at the target, or once
 * it has created the callback. Until then the flow may still be talking to the caller.
 */
function decideDecided(record: TransferRecord, { status }: SeenProgress, now: number, { pickupTimeoutMs }: Timeouts): PollDecision {
  const isOverdue = now - Date.parse(record.updatedAt) >= pickupTimeoutMs
  if (status === 'callback_created')
    return { action: 'move', to: 'callback_created', patch: callbackPatch(record, now), detail: { via: 'flow' } }
  if (status === 'picked_up' || status === 'ringing' || status === 'waiting')
    return { action: 'move', to: 'initiated', patch: { initiatedAt: now, latencyMs: now - record.receivedAt }, detail: { via: 'flow' } }
  // A flow that has created a callback says goodbye to the caller, and the platform may show the callback only after that.
  const canCallbackShowLater = isCallback(record) && !isOverdue
  if (status === 'abandoned' && !canCallbackShowLater)
    return move('abandoned', 'CALLER_ABANDONED', 'The caller hung up before the flow moved the call.')
  if (!isOverdue) return wait
  const task = isCallback(record) ? 'create the callback' : 'move the call to the target'
  return move('failed', 'DECISION_NOT_FOLLOWED', `The flow did not ${task} within ${pickupTimeoutMs} ms.`, { seen: status })
}

/** Decides about a transfer that has timed out: a late pickup is only noted, and the state stays. */
function decideTimedOut(record: TransferRecord, progress: SeenProgress, now: number, timeouts: Timeouts): PollDecision {
  if (progress.status === 'picked_up')
    return {
      action: 'note',
      patch: { lateWatch: false },
      status: 'late_pickup',
      detail: {
        agentUserId: progress.userId ?? null,
        at: progress.at ?? new Date(now).toISOString(),
        bounces: progress.bounces,
        ...(progress.via && { via: progress.via }),
      },
    }
  const isStillOpen = progress.status === 'ringing' || progress.status === 'waiting' || progress.status === 'unmoved'
  const isOverdue = now - timeoutAt(record, timeouts, now) > latePickupWatchFactor * timeouts.pickupTimeoutMs
  return isStillOpen && !isOverdue ? wait : { action: 'end' }
}

/**
 * Decides what to do about a transfer in `decided`, `initiated` or `timeout`; in any other state there is nothing to watch.
 * @param now epoch ms
 */
export function auditPoll(record: TransferRecord, progress: SeenProgress, now: number, timeouts: Timeouts): PollDecision {
  if (record.state === 'initiated') return decideInitiated(record, progress, now, timeouts)
  if (record.state === 'decided') return decideDecided(record, progress, now, timeouts)
  return record.state === 'timeout' ? decideTimedOut(record, progress, now, timeouts) : { action: 'end' }
}

/**
 * The time until the next poll, ms: the poll interval for the first four polls, then 15 % more each time, up to two and a half times the
 * interval; ten times the interval after a timeout.
 * @param polls how many polls of this transfer there were before
 * @param now epoch ms
 * @param receivesEvents whether events about this call arrive: then polls are only a safety net, and less frequent
 */
export function nextPollDelayMs(record: TransferRecord, polls: number, rules: Timeouts, now: number, receivesEvents = false): number {
  const { pollIntervalMs, pickupTimeoutMs } = rules
  if (record.state === 'timeout') return timedOutPollFactor * pollIntervalMs * (receivesEvents ? safetyNetFactor : 1)
  const delayMs = receivesEvents
    ? pollIntervalMs * safetyNetFactor
    : Math.min(pollIntervalMs * 1.15 ** Math.max(0, polls - 3), pollIntervalMs * 2.5)
  const moments =
    record.state === 'decided'
      ? [Date.parse(record.updatedAt) + pickupTimeoutMs]
      : [timeoutAt(record, rules, now), overflowAt(record, rules) ?? now]
  // A poll is due exactly at the timeout, and when the call is to move on, instead of up to an interval later.
  return Math.min(delayMs, ...moments.map((at) => at - now).filter((ms) => ms > 0))
}
