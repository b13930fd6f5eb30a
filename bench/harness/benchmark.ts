/** What a benchmark is, and what it reports. */

export type Row = Readonly<Record<string, string | number | null>>

/** Something that must hold, as a sentence, and whether it does. */
export interface Target {
  target: string
  measured: string
  met: boolean
}

export interface Report {
  title: string
  /** How it was measured, one sentence or paragraph each. */
  method: readonly string[]
  tables: ReadonlyArray<readonly Row[]>
  targets: readonly Target[]
}

/** What the command line says, by the name of the flag. */
export type Flags = Readonly<Record<string, string | undefined>>

export interface Benchmark {
  /** The name of its file in `bench/`, without the extension. */
  name: string
  description: string
  /** What each flag is for, by its name. They can be given when the benchmark runs alone. */
  flags?: Readonly<Record<string, string>>
  run: (flags: Flags) => Promise<Report>
}

/** The target that no request of a load fails, for rows with a column `failures`. */
export function noRequestFails(rows: readonly Row[]): Target {
  const failures = rows.map((row) => row['failures']).filter(Boolean)
  return { target: 'no request fails', measured: failures.join('; ') || 'none failed', met: failures.length === 0 }
}
