/**
 * What the audit trail says about callers without a valid key. Anyone can cause any number of refusals, and no audit row is ever deleted. So
 * refusals are counted, and one row a minute says how many there were, on which routes and from where (docs/architecture.md#audit-trail).
 */
import { createHmac } from 'node:crypto'
import { createAuditDraft } from '../ledger/audit/draft.ts'
import type { AuditDraft } from '../ledger/contract/audit.ts'

/** How long refusals are counted before a row says how many there were, ms. */
const intervalMs = 60_000
/** How many routes and how many sources a row names: those with the most refusals. The others are only counted. */
const maxNamed = 5
/** How many different sources are counted separately. */
const maxSources = 10_000

/** The refusal of a request whose caller has no valid key. */
export interface Refusal {
  code: AuditDraft['code']
  method: string
  /** The route's pattern. */
  route: string | null
  /** Keyed hash of the address that the request came from. */
  source: string
}

export interface RefusalRecorder {
  /** Counts a refusal. The first one after a minute without any is written at once, the others at the end of the minute. Never rejects. */
  record(refusal: Refusal): Promise<void>
  /** Ends the interval and writes what was counted. Never rejects. */
  close(): Promise<void>
}

export interface RefusalRecorderOptions {
  /** Appends a row to the audit trail. */
  append: (draft: AuditDraft) => Promise<void>
  /** Called when a row could not be written. The next row includes its counts. */
  onError: (error: unknown) => void
  /** Epoch ms. */
  clock: () => number
  /** Calls `work` once, a minute later. Tests replace it. */
  schedule?: (work: () => void) => Scheduled
}

interface Scheduled {
  cancel(): void
}

function scheduleInterval(work: () => void): Scheduled {
  const timer = setTimeout(work, intervalMs).unref()
  return { cancel: () => clearTimeout(timer) }
}

/** The first 16 hex digits of an HMAC-SHA256 of the address: requests from one source can be recognized, but the address cannot be read. */
export const hashSource = (address: string, secret: string): string =>
  createHmac('sha256', secret).update(`source ${address}`).digest('hex').slice(0, 16)

type Counts = Map<string, number>
const addToCount = (counts: Counts, name: string, count: number): void => void counts.set(name, (counts.get(name) ?? 0) + count)

/** The names with the highest counts, as "name count, name count", and the sum of the other counts. */
function formatCounts(counts: Counts, total: number): { text: string; others: number } {
  const named = [...counts].toSorted(([, a], [, b]) => b - a).slice(0, maxNamed)
  return {
    text: named.map(([name, count]) => `${name} ${count}`).join(', '),
    others: named.reduce((rest, [, count]) => rest - count, total),
  }
}

/** The refusals with one code since `since` (epoch ms). */
interface RefusalCounts {
  since: number
  count: number
  routes: Counts
  sources: Counts
}

function toDraft(code: AuditDraft['code'], { since, count, routes, sources }: RefusalCounts): AuditDraft {
  const topRoutes = formatCounts(routes, count)
  const topSources = formatCounts(sources, count)
  // A row about one route names it in the same fields as the row of a caller with a key.
  const [method = null, route = null] = routes.size === 1 ? ([...routes.keys()][0]?.split(' ') ?? []) : []
  return createAuditDraft('caller_refused', {
    code,
    detail: {
      method,
      route,
      count,
      since: new Date(since).toISOString(),
      ...(routes.size > 1 && { routes: topRoutes.text, otherRoutes: topRoutes.others }),
      sources: topSources.text,
      otherSources: topSources.others,
    },
  })
}

export function createRefusalRecorder({ append, onError, clock, schedule = scheduleInterval }: RefusalRecorderOptions): RefusalRecorder {
  let countsByCode = new Map<AuditDraft['code'], RefusalCounts>()
  let interval: Scheduled | undefined

  function countRefusal({ code, method, route, source }: Refusal): void {
    const counts = countsByCode.get(code) ?? { since: clock(), count: 0, routes: new Map(), sources: new Map() }
    countsByCode.set(code, counts)
    counts.count += 1
    addToCount(counts.routes, `${method} ${route ?? ''}`.trim(), 1)
    if (counts.sources.has(source) || counts.sources.size < maxSources) addToCount(counts.sources, source, 1)
  }

  /** Adds counts that could not be written to the current ones. */
  function restore(code: AuditDraft['code'], lost: RefusalCounts): void {
    const counts = countsByCode.get(code)
    if (!counts) return void countsByCode.set(code, lost)
    counts.since = lost.since
    counts.count += lost.count
    for (const [route, routeCount] of lost.routes) addToCount(counts.routes, route, routeCount)
    for (const [source, sourceCount] of lost.sources)
      if (counts.sources.has(source) || counts.sources.size < maxSources) addToCount(counts.sources, source, sourceCount)
  }

  /** Writes one row for each code. */
  async function writeRows(): Promise<void> {
    const countsToWrite = countsByCode
    countsByCode = new Map()
    for (const [code, counts] of countsToWrite)
      try {
        await append(toDraft(code, counts))
      } catch (error) {
        restore(code, counts)
        onError(error)
      }
  }

  /** Begins an interval. At its end the counts are written and another one begins, unless there was no refusal. */
  function beginInterval(): void {
    interval = schedule(() => {
      interval = undefined
      if (countsByCode.size === 0) return
      beginInterval()
      void writeRows()
    })
  }

  return {
    async record(refusal) {
      countRefusal(refusal)
      if (interval) return
      beginInterval()
      await writeRows()
    },
    async close() {
      interval?.cancel()
      await writeRows()
    },
  }
}
