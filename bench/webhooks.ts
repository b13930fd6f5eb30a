/** How long it takes until the CRM has been told: from the change being handed to the ledger to the receiver having the whole event; and how fast a queue drains. */
import { fork } from 'node:child_process'
import { randomBytes, randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { openLedger } from '../src/ledger/open.ts'
import type { CrmEvent } from '../src/ledger/ledger.ts'
import type { State } from '../src/model/states.ts'
import { createTransferRecord } from '../src/transfers/request/new-transfer.ts'
import { auditDraft, transition } from '../src/transfers/transition.ts'
import type { TransferRecord } from '../src/model/transfer.ts'
import { createDeliveryWorker, type DeliveryWorker } from '../src/webhooks/delivery-worker.ts'
import { endpointsOf } from '../src/webhooks/endpoints.ts'
import { parseNetworks } from '../src/webhooks/network-guard.ts'
import { createWebhookSender } from '../src/webhooks/webhook-sender.ts'
import { inFolder } from './harness/processes.ts'
import { report, round, type Bench, type Report, type Row } from './harness/report.ts'
import type { FromReceiver } from './harness/webhook-receiver.ts'

/** Two of them make a transfer: initiated, and picked up a second later. */
const eventsPerSecond = 100
const seconds = 30
const pickupMs = 1_000
const backlog = 5_000
const slowMs = 50
/** Anchor: Outpost, p95 at the same rate. */
const targetMs = 1_000
const quietMs = 60_000

const now = (): number => performance.timeOrigin + performance.now()
/** The least value that so many in a hundred do not exceed. */
const percentile = (sorted: readonly number[], percent: number): number => Number(sorted[Math.ceil((sorted.length * percent) / 100) - 1])

interface Receiver {
  url: string
  /** When each event was there, epoch ms. */
  arrived: Map<string, number>
  stop(): void
}

async function startReceiver(answersAfterMs: number): Promise<Receiver> {
  const child = fork(join(import.meta.dirname, 'harness/webhook-receiver.ts'), {
    execArgv: [],
    env: { PATH: process.env['PATH'], ANSWERS_AFTER_MS: String(answersAfterMs) },
  })
  const arrived = new Map<string, number>()
  const port = await new Promise<number>((found) =>
    child.on('message', (message: FromReceiver) => {
      if ('port' in message) found(message.port)
      else if (!arrived.has(message.id)) arrived.set(message.id, message.at)
    }),
  )
  return { url: `http://127.0.0.1:${port}/hook`, arrived, stop: () => void child.kill() }
}

async function allArrived({ arrived }: Receiver, many: number): Promise<void> {
  for (const end = Date.now() + quietMs; arrived.size < many; await setTimeout(5))
    if (Date.now() > end) throw new Error(`only ${arrived.size} of ${many} events arrived`)
}

const asked = {
  mode: 'execute' as const,
  target: { type: 'queue' as const, queueId: randomUUID() },
  fallback: [],
  priority: 0,
  context: {},
  key: undefined,
  fingerprint: 'f',
}

/** A ledger file with transfers that tell one endpoint, and the deliverer that sends what they queue. */
async function bed(folder: string, receiver: Receiver) {
  const ledger = await openLedger(`sqlite:${join(folder, 'handoff.db')}`, { auditKey: 'audit key of the benches' })
  const [endpoint] = endpointsOf([receiver.url], [[randomBytes(24)]], [['*']])
  if (!endpoint) throw new Error('there is no endpoint')
  const poster = createWebhookSender({ allowedNetworks: parseNetworks('127.0.0.0/8') })
  /** When each event was handed to the ledger, epoch ms. */
  const queued = new Map<string, number>()

  const moved = async (record: TransferRecord, to: State): Promise<TransferRecord> => {
    const { telling, ...change } = transition(
      record,
      to,
      to === 'initiated' ? { initiatedAt: Date.now() } : {},
      { stage: 'execution' },
      Date.now(),
    )
    const events: CrmEvent[] = telling ? [{ id: `evt_${randomUUID()}`, ...telling, endpoint: endpoint.id }] : []
    for (const { id } of events) queued.set(id, now())
    await ledger.record({ ...change, events })
    return change.record
  }
  return {
    queued,
    moved,
    initiated: async (): Promise<TransferRecord> => {
      const conversationId = randomUUID()
      const traceparent = `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`
      const record = createTransferRecord(
        { ...asked, conversationId, identity: conversationId, traceparent },
        { id: 'bench', queues: null },
        Date.now(),
        8_000,
        Date.now(),
      )
      const opened = await ledger.open({ record, identity: conversationId, audit: auditDraft(record, 'accepted', 'validation') })
      if (opened.outcome !== 'accepted') throw new Error(`a transfer was ${opened.outcome}`)
      return moved(await moved(opened.record, 'executing'), 'initiated')
    },
    deliver: () => {
      const quiet = { info() {}, warn() {}, error() {} }
      return createDeliveryWorker({ ledger, post: poster.post, endpoint, clock: Date.now, random: Math.random, log: quiet })
    },
    close: async (deliverer: DeliveryWorker): Promise<void> => {
      await deliverer.close()
      await poster.close()
      await ledger.close()
    },
  }
}

/** Events at a steady rate, whether or not those before have arrived; ms from the ledger to the receiver, sorted, and how late a transfer was begun at the most. */
async function latencies(folder: string): Promise<{ sorted: number[]; lateMs: number }> {
  const receiver = await startReceiver(0)
  try {
    const { queued, initiated, moved, deliver, close } = await bed(folder, receiver)
    const deliverer = deliver()
    const transfers = (eventsPerSecond * seconds) / 2
    const everyMs = 2_000 / eventsPerSecond
    const under: Array<Promise<unknown>> = []
    let lateMs = 0
    const began = performance.now()
    for (let n = 0; n < transfers; n++) {
      const wait = began + n * everyMs - performance.now()
      if (wait > 0) await setTimeout(wait)
      lateMs = Math.max(lateMs, performance.now() - began - n * everyMs)
      under.push(initiated().then(async (record) => setTimeout(pickupMs).then(() => moved(record, 'picked_up'))))
    }
    await Promise.all(under)
    await allArrived(receiver, 2 * transfers)
    await close(deliverer)
    const sorted = [...queued].map(([id, from]) => Number(receiver.arrived.get(id)) - from).toSorted((a, b) => a - b)
    return { sorted, lateMs }
  } finally {
    receiver.stop()
  }
}

/** A queue of many transfers' events that nobody has sent yet; events a second until the last is there. */
async function drain(folder: string, answersAfterMs: number): Promise<number> {
  const receiver = await startReceiver(answersAfterMs)
  try {
    const { initiated, deliver, close } = await bed(folder, receiver)
    await Promise.all(Array.from({ length: backlog }, initiated))
    const began = performance.now()
    const deliverer = deliver()
    await allArrived(receiver, backlog)
    const rate = (backlog * 1000) / (performance.now() - began)
    await close(deliverer)
    return rate
  } finally {
    receiver.stop()
  }
}

async function run(): Promise<Report> {
  const { sorted, lateMs } = await inFolder(latencies)
  const fast = await inFolder((folder) => drain(folder, 0))
  const slow = await inFolder((folder) => drain(folder, slowMs))
  const [p50, p95, p99] = [50, 95, 99].map((percent) => percentile(sorted, percent)) as [number, number, number]
  const rows: Row[] = [
    { 'receiver answers': 'at once', 'events a second': round(fast) },
    { 'receiver answers': `after ${slowMs} ms`, 'events a second': round(slow) },
  ]
  return {
    title: 'Webhooks',
    how: [
      'Ledger (a new SQLite file), deliverer and poster as the service has them, in one process; the receiver on loopback in another. No platform, no log.',
      `Latency: from ledger.record being called with the event to the receiver having its last byte; ${eventsPerSecond} events a second for ${seconds} s, whether or not those before have arrived: ${eventsPerSecond / 2} transfers a second, each opened, executing, initiated, and picked up ${pickupMs / 1000} s later. Latest start: how long after its time a transfer was begun, at the most.`,
      `Drain: ${backlog} events of as many transfers, queued less than a minute ago while nobody sent. What has waited for longer goes at 50 a second by design (src/webhooks/pace.ts).`,
    ],
    tables: [
      [
        {
          events: sorted.length,
          'p50 ms': round(p50, 1),
          'p95 ms': round(p95, 1),
          'p99 ms': round(p99, 1),
          'slowest ms': round(Number(sorted.at(-1)), 1),
          'latest start ms': round(lateMs, 1),
        },
      ],
      rows,
    ],
    targets: [
      { target: `p95 below ${targetMs} ms at ${eventsPerSecond} events a second`, measured: `${round(p95, 1)} ms`, met: p95 < targetMs },
    ],
  }
}

export const bench: Bench = {
  name: 'webhooks',
  does: 'time until the CRM is told, at 100 events a second, and how fast a queue drains',
  run,
}
if (import.meta.main) await report([bench], 'node bench/webhooks.ts')
