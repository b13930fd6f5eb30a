/** Which transfers are stuck, why, and what a person can do. */
import { describePlace, isCallback } from './names.js'
import { formatCount, formatDuration, waitOf } from './format.js'

/** The platform answers within seconds. A transfer that is not through after this time waits for it, ms. */
const slowMs = 15_000
/** A flow moves the call within seconds of being told where, ms. */
const slowFlowMs = 60_000
/** How long a call waits before it counts as stuck, while nothing is known about the pickups of today, ms. */
const defaultExpectedMs = 60_000
/** Fewer pickups than this say nothing about what is normal. */
const enoughPickups = 20

/** How long a call is expected to wait for its pickup at most, by the pickups of the last day. @returns ms, and where it is from, in words */
export function expectWait(summary) {
  const { count = 0, p95 } = summary?.pickupMs ?? {}
  if (count < enoughPickups || !p95) return { ms: defaultExpectedMs, source: 'usual' }
  return { ms: Math.max(p95, 15_000), source: 'p95' }
}

/** What is unusual about a wait, if enough is known to say so. */
const compare = ({ ms, source }) =>
  source === 'p95' ? ` 95% of the calls of the last 24 hours were picked up within ${formatDuration(ms)}.` : ''

const explainers = {
  indeterminate: ({ transfer, may }) => ({
    why: `The platform did not say whether it ${isCallback(transfer) ? 'created the callback' : 'moved the call'}, and reading has not shown it.`,
    todo: `${isCallback(transfer) ? 'Look in Genesys Cloud: is there a callback for the caller?' : 'Look at the conversation in Genesys Cloud: is the caller in the queue, with an agent, or gone?'} ${may('transfers:settle') ? 'Then settle it here.' : 'Someone whose key may settle transfers can then settle it here.'}`,
    action: 'settle',
  }),
  slow: ({ wait }) => ({
    why: `The platform has not answered for ${formatDuration(wait)}.`,
    todo: 'Nothing needs to be done yet: within about a minute Handoff finds out what happened, or the transfer is “Unclear” and can be settled. If many are like this, look at the platform under “How it goes”.',
    action: 'figures',
  }),
  flow: ({ wait }) => ({
    why: `The flow was told where to move the call ${formatDuration(wait)} ago, and has not moved it.`,
    todo: 'Did the flow take another path? Look at the conversation in Genesys Cloud.',
    action: 'open',
  }),
  waiting: ({ wait, transfer, expected, others, may }) => ({
    why: `${others > 0 ? `${formatCount(others + 1)} calls wait; nobody has picked up the first` : 'Nobody has picked up'} for ${formatDuration(wait)}.${compare(expected)}`,
    todo: `Is anyone on queue at ${describePlace(transfer)}?${may('transfers:write') ? (others > 0 ? ' If not, move the calls elsewhere.' : ' Raise the priority, or move the call elsewhere.') : ''}`,
    action: 'move',
  }),
}

/** How long a transfer has been in what it waits for now, ms. Until the platform accepts a hop, that is its state. */
const stuckFor = (transfer, now) =>
  ['accepted', 'executing'].includes(transfer.state) ? now - Date.parse(transfer.updatedAt) : waitOf(transfer, now)

/** The longest usual wait in a state, ms, and the explanation of a longer one. A state that is not here is never stuck. */
const limits = {
  indeterminate: { kind: 'indeterminate', ms: () => -Infinity },
  accepted: { kind: 'slow', ms: () => slowMs },
  executing: { kind: 'slow', ms: () => slowMs },
  decided: { kind: 'flow', ms: () => slowFlowMs },
  initiated: { kind: 'waiting', ms: (expected) => expected.ms },
}

/** Which of the explanations holds for a transfer that has waited for `wait` ms; undefined if it is not stuck. */
function kindOf({ state }, wait, expected) {
  const limit = limits[state]
  return limit && wait > limit.ms(expected) ? limit.kind : undefined
}

/**
 * Why a transfer is stuck and what to do; undefined if it is not.
 * @param others how many more wait at the same place
 * @param may whether the key has a scope: nothing is advised that it may not do
 */
export function explainStuck(transfer, now, expected, others = 0, may = () => true) {
  const wait = stuckFor(transfer, now)
  const kind = kindOf(transfer, wait, expected)
  return kind && explainers[kind]({ wait, transfer, expected, others, may })
}

const needsPerson = ({ kind }) => Number(kind === 'indeterminate')
/** Calls that wait at the same place are one entry. Two queues may have the same name, so the place is known by its ids. */
const groupOf = ({ kind, transfer }) => (kind === 'waiting' ? placeOf(transfer.resolvedTarget ?? transfer.target) : transfer.id)
const placeOf = ({ type, queueId, userId, skillIds, skillId, address }) => [type, queueId, userId, skillIds, skillId, address].join()

/**
 * The stuck transfers, those that a person must decide about first, then the longest waiting.
 * @returns `ids` of all; `counts` by kind; `entries`: one for each, or one for all that wait at the same place, whose transfer is the one that waits longest
 */
export function listStuck(transfers, now, expected) {
  const stuck = []
  const counts = {}
  for (const transfer of transfers) {
    const wait = stuckFor(transfer, now)
    const kind = kindOf(transfer, wait, expected)
    if (!kind) continue
    stuck.push({ transfer, wait, kind, others: 0 })
    counts[kind] = (counts[kind] ?? 0) + 1
  }
  stuck.sort((one, other) => needsPerson(other) - needsPerson(one) || other.wait - one.wait)
  const entries = new Map()
  for (const entry of stuck) {
    const first = entries.get(groupOf(entry))
    if (first) first.others += 1
    else entries.set(groupOf(entry), entry)
  }
  return { entries: [...entries.values()], counts, ids: new Set(stuck.map(({ transfer }) => transfer.id)) }
}
