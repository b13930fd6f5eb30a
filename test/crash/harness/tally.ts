/** What a campaign found: one line of the table. */
export type Kind = 'duplicate' | 'lost' | 'trail' | 'crm' | 'answer' | 'slow' | 'harness'
export interface Violation {
  kind: Kind
  what: string
}

export interface Tally {
  what: string
  /** Runs in which the thing that the campaign does really happened. */
  runs: number
  /** Runs in which it did not, and which prove nothing. */
  unreached: number
  violations: Violation[]
  /** From the death until the transfer was final, the slowest, ms. */
  slowestMs: number
  /** Things worth knowing that are no violations, counted. */
  remarks: Map<string, number>
}

export const newTally = (what: string): Tally => ({ what, runs: 0, unreached: 0, violations: [], slowestMs: 0, remarks: new Map() })
export const remark = ({ remarks }: Tally, text: string, times = 1): void =>
  void (times > 0 && remarks.set(text, (remarks.get(text) ?? 0) + times))

const count = ({ violations }: Tally, ...kinds: Kind[]): number => violations.filter(({ kind }) => kinds.includes(kind)).length
export const failed = (tallies: readonly Tally[]): boolean =>
  tallies.some(({ violations, unreached, runs }) => violations.length > 0 || unreached > 0 || runs === 0)

const columns: ReadonlyArray<readonly [string, (tally: Tally) => string | number]> = [
  ['what', ({ what }) => what],
  ['runs', ({ runs }) => runs],
  ['not reached', ({ unreached }) => unreached],
  ['duplicates', (tally) => count(tally, 'duplicate')],
  ['lost', (tally) => count(tally, 'lost', 'slow')],
  ['other', (tally) => count(tally, 'trail', 'crm', 'answer', 'harness')],
  ['slowest, s', ({ slowestMs }) => (slowestMs / 1000).toFixed(1)],
]

/** The table, and under it what was found. */
export function printed(tallies: readonly Tally[]): string {
  const rows = [columns.map(([title]) => title), ...tallies.map((tally) => columns.map(([, cell]) => String(cell(tally))))]
  const widths = columns.map((_, at) => Math.max(...rows.map((row) => String(row[at]).length)))
  const table = rows.map((row) =>
    row.map((cell, at) => (at === 0 ? cell.padEnd(Number(widths[at])) : cell.padStart(Number(widths[at])))).join('  '),
  )
  const found = tallies.flatMap(({ what, violations }) => violations.slice(0, 5).map(({ kind, what: text }) => `${what}: ${kind}: ${text}`))
  const remarks = tallies.flatMap(({ what, remarks: known }) => [...known].map(([text, times]) => `${what}: ${text}: ${times}`))
  return [...table, '', ...found, ...remarks].join('\n').trimEnd()
}
