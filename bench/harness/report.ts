/** How a bench is run and told: alone or with the others, as tables or as JSON. */
import { availableParallelism, loadavg } from 'node:os'
import { parseArgs } from 'node:util'

export type Row = Readonly<Record<string, string | number | null>>
export interface Report {
  title: string
  /** How it was measured, a sentence a line. */
  how: readonly string[]
  tables: ReadonlyArray<readonly Row[]>
  /** What must hold, in words, and whether it does. */
  targets: ReadonlyArray<{ target: string; measured: string; met: boolean }>
}
export interface Bench {
  name: string
  does: string
  run: () => Promise<Report>
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? Number(sorted[middle]) : (Number(sorted[middle - 1]) + Number(sorted[middle])) / 2
}
export const round = (value: number, digits = 0): number => Number(value.toFixed(digits))

function tableOf(rows: readonly Row[]): string {
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

/** Times measured on a busy machine say little. */
const machine = (): string => `This machine: ${availableParallelism()} cores, a load of ${loadavg()[0]?.toFixed(1)} over the last minute.`

const textOf = ({ title, how, tables, targets }: Report): string =>
  [
    `## ${title}`,
    '',
    ...how,
    '',
    ...tables.flatMap((rows) => [tableOf(rows), '']),
    ...targets.map(({ target, measured, met }) => `${met ? 'met   ' : 'MISSED'}  ${target}: ${measured}`),
    '',
  ].join('\n')

/** Runs benches one after the other by the words of the command line; exit code 1 where a target is missed. */
export async function report(benches: readonly Bench[], command: string): Promise<void> {
  try {
    const { values } = parseArgs({ options: { json: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } } })
    if (values.help) {
      process.stdout.write(
        `${command}           run and print tables; exit code 1 where a target is missed\n${command} --json    the same as JSON\n\n${benches.map(({ name, does }) => `bench/${name}.ts: ${does}\n`).join('')}`,
      )
      return
    }
    const reports: Report[] = []
    for (const { run } of benches) {
      const load = machine()
      // Side by side they would measure each other.
      // oxlint-disable-next-line no-await-in-loop
      const told = await run().then((one) => ({ ...one, how: [...one.how, load] }))
      reports.push(told)
      if (!values.json) process.stdout.write(`${textOf(told)}\n`)
    }
    if (values.json) process.stdout.write(`${JSON.stringify(reports, null, 2)}\n`)
    if (reports.some(({ targets }) => targets.some(({ met }) => !met))) process.exitCode = 1
  } catch (error) {
    process.stderr.write(`bench: ${(error as Error).message}\n`)
    process.exitCode = 1
  }
}
