/** How many log lines requests without a valid key may cause: what exceeds the limit is counted, and the counts are logged as one line. */

/** Lines per interval (ms). */
const defaultLimit = { lines: 120, intervalMs: 60_000 }

export interface LineLimit {
  /** Whether another line may be logged now. Otherwise it is counted under the label. */
  admits(label: string): boolean
  /** Reports what was counted in the interval that has not ended. */
  close(): void
  /** How many lines were not admitted since the start. */
  readonly suppressed: number
}

/**
 * Creates a limit. An interval begins with its first line.
 * @param report called at the end of an interval in which lines were not admitted, with their number by label
 */
export function createLineLimit(report: (counts: Record<string, number>) => void, limit = defaultLimit): LineLimit {
  let admitted = 0
  let suppressed = 0
  let counts = new Map<string, number>()
  let timer: NodeJS.Timeout | undefined

  function endInterval(): void {
    clearTimeout(timer)
    timer = undefined
    admitted = 0
    if (counts.size === 0) return
    report(Object.fromEntries(counts))
    counts = new Map()
  }
  return {
    admits(label) {
      timer ??= setTimeout(endInterval, limit.intervalMs).unref()
      if (admitted < limit.lines) {
        admitted++
        return true
      }
      suppressed++
      counts.set(label, (counts.get(label) ?? 0) + 1)
      return false
    },
    close: endInterval,
    get suppressed() {
      return suppressed
    },
  }
}
