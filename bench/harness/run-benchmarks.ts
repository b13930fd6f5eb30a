/** Runs benchmarks one after the other, and prints their reports as tables or as JSON. */
import { availableParallelism, loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import type { Benchmark, Report } from './benchmark.ts'
import { formatReport } from './format-report.ts'

/** Times that are measured on a busy machine mean little, so each report names the load of the machine. */
const describeMachine = (): string =>
  `This machine: ${availableParallelism()} cores, a load of ${loadavg()[0]?.toFixed(1)} over the minute before.`

/** Returns the flags of a benchmark that runs alone; several benchmarks have no common flags. */
const getFlags = ([first, ...others]: readonly Benchmark[]): Readonly<Record<string, string>> => (others.length === 0 && first?.flags) || {}

const formatUsage = (benchmarks: readonly Benchmark[], command: string): string =>
  [
    `${command}           run and print tables; exit code 1 when a target is missed`,
    `${command} --json    the same as JSON`,
    ...Object.entries(getFlags(benchmarks)).map(([name, description]) => `  --${name}: ${description}`),
    '',
    ...benchmarks.map(({ name, description }) => `bench/${name}.ts: ${description}`),
    '',
  ].join('\n')

/**
 * Runs all benchmarks and prints their reports. Sets the exit code to 1 when a target is missed or a benchmark fails.
 * @param command how the user starts this, for `--help`
 */
export async function runBenchmarks(benchmarks: readonly Benchmark[], command: string): Promise<void> {
  try {
    const flagTypes = Object.fromEntries(Object.keys(getFlags(benchmarks)).map((name) => [name, { type: 'string' } as const]))
    const { values } = parseArgs({
      options: { json: { type: 'boolean', default: false }, help: { type: 'boolean', default: false }, ...flagTypes },
    })
    const { json, help, ...flags } = values
    if (help) {
      process.stdout.write(formatUsage(benchmarks, command))
      return
    }
    const reports: Report[] = []
    // One after the other, because they would slow each other down.
    for (const { run } of benchmarks) {
      const machine = describeMachine()
      const measured = await run(flags)
      const report = { ...measured, method: [...measured.method, machine] }
      reports.push(report)
      if (!json) process.stdout.write(`${formatReport(report)}\n`)
    }
    if (json) process.stdout.write(`${JSON.stringify(reports, null, 2)}\n`)
    if (reports.some(({ targets }) => targets.some(({ isMet }) => !isMet))) process.exitCode = 1
  } catch (error) {
    process.stderr.write(`bench: ${(error as Error).message}\n`)
    process.exitCode = 1
  }
}
