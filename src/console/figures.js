/** Reads the figures of a day: counts of each two hours, the day as a whole, the same of a week before, and how much the platform still takes. */
import { request, send, withNames } from './api.js'

const hoursOfBar = 2
const hourMs = 3_600_000
const weekMs = 7 * 24 * hourMs

/** The outcomes that the chart shows, each made of states. */
export const outcomes = [
  { name: 'picked', label: 'Picked up', tone: 'good', states: ['picked_up', 'callback_created'] },
  { name: 'open', label: 'Under way', tone: 'info', states: ['accepted', 'executing', 'decided', 'initiated', 'indeterminate'] },
  { name: 'lost', label: 'Not picked up', tone: 'warn', states: ['timeout', 'abandoned'] },
  { name: 'replaced', label: 'Moved on by a later transfer', tone: 'quiet', states: ['superseded'] },
  { name: 'refused', label: 'Refused or failed', tone: 'bad', states: ['rejected', 'failed'] },
]

const summarize = (since, until, signal, more = {}) =>
  request('v1/transfers/summary', {
    query: {
      since: new Date(since).toISOString(),
      until: new Date(until).toISOString(),
      ...more,
    },
    signal,
  })

/** Local midnight. A day of the change to summer time has another length, so hours are counted by the clock. */
const startOfDay = (now) => new Date(now.getFullYear(), now.getMonth(), now.getDate())
const atHour = (day, hour) => new Date(day.getFullYear(), day.getMonth(), day.getDate(), hour).getTime()

/** Runs tasks, a few at a time: the service has other callers, too. */
async function runFew(tasks) {
  const results = []
  let next = 0
  const work = async () => {
    while (next < tasks.length) {
      const index = next++
      results[index] = await tasks[index]()
    }
  }
  await Promise.all(Array.from({ length: 4 }, work))
  return results
}

/** The bars of today, with the total of the same hours a week ago. */
export async function readBars(now, signal) {
  const today = startOfDay(now)
  const lastWeek = new Date(today.getFullYear(), today.getMonth(), today.getDate() - 7)
  const hours = Array.from({ length: 24 / hoursOfBar }, (_, index) => index * hoursOfBar)
  const tasks = hours.flatMap((hour) => [
    async () =>
      atHour(today, hour) > now.getTime() ? undefined : summarize(atHour(today, hour), atHour(today, hour + hoursOfBar), signal),
    () => summarize(atHour(lastWeek, hour), atHour(lastWeek, hour + hoursOfBar), signal),
  ])
  const results = await runFew(tasks)
  return hours.map((hour, index) => {
    const byState = results[2 * index]?.byState ?? {}
    const values = Object.fromEntries(
      outcomes.map(({ name, states }) => [name, states.reduce((sum, state) => sum + (byState[state] ?? 0), 0)]),
    )
    return { label: `${String(hour).padStart(2, '0')}:00`, values, before: results[2 * index + 1].total }
  })
}

/** Today so far, the same hours of the same day a week ago, and today's groups. */
export async function readDay(now, signal) {
  const [since, until] = [startOfDay(now).getTime(), now.getTime()]
  const [today, lastWeek, byQueue, byReason] = await Promise.all([
    summarize(since, until, signal),
    summarize(since - weekMs, until - weekMs, signal),
    summarize(since, until, signal, { groupBy: 'queue', ...withNames }),
    summarize(since, until, signal, { groupBy: 'reason' }),
  ])
  return { now, today, lastWeek, queues: byQueue.groups, reasons: byReason.groups }
}

/** Asks for the names of today's queues. */
export const learnQueueNames = ({ now }, signal) =>
  summarize(startOfDay(now).getTime(), now.getTime(), signal, { groupBy: 'queue', ...withNames })

/** How often each code of a refusal or a failure occurred, the most frequent first. A call that a later transfer moved on is neither. */
export const listCodes = (byCode) =>
  Object.entries(byCode)
    .filter(([code]) => code !== 'SUPERSEDED')
    .toSorted((one, other) => other[1] - one[1])

/** The sum of a gauge over all its labels; undefined if the metrics do not contain it. */
function sumGauge(text, name) {
  const values = [...text.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)`, 'gm'))].map(([, value]) => Number(value))
  return values.length > 0 ? values.reduce((sum, value) => sum + value, 0) : undefined
}

/** How much of the platform's rate limit this node uses, whether requests wait, and whether the platform counts as down. */
export async function readHeadroom(signal) {
  const text = await (await send('metrics', { signal })).text()
  const gauge = (name) => sumGauge(text, `handoff_${name}`)
  return {
    limit: gauge('governor_limit'),
    used: gauge('governor_used'),
    waiting: gauge('governor_waiting'),
    breaker: gauge('breaker_state'),
  }
}
