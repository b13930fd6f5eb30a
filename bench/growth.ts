/** Whether a ledger that has grown is slower: the same load with ten thousand, a hundred thousand and a million stored transfers. */
import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { connections, handoffClient, type Wish } from './harness/clients.ts'
import { openLoop, spread } from './harness/load.ts'
import { inFolder, type Simulator } from './harness/processes.ts'
import { median, report, round, type Bench, type Report, type Row } from './harness/report.ts'
import { callsFor, key, openQueue, startService, startSimulator, withAll } from './harness/stage.ts'

const platformMs = 80
const sizes = [10_000, 100_000, 1_000_000]
const perSecond = 50
const seconds = 6
const rounds = 3

/** Makes a ledger hold so many finished transfers, each with a webhook and an audit row: copies of one that the service made, under ids and conversations of their own. */
function fill(path: string, many: number): void {
  const file = new DatabaseSync(path)
  file.exec(`PRAGMA synchronous = OFF; BEGIN;
    CREATE TEMP TABLE numbers AS WITH RECURSIVE counting(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counting WHERE n < ${many}) SELECT n FROM counting;
    CREATE TEMP TABLE one AS SELECT * FROM transfers LIMIT 1;
    INSERT INTO transfers SELECT printf('01900000-%04x-7000-8000-%012x', n / 65536, n), printf('c0000000-0000-4000-8000-%012x', n), identity || n, 'picked_up', NULL, 0, 1,
      created_at - n * 50, 170 + n % 40, 3000 + n % 9000, 'gone', 1, record FROM one, numbers;
    INSERT INTO deliveries (id, endpoint, transfer_id, conversation_id, type, body, state, attempts, tries, next_at, claimed_by, created_at, updated_at)
      SELECT printf('evt_%d', n), 'ep_000000000000', printf('01900000-%04x-7000-8000-%012x', n / 65536, n), printf('c0000000-0000-4000-8000-%012x', n), 'transfer.picked_up',
      record, 'delivered', '[]', 1, NULL, NULL, created_at - n * 50, created_at - n * 50 FROM one, numbers;
    INSERT INTO audit (chain, place, at, transfer_id, conversation_id, entry, hash)
      SELECT 'old', n, created_at - (${many} - n) * 50, printf('01900000-%04x-7000-8000-%012x', n / 65536, n), printf('c0000000-0000-4000-8000-%012x', n), record, 'x' FROM one, numbers;
    COMMIT; PRAGMA wal_checkpoint(TRUNCATE)`)
  file.close()
}

async function load(simulator: Simulator, wishes: (many: number) => Promise<Wish[]>, folder: string, stored: number) {
  return withAll(async (keep) => {
    const service = await keep(
      startService(simulator.url, folder, { settings: { DATABASE_URL: `sqlite:${join(folder, `${stored}.db`)}`, RETENTION_DAYS: '0' } }),
    )
    const dispatcher = connections()
    const client = handoffClient(service.url, key, dispatcher)
    const send = (all: Wish[]) => (index: number) => client.transfer(all[index] as Wish)
    await openLoop(20, 2, send(await wishes(40)))
    const found = await openLoop(perSecond, seconds, send(await wishes(perSecond * seconds)))
    await dispatcher.destroy()
    if (Object.keys(found.failures).length > 0) throw new Error(`transfers failed: ${JSON.stringify(found.failures)}`)
    return spread(found.ms)
  })
}

async function run(): Promise<Report> {
  const found = new Map<number, Array<ReturnType<typeof spread>>>()
  await withAll((keep) =>
    inFolder(async (folder) => {
      const simulator = await keep(startSimulator(['--latency', String(platformMs)]))
      const place = await openQueue(simulator)
      const wishes = (many: number) => callsFor(simulator, place, many)
      // A ledger as the service itself begins it, with one transfer to copy.
      await withAll(async (keepOne) => {
        const service = await keepOne(
          startService(simulator.url, folder, { settings: { DATABASE_URL: `sqlite:${join(folder, 'first.db')}` } }),
        )
        const dispatcher = connections()
        const [wish] = await wishes(1)
        await handoffClient(service.url, key, dispatcher).transfer(wish as Wish)
        await dispatcher.destroy()
      })
      for (const stored of sizes) {
        await copyFile(join(folder, 'first.db'), join(folder, `${stored}.db`))
        fill(join(folder, `${stored}.db`), stored)
      }
      for (let made = 0; made < rounds; made++)
        for (const stored of sizes) found.set(stored, [...(found.get(stored) ?? []), await load(simulator, wishes, folder, stored)])
    }),
  )
  const at = (stored: number, which: 'p50' | 'p95' | 'p99'): number => round(median((found.get(stored) ?? []).map((one) => one[which])), 1)
  const rows: Row[] = sizes.map((stored) => ({
    'stored transfers': stored,
    'p50 ms': at(stored, 'p50'),
    'p95 ms': at(stored, 'p95'),
    'p99 ms': at(stored, 'p99'),
  }))
  const ratio = at(1_000_000, 'p99') / at(10_000, 'p99')
  return {
    title: 'Growth',
    how: [
      `${perSecond} transfers a second for ${seconds} s on a SQLite ledger that holds so many finished ones, each with a webhook and an audit row; medians of ${rounds} rounds in turn, ${platformMs} ms a platform call.`,
    ],
    tables: [rows],
    targets: [{ target: 'p99 with a million within 1.3× of that with ten thousand', measured: `${ratio.toFixed(2)}×`, met: ratio <= 1.3 }],
  }
}

export const bench: Bench = {
  name: 'growth',
  does: 'request latency with ten thousand, a hundred thousand and a million stored transfers',
  run,
}
if (import.meta.main) await report([bench], 'node bench/growth.ts')
