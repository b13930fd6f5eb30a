/** How long the service takes to be ready, and how much memory it holds: idle, and with 10,000 transfers under watch. */
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import {
  answers,
  inFolder,
  residentMb,
  spawnService,
  startFlags,
  startSimulator,
  type Service,
  type ServiceOptions,
  type Simulator,
} from './harness/processes.ts'
import { median, report, round, type Bench, type Report, type Row } from './harness/report.ts'

const starts = 5
const transfers = 10_000
/** Transfer requests under way at once while the watch is filled. */
const atOnce = 50
const targetStartMs = 1_000
const targetMb = 150
const settleMs = 3_000
/** Long enough that nothing ends, and few looks in between. */
const watching = { PICKUP_TIMEOUT_MS: '3600000', PICKUP_POLL_INTERVAL_MS: '60000' }

/** From spawning the process to the first 200 of /ready, ms, and what it holds then and a little later, MB. */
async function oneStart(simulator: Simulator, options?: ServiceOptions): Promise<{ ms: number; mb: number; settledMb: number }> {
  return inFolder(async (folder) => {
    const began = performance.now()
    const service = await spawnService(simulator.url, folder, options)
    try {
      await answers(service, '/ready')
      const ms = performance.now() - began
      const mb = await residentMb(service.pid)
      await setTimeout(settleMs)
      return { ms, mb, settledMb: await residentMb(service.pid) }
    } finally {
      await service.stop()
    }
  })
}

/** Moves as many calls into a queue where nobody serves; they wait there and are watched. Ms that it took. */
async function fillTheWatch(service: Service, simulator: Simulator): Promise<number> {
  const { id: queueId } = await simulator.tell<{ id: string }>('POST', '/queues', {})
  const { conversationIds } = await simulator.tell<{ conversationIds: string[] }>('POST', '/conversations', { count: transfers, in: 'ivr' })
  const began = performance.now()
  const waiting = conversationIds[Symbol.iterator]()
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (const conversationId of waiting) {
        const { status, body } = await service.ask<{ code?: string }>('POST', '/v1/transfers', {
          conversationId,
          target: { type: 'queue', queueId },
        })
        if (status !== 202) throw new Error(`a transfer was answered ${status} ${body.code}`)
      }
    }),
  )
  return performance.now() - began
}

/** What the probe in the service says of its memory, MB. */
async function probed(service: Service, file: string): Promise<{ rss: number; heapUsed: number; heapTotal: number; external: number }> {
  await rm(file, { force: true })
  process.kill(service.pid, 'SIGWINCH')
  for (const end = Date.now() + 5_000; Date.now() < end; await setTimeout(20)) {
    const text = await readFile(file, 'utf8').catch(() => '')
    if (text.endsWith('}'))
      return Object.fromEntries(
        Object.entries(JSON.parse(text) as Record<string, number>).map(([name, bytes]) => [name, bytes / 1e6]),
      ) as never
  }
  throw new Error('the memory probe did not answer')
}

interface Filled {
  rows: Row[]
  filledMb: number
  restartedMb: number
  /** Live heap that one watched transfer takes, bytes. */
  bytesEach: number
}

/** A service with the memory probe in it, while `work` runs. */
async function probedService<T>(
  simulator: Simulator,
  folder: string,
  nodeFlags: string[],
  work: (service: Service, row: (moment: string) => Promise<Row>) => Promise<T>,
): Promise<T> {
  const file = join(folder, 'memory.json')
  const service = await spawnService(simulator.url, folder, {
    settings: { ...watching, HANDOFF_PROBE: file },
    nodeFlags: [...nodeFlags, '--import', join(import.meta.dirname, 'harness/memory-probe.ts')],
  })
  const row = async (moment: string): Promise<Row> => {
    // Before the probe, which may collect garbage.
    const rss = round(await residentMb(service.pid))
    const { heapUsed, heapTotal, external } = await probed(service, file)
    const { body } = await service.ask<{ watching: number }>('GET', '/health')
    return {
      moment,
      'under watch': body.watching,
      'RSS MB': rss,
      'heap used MB': round(heapUsed, 1),
      'heap held MB': round(heapTotal),
      'external MB': round(external, 1),
    }
  }
  try {
    await answers(service, '/ready')
    return await work(service, row)
  } finally {
    await service.stop()
  }
}

/** What the service holds empty, with the watch just filled, and restarted on that ledger. */
async function watched(simulator: Simulator): Promise<Filled> {
  return inFolder(async (folder) => {
    const empty = await inFolder((other) =>
      probedService(simulator, other, ['--expose-gc'], async (_, row) => row('empty, garbage collected')),
    )
    const filled = await probedService(simulator, folder, [], async (service, row) => {
      const ms = await fillTheWatch(service, simulator)
      await setTimeout(settleMs)
      return row(`filled in ${round(ms / 1000, 1)} s`)
    })
    const began = performance.now()
    const restarted = await probedService(simulator, folder, ['--expose-gc'], async (_, row) => {
      const ms = performance.now() - began
      await setTimeout(settleMs)
      return row(`restarted on that ledger, ready in ${round(ms)} ms, garbage collected`)
    })
    const live = (row: Row): number => Number(row['heap used MB']) * 1e6
    return {
      rows: [empty, filled, restarted],
      filledMb: Number(filled['RSS MB']),
      restartedMb: Number(restarted['RSS MB']),
      bytesEach: (live(restarted) - live(empty)) / transfers,
    }
  })
}

async function run(): Promise<Report> {
  const simulator = await startSimulator()
  try {
    const measured: Array<Awaited<ReturnType<typeof oneStart>>> = []
    for (let n = 0; n < starts; n++) measured.push(await oneStart(simulator))
    const [ms, mb, settledMb] = (['ms', 'mb', 'settledMb'] as const).map((field) => median(measured.map((one) => one[field]))) as [
      number,
      number,
      number,
    ]
    const { rows, filledMb, restartedMb, bytesEach } = await watched(simulator)
    return {
      title: 'Start and memory',
      how: [
        `${['node', ...startFlags].join(' ')} src/server.ts (what npm start runs) with a simulator without latency and a new ledger file; from spawning the process to the first 200 of /ready, ${starts} times.`,
        `Under watch: ${transfers} calls, each moved by POST /v1/transfers into a queue without agents, ${atOnce} requests at once; PICKUP_TIMEOUT_MS ${watching.PICKUP_TIMEOUT_MS}, PICKUP_POLL_INTERVAL_MS ${watching.PICKUP_POLL_INTERVAL_MS}, GENESYS_REQUESTS_PER_MINUTE 100000, no CRM; all of them initiated.`,
        'RSS is what Linux counts as resident (VmRSS), read before any forced collection; 1 MB = 10⁶ bytes.',
        'Filling goes many times faster than the platform allows (300 calls a minute), so that the heap grows with garbage; the restarted service holds the same watch without it.',
      ],
      tables: [
        [
          { start: 'median', 'ready ms': round(ms), 'RSS MB': round(mb), [`RSS MB ${settleMs / 1000} s later`]: round(settledMb) },
          ...measured.map((one, n) => ({
            start: String(n + 1),
            'ready ms': round(one.ms),
            'RSS MB': round(one.mb),
            [`RSS MB ${settleMs / 1000} s later`]: round(one.settledMb),
          })),
        ],
        rows,
      ],
      targets: [
        { target: `ready in less than ${targetStartMs} ms`, measured: `${round(ms)} ms`, met: ms < targetStartMs },
        { target: `less than ${targetMb} MB after the start`, measured: `${round(settledMb)} MB`, met: settledMb < targetMb },
        {
          target: `less than ${targetMb} MB with ${transfers} transfers under watch`,
          measured: `${restartedMb} MB (${filledMb} MB just filled), ${round(bytesEach)} bytes of live heap a transfer`,
          met: restartedMb < targetMb && filledMb < targetMb,
        },
      ],
    }
  } finally {
    await simulator.stop()
  }
}

export const bench: Bench = { name: 'start-and-memory', does: 'time until ready, and memory with 10,000 transfers under watch', run }
if (import.meta.main) await report([bench], 'node bench/start-and-memory.ts')
