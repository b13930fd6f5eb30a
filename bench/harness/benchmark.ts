/** The types of a benchmark and of its report, and the target that several benchmarks share. */

export type Row = Readonly<Record<string, string | number | null>>

/** A requirement, what was measured, and whether the requirement is met. */
export interface Target {
  target: string
  measured: string
  isMet: boolean
}

export interface Report {
  title: string
  /** How it was measured, one sentence or paragraph each. */
  method: readonly string[]
  tables: ReadonlyArray<readonly Row[]>
  targets: readonly Target[]
}

/** The values of the flags of the command line, by name. */
export type Flags = Readonly<Record<string, string | undefined>>

export interface Benchmark {
  /** The name of its file in `bench/`, without the extension. */
  name: string
  description: string
  /** The description of each flag, by name. Flags are accepted only when the benchmark runs alone. */
  flags?: Readonly<Record<string, string>>
  run: (flags: Flags) => Promise<Report>
}

/** Creates the target that no request of a load fails, from rows with a column `failures`. */
export function createNoFailuresTarget(rows: readonly Row[]): Target {
  const failures = rows.map((row) => row['failures']).filter(Boolean)
  return { target: 'no request fails', measured: failures.join('; ') || 'none failed', isMet: failures.length === 0 }
}
