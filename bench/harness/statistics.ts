/** The statistics that the reports use: median, percentiles and rounding. */

/** @param values not empty */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? Number(sorted[middle]) : (Number(sorted[middle - 1]) + Number(sorted[middle])) / 2
}

/** Rounds to `digits` digits after the decimal point. */
export const round = (value: number, digits = 0): number => Number(value.toFixed(digits))

/** Returns a percentile by the nearest-rank method. @param sorted ascending */
export const percentile = (sorted: readonly number[], percent: number): number =>
  sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? Number.NaN

export interface Percentiles {
  p50: number
  p95: number
  p99: number
}

/** Computes percentiles, rounded to a tenth. @param sorted ascending */
export const computePercentiles = (sorted: readonly number[]): Percentiles => ({
  p50: round(percentile(sorted, 50), 1),
  p95: round(percentile(sorted, 95), 1),
  p99: round(percentile(sorted, 99), 1),
})
