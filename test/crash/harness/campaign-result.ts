/** What one campaign, or one point of it, found: how often it ran, and which invariants were violated. */

/**
 * `duplicate`: something was done twice. `lost`: something was not done. `slow`: not final in time. `audit`, `crm`, `response`: the audit
 * trail, the webhooks or the responses disagree with the transfer. `harness`: the test itself failed.
 */
export type ViolationKind = 'duplicate' | 'lost' | 'slow' | 'audit' | 'crm' | 'response' | 'harness'

export interface Violation {
  kind: ViolationKind
  description: string
}

export interface CampaignResult {
  title: string
  /** Runs in which the fault really happened. */
  runs: number
  /** Runs in which the fault did not happen, so that they prove nothing. */
  unreached: number
  violations: Violation[]
  /** The longest time from the fault until the transfer was final, ms. */
  slowestMs: number
  /** Counts for the report, by label. They are not violations. */
  counts: Map<string, number>
}

/** An empty result. */
export const createResult = (title: string): CampaignResult => ({
  title,
  runs: 0,
  unreached: 0,
  violations: [],
  slowestMs: 0,
  counts: new Map(),
})

export const violation = (kind: ViolationKind, description: string): Violation => ({ kind, description })

/** An error of the test itself, as a violation. */
export const harnessViolation = (error: unknown): Violation => violation('harness', (error as Error).stack ?? String(error))

/** Adds to a count of the result; adding 0 does not create the label. */
export function addCount({ counts }: CampaignResult, label: string, amount = 1): void {
  if (amount > 0) counts.set(label, (counts.get(label) ?? 0) + amount)
}

/** Keeps a duration (ms) if it is the longest so far. */
export const recordDuration = (result: CampaignResult, ms: number): void => void (result.slowestMs = Math.max(result.slowestMs, ms))

/** Whether anything was violated, not reached, or not run at all. */
export const hasFailed = (results: readonly CampaignResult[]): boolean =>
  results.some(({ violations, unreached, runs }) => violations.length > 0 || unreached > 0 || runs === 0)
