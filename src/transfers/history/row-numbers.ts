/** Which numbers of audit rows have been seen, and which are still missing between them. */

/** A transaction of another node that has taken a number ends within this time (the database's time limits), so its row is there or never will be, ms. */
const longestTransactionMs = 15_000
/** More numbers than this are never taken at once; a larger gap is one that the database made when it was restarted. */
const maxGap = 5_000

export interface RowNumbers {
  /** The highest number that was seen. */
  readonly top: number
  /** Every row up to this number was seen, or will never be there: a reader that continues after it misses nothing. */
  readonly complete: number
  listMissing(): number[]
  /** Notes the numbers of rows that were read. @param now monotonic ms */
  note(numbers: readonly number[], now: number): void
  /** Leaves out everything up to this number. */
  skipTo(number: number): void
}

/** @param start the number after which the rows are read */
export function createRowNumbers(start: number): RowNumbers {
  let top = start
  /** When each missing number was found to be missing, monotonic ms. Numbers are added in ascending order. */
  const missing = new Map<number, number>()
  return {
    get top() {
      return top
    },
    get complete() {
      const [first] = missing.keys()
      return first === undefined ? top : first - 1
    },
    listMissing: () => [...missing.keys()],
    note(numbers, now) {
      for (const number of numbers.toSorted((a, b) => a - b)) {
        missing.delete(number)
        if (number <= top) continue
        if (number - top <= maxGap) for (let absent = top + 1; absent < number; absent++) missing.set(absent, now)
        top = number
      }
      for (const [number, since] of missing) if (now - since > longestTransactionMs) missing.delete(number)
    },
    skipTo(number) {
      missing.clear()
      top = Math.max(top, number)
    },
  }
}
