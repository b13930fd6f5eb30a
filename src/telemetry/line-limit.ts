/** How many log lines requests without a valid key may cause. Lines beyond the limit are counted, and the counts are logged as one line. */

const defaultLimit = { lines: 120, intervalMs: 60_000 }

export interface LineLimit {
  /** Returns whether another line may be logged now. If not, counts the line under `label`. */
  admits(label: string): boolean
  /** Ends the current interval and reports its counts. */
  close(): void
  /** How many lines were counted instead of logged since the start. */
  readonly suppressed: number
}

/**
 * Creates a limit. An interval begins with its first line.
 * @param report called at the end of an interval in which lines were counted instead of logged, with their number by label
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
