/** Prints campaign results: one row each, with the first violations and the counts below the table. */
import type { CampaignResult, ViolationKind } from './campaign-result.ts'

const printedViolations = 5

const count = ({ violations }: CampaignResult, ...kinds: ViolationKind[]): number =>
  violations.filter(({ kind }) => kinds.includes(kind)).length

const columns: ReadonlyArray<readonly [title: string, cell: (result: CampaignResult) => string | number]> = [
  ['point', ({ title }) => title],
  ['runs', ({ runs }) => runs],
  ['not reached', ({ unreached }) => unreached],
  ['duplicates', (result) => count(result, 'duplicate')],
  ['lost', (result) => count(result, 'lost', 'slow')],
  ['other', (result) => count(result, 'audit', 'crm', 'response', 'harness')],
  ['slowest, s', ({ slowestMs }) => (slowestMs / 1000).toFixed(1)],
]

/** The results as a text table. */
export function formatResults(results: readonly CampaignResult[]): string {
  const rows = [columns.map(([title]) => title), ...results.map((result) => columns.map(([, cell]) => String(cell(result))))]
  const widths = columns.map((_, column) => Math.max(...rows.map((row) => String(row[column]).length)))
  const table = rows.map((row) =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(Number(widths[column])) : cell.padStart(Number(widths[column])))).join('  '),
  )
  const violations = results.flatMap(({ title, violations: found }) =>
    found.slice(0, printedViolations).map(({ kind, description }) => `${title}: ${kind}: ${description}`),
  )
  const counts = results.flatMap(({ title, counts: counted }) => [...counted].map(([label, times]) => `${title}: ${label}: ${times}`))
  return [...table, '', ...violations, ...counts].join('\n').trimEnd()
}
