/** Platform calls and round trips of one transfer: on the critical path (request to 202), and afterwards. */
import { setTimeout } from 'node:timers/promises'
import type { LoggedCall } from '../src/simulator/platform/call-log.ts'
import { answers, inFolder, spawnService, startSimulator, type Service, type Simulator } from './harness/processes.ts'
import { median, report, round, type Bench, type Report, type Row } from './harness/report.ts'

const platformMs = 80
const samples = 5
/** Availability is remembered for about a second; definitions for minutes (src/genesys/directory.ts). */
const availabilityForgottenMs = 1_150

type Kind = 'agent' | 'queue' | 'skill' | 'number'
type Caches = 'cold' | 'definitions' | 'warm'
interface Case {
  kind: Kind
  caches: Caches
  context?: true
}
/** A queue has no availability to forget, a number nothing at all. */
const cases: readonly Case[] = [
  { kind: 'skill', caches: 'cold' },
  { kind: 'skill', caches: 'definitions' },
  { kind: 'skill', caches: 'warm' },
  { kind: 'skill', caches: 'warm', context: true },
  { kind: 'queue', caches: 'cold' },
  { kind: 'queue', caches: 'warm' },
  { kind: 'agent', caches: 'cold' },
  { kind: 'agent', caches: 'warm' },
  { kind: 'number', caches: 'warm' },
]

interface Sample {
  ms: number
  calls: number
  trips: number
  conversationId: string
  to: number
}

/** A target that nobody has asked about yet, with an agent who can take the call. */
async function freshTarget(kind: Kind, simulator: Simulator): Promise<object> {
  if (kind === 'number') return { type: 'number', address: '+4930123456' }
  const { id: skillId } = await simulator.tell<{ id: string }>('POST', '/skills', {})
  const { id: queueId } = await simulator.tell<{ id: string }>('POST', '/queues', {})
  const { id: userId } = await simulator.tell<{ id: string }>('POST', '/agents', {
    skillIds: [skillId],
    queueIds: [queueId],
    answers: [{ after: 600, with: 'pickup' }],
  })
  return { agent: { type: 'agent', userId }, queue: { type: 'queue', queueId }, skill: { type: 'skill', skillId, queueId } }[kind]
}

const arrive = async (simulator: Simulator): Promise<string> =>
  (await simulator.tell<{ conversationId: string }>('POST', '/conversations', { in: 'ivr' })).conversationId

/** When a call that came at `at` is over: after the platform's 80 ms, less a little for timers that fire early. */
const over = (at: number): number => at + platformMs - 15

/** Groups of calls that overlap in time. */
export function roundTrips(calls: readonly Pick<LoggedCall, 'at'>[]): number {
  let trips = 0
  let end = -Infinity
  for (const at of calls.map((call) => Date.parse(call.at)).toSorted((a, b) => a - b)) {
    if (at >= end) trips++
    end = Math.max(end, over(at))
  }
  return trips
}

/** Calls about this conversation, and those about no conversation: lookups and logins. */
const concerning = (calls: LoggedCall[], conversationId: string): LoggedCall[] =>
  calls.filter(({ path }) => path.includes(conversationId) || !path.includes('/conversations/'))

async function measure(target: object, context: true | undefined, service: Service, simulator: Simulator): Promise<Sample> {
  const conversationId = await arrive(simulator)
  const { status, body, ms, from, to } = await service.ask<{ code?: string }>('POST', '/v1/transfers', {
    conversationId,
    target,
    ...(context && { context: { reason: 'bench' } }),
  })
  if (status !== 202) throw new Error(`a transfer was answered ${status} ${body.code}`)
  const calls = concerning(await simulator.calls(), conversationId).filter(({ at }) => Date.parse(at) >= from && over(Date.parse(at)) <= to)
  return { ms, calls: calls.length, trips: roundTrips(calls), conversationId, to }
}

async function samplesOf({ kind, caches, context }: Case, service: Service, simulator: Simulator): Promise<Sample[]> {
  const targets = await Promise.all(Array.from({ length: samples }, () => freshTarget(kind, simulator)))
  /** A dry run reads all that a transfer reads and changes nothing. */
  const warm = async (target: object): Promise<void> =>
    void (await service.ask('POST', '/v1/transfers', { conversationId: await arrive(simulator), target, mode: 'dryRun' }))
  if (caches === 'definitions') {
    await Promise.all(targets.map(warm))
    await setTimeout(availabilityForgottenMs)
  }
  const measured: Sample[] = []
  for (const target of targets) {
    if (caches === 'warm') await warm(target)
    measured.push(await measure(target, context, service, simulator))
  }
  return measured
}

const cachesInWords: Readonly<Record<Caches, string>> = { cold: 'cold', definitions: 'warm, availability > 1 s old', warm: 'warm' }
const span = (values: number[]): string => [...new Set(values)].toSorted((a, b) => a - b).join(' to ')

function rowOf({ kind, caches, context }: Case, measured: Sample[]): Row {
  const trips = measured.map((sample) => sample.trips)
  const p50 = median(measured.map(({ ms }) => ms))
  return {
    target: `${kind}${context ? ', with context' : ''}`,
    caches: cachesInWords[caches],
    calls: span(measured.map(({ calls }) => calls)),
    'round trips': span(trips),
    'p50 ms': round(p50),
    'own ms': round(p50 - platformMs * median(trips)),
  }
}

/** What follows the answer, of one transfer: until nothing new has come for a while. */
async function afterwards(kind: Kind, service: Service, simulator: Simulator): Promise<Row> {
  const { conversationId, to } = await measure(await freshTarget(kind, simulator), undefined, service, simulator)
  await setTimeout(3_000)
  const later = concerning(await simulator.calls(), conversationId).filter(
    ({ at, path }) => over(Date.parse(at)) > to && path.includes(conversationId),
  )
  const first = (wanted: string): number | null => {
    const call = later.find(({ operation }) => operation.includes(wanted))
    return call ? Math.max(0, Date.parse(call.at) - to) : null
  }
  const many = (wanted: string): number => later.filter(({ operation }) => operation.includes(wanted)).length
  return {
    'after the 202': kind,
    'routing PATCH': many('/routing/conversations'),
    'after ms': first('/routing/conversations'),
    'attributes PATCH': many('/attributes'),
    'from ms': first('/attributes'),
    'polls until pickup': many('GET /conversations'),
    'first poll ms': first('GET /conversations'),
  }
}

async function run(): Promise<Report> {
  const simulator = await startSimulator(['--latency', String(platformMs)])
  try {
    return await inFolder(async (folder) => {
      const service = await spawnService(simulator.url, folder, { settings: { ALLOWED_NUMBERS: '+4930*' } })
      try {
        await answers(service, '/health')
        // Nothing was asked before: this one logs in as well, and Node compiles what it has not run yet.
        const first = await measure(await freshTarget('skill', simulator), undefined, service, simulator)
        const rows: Row[] = [{ ...rowOf({ kind: 'skill', caches: 'cold' }, [first]), caches: 'first request after start (logs in)' }]
        for (const one of cases) rows.push(rowOf(one, await samplesOf(one, service, simulator)))
        const later = await Promise.all(
          (['skill', 'queue', 'agent', 'number'] as const).map((kind) => afterwards(kind, service, simulator)),
        )
        return reportOf(rows, later)
      } finally {
        await service.stop()
      }
    })
  } finally {
    await simulator.stop()
  }
}

function reportOf(rows: Row[], later: Row[]): Report {
  const skill = rows.find(({ target, caches }) => target === 'skill' && caches === 'warm')
  return {
    title: 'Round trips',
    how: [
      `The service and the simulator as processes of their own; every platform call takes ${platformMs} ms; the ledger is a file. ${samples} transfers of each kind, one after the other.`,
      'A round trip is a group of calls that overlap in time, answered between the request and its 202, by the simulator\'s own log. "own ms" is the latency beyond them.',
    ],
    tables: [rows, later],
    targets: [
      {
        target: 'a skill with warm caches takes two round trips',
        measured: String(skill?.['round trips']),
        met: skill?.['round trips'] === '2',
      },
    ],
  }
}

export const bench: Bench = { name: 'round-trips', does: 'platform calls and round trips of a transfer, by target type', run }
if (import.meta.main) await report([bench], 'node bench/round-trips.ts')
