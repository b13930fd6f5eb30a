/** Handoff on PostgreSQL compared with SQLite: latency, throughput, growth, and what a transfer costs the database. */
import type { Benchmark, Flags, Report } from './harness/benchmark.ts'
import { runBenchmarks } from './harness/run-benchmarks.ts'
import { growth } from './postgres/growth.ts'
import { busyLatency, distantLatency, latency } from './postgres/latency.ts'
import type { Part } from './postgres/parts.ts'
import { roundTrips } from './postgres/round-trips.ts'
import { throughput } from './postgres/throughput.ts'
import { flags, parsePartOptions } from './postgres/parse-flags.ts'

/** The parts by the names that `--part` takes. */
const parts: Readonly<Record<string, Part>> = {
  latency,
  busy: busyLatency,
  distant: distantLatency,
  throughput,
  growth,
  'round-trips': roundTrips,
}

async function run(values: Flags): Promise<Report> {
  const options = parsePartOptions(values)
  const reports: Array<Awaited<ReturnType<Part>>> = []
  for (const name of values['part']?.split(',') ?? Object.keys(parts)) {
    const part = parts[name]
    if (!part) throw new Error(`there is no part ${JSON.stringify(name)}`)
    reports.push(await part(options))
  }
  return {
    title: 'PostgreSQL',
    method: [
      ...reports.flatMap(({ method }) => method),
      'PostgreSQL with fsync, services, simulator and load share this machine’s cores. Two nodes get half of the load each.',
    ],
    tables: reports.flatMap(({ tables }) => tables),
    targets: reports.flatMap(({ targets }) => targets),
  }
}

export const benchmark: Benchmark = {
  name: 'postgres',
  description: 'latency, throughput and growth on PostgreSQL, compared with SQLite',
  flags,
  run,
}
if (import.meta.main) await runBenchmarks([benchmark], 'node bench/postgres.ts')
