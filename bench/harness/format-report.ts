/** How a report is formatted as text: the method, the tables, and the targets with what was measured. */
import type { Report, Row } from './benchmark.ts'

function formatTable(rows: readonly Row[]): string {
  const titles = Object.keys(rows[0] ?? {})
  const cells = [titles, ...rows.map((row) => titles.map((title) => String(row[title] ?? '-')))]
  const widths = titles.map((_, column) => Math.max(...cells.map((row) => String(row[column]).length)))
  return cells
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** Formats a report as text with aligned columns. */
export const formatReport = ({ title, method, tables, targets }: Report): string =>
  [
    `## ${title}`,
    '',
    ...method,
    '',
    ...tables.flatMap((rows) => [formatTable(rows), '']),
    ...targets.map(({ target, measured, isMet }) => `${isMet ? 'met   ' : 'MISSED'}  ${target}: ${measured}`),
    '',
  ].join('\n')
