/** The few statistics that the reports use. */

/** @param values not empty */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? Number(sorted[middle]) : (Number(sorted[middle - 1]) + Number(sorted[middle])) / 2
}

/** Rounds to so many digits after the decimal point. */
export const round = (value: number, digits = 0): number => Number(value.toFixed(digits))

/** Percentile by nearest rank. @param sorted ascending */
export const percentile = (sorted: readonly number[], percent: number): number =>
  sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? Number.NaN

export interface Percentiles {
  p50: number
  p95: number
  p99: number
}

/** Rounded to a tenth. @param sorted ascending */
export const percentilesOf = (sorted: readonly number[]): Percentiles => ({
  p50: round(percentile(sorted, 50), 1),
  p95: round(percentile(sorted, 95), 1),
  p99: round(percentile(sorted, 99), 1),
})
