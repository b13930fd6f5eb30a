/** How a bulk transfer that waits for the platform's rate limit says so, for as long as it waits. */
import type { Code } from './problems.ts'

export interface Waiting {
  /**
   * About when it goes on, ISO 8601; null: it has waited since it was requested or resumed, and goes on. Absent: it has not waited. The moment
   * is stored, and not the time that is left, so that every node can say how long it still takes.
   */
  waitsUntil?: string | null
}

interface Reason {
  code: Code | null
  message: string | null
}

/** Times are rounded up to this, because they are estimates, s. */
const stepSeconds = 5
/** Longer times are told in minutes, s. */
const longestInSeconds = 90

function describeTime(ms: number): string {
  const seconds = Math.max(1, Math.ceil(ms / 1_000 / stepSeconds)) * stepSeconds
  return seconds > longestInSeconds ? `${Math.ceil(seconds / 60)} minutes` : `${seconds} seconds`
}

/** Why it waits and about how long; undefined if it does not wait for the rate limit. @param now epoch ms */
export function describeWait({ waitsUntil }: Waiting, now: number): Reason | undefined {
  if (typeof waitsUntil !== 'string') return undefined
  const time = describeTime(Date.parse(waitsUntil) - now)
  return {
    code: 'RATE_LIMITED',
    message: `It waits for the platform's rate limit, of which it uses what other requests leave, up to half. It goes on in about ${time}.`,
  }
}
