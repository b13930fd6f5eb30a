/** Platform calls and round trips of one transfer: from the request to the 202, and afterwards. */
import { setTimeout } from 'node:timers/promises'
import type { Benchmark, Report, Row } from './harness/benchmark.ts'
import { waitUntilOk, withProcesses } from './harness/child-process.ts'
import { runBenchmarks } from './harness/run-benchmarks.ts'
import { spawnService, type Service } from './harness/service-process.ts'
import { startSimulator, type Simulator } from './harness/simulator-process.ts'
import { median, round } from './harness/statistics.ts'
import { withTemporaryFolder } from './harness/temporary-folder.ts'
import { platformMs } from './round-trips/count-round-trips.ts'
import {
  addCall,
  addTarget,
  measureAfterwards,
  measureTransfer,
  type Measurement,
  type TargetKind,
} from './round-trips/measure-transfer.ts'

const sampleCount = 5
/** Availability is cached for about a second, definitions for minutes (src/genesys/directory.ts). */
const availabilityExpiredMs = 1_150

const cacheStates = { cold: 'cold', definitions: 'warm, availability > 1 s old', warm: 'warm' } as const

interface Case {
  kind: TargetKind
  caches: keyof typeof cacheStates
  /** Whether the request has a `context`, which is written to the call's attributes before the call moves. */
  hasContext?: boolean
}

/** A queue needs no availability, and a number no cached data at all, so they have fewer cases. */
const cases: readonly Case[] = [
  { kind: 'skill', caches: 'cold' },
  { kind: 'skill', caches: 'definitions' },
  { kind: 'skill', caches: 'warm' },
  { kind: 'skill', caches: 'warm', hasContext: true },
  { kind: 'queue', caches: 'cold' },
  { kind: 'queue', caches: 'warm' },
  { kind: 'agent', caches: 'cold' },
  { kind: 'agent', caches: 'warm' },
  { kind: 'number', caches: 'warm' },
]

async function measureCase({ kind, caches, hasContext = false }: Case, service: Service, simulator: Simulator): Promise<Measurement[]> {
  const targets = await Promise.all(Array.from({ length: sampleCount }, () => addTarget(kind, simulator)))
  /** Warms the caches with a dry run, which reads everything that a transfer reads and changes nothing. */
  async function warmCaches(target: object): Promise<void> {
    await service.request('POST', '/v1/transfers', { conversationId: await addCall(simulator), target, mode: 'dryRun' })
  }
  if (caches === 'definitions') {
    await Promise.all(targets.map(warmCaches))
    await setTimeout(availabilityExpiredMs)
  }
  const measured: Measurement[] = []
  for (const target of targets) {
    if (caches === 'warm') await warmCaches(target)
    measured.push(await measureTransfer({ target, hasContext }, service, simulator))
  }
  return measured
}

/** Formats all values that occurred, ascending. */
const formatRange = (values: readonly number[]): string => [...new Set(values)].toSorted((a, b) => a - b).join(' to ')

function createRow({ kind, hasContext = false }: Pick<Case, 'kind' | 'hasContext'>, caches: string, measured: readonly Measurement[]): Row {
  const roundTrips = measured.map((measurement) => measurement.roundTrips)
  const p50 = median(measured.map(({ latencyMs }) => latencyMs))
  return {
    target: `${kind}${hasContext ? ', with context' : ''}`,
    caches,
    calls: formatRange(measured.map(({ calls }) => calls)),
    'round trips': formatRange(roundTrips),
    'p50 ms': round(p50),
    'added ms': round(p50 - platformMs * median(roundTrips)),
  }
}

async function measure(): Promise<{ rows: Row[]; afterwards: Row[] }> {
  return withTemporaryFolder((folder) =>
    withProcesses(async (track) => {
      const simulator = await track(startSimulator(['--latency', String(platformMs)]))
      const service = await track(spawnService(simulator.url, folder, { settings: { ALLOWED_NUMBERS: '+4930*' } }))
      await waitUntilOk(service, '/health')
      // The first request also logs in, and runs code that is not compiled yet.
      const first = await measureTransfer({ target: await addTarget('skill', simulator) }, service, simulator)
      const rows = [createRow({ kind: 'skill' }, 'first request after start (logs in)', [first])]
      for (const each of cases) rows.push(createRow(each, cacheStates[each.caches], await measureCase(each, service, simulator)))
      const kinds = ['skill', 'queue', 'agent', 'number'] as const
      const afterwards = await Promise.all(kinds.map((kind) => measureAfterwards(kind, service, simulator)))
      return { rows, afterwards }
    }),
  )
}

async function run(): Promise<Report> {
  const { rows, afterwards } = await measure()
  const warmSkill = rows.find(({ target, caches }) => target === 'skill' && caches === 'warm')
  return {
    title: 'Round trips',
    method: [
      `Service and simulator are processes of their own; every platform call takes ${platformMs} ms; the ledger is a file. ${sampleCount} transfers of each kind, one after the other.`,
      'A round trip is a group of platform calls that overlap in time and are answered before the 202, according to the simulator\'s request log. "added ms" is the latency without the round trips.',
    ],
    tables: [rows, afterwards],
    targets: [
      {
        target: 'a skill with warm caches takes two round trips',
        measured: String(warmSkill?.['round trips']),
        isMet: warmSkill?.['round trips'] === '2',
      },
    ],
  }
}

export const benchmark: Benchmark = {
  name: 'round-trips',
  description: 'platform calls and round trips of a transfer, by target type',
  run,
}
if (import.meta.main) await runBenchmarks([benchmark], 'node bench/round-trips.ts')
