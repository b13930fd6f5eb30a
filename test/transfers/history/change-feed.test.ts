/** How the changes are read once for all readers, and what happens when rows come late or too fast. */
import { test } from 'tap'
import type { ChangeStore, NumberedChange } from '../../../src/ledger/contract/changes.ts'
import { createChangeFeed, type ChangeBatch } from '../../../src/transfers/history/change-feed.ts'
import { createTestRecord } from '../../support/transfer-record.ts'
import { waitFor } from '../../support/wait-for.ts'

/** A store in memory. `rows` may be added in any order; `notify` says that some were. */
function createStore() {
  const rows = new Map<number, NumberedChange>()
  let notify = (): void => {}
  let reads = 0
  const store: ChangeStore = {
    findLastChangeNumber: async () => Math.max(0, ...rows.keys()),
    async readChanges(after, limit, missing = []) {
      reads += 1
      const sorted = [...rows.values()].toSorted((a, b) => a.seq - b.seq)
      return [...sorted.filter(({ seq }) => missing.includes(seq)), ...sorted.filter(({ seq }) => seq > after).slice(0, limit)]
    },
    findTransfers: async (ids) => ids.map((id) => ({ ...createTestRecord(), id })),
    onChanged: (listener) => (notify = listener),
  }
  const add = (...numbers: number[]): void => {
    for (const seq of numbers)
      rows.set(seq, { seq, transferId: `t${seq}`, at: '2026-01-01T00:00:00.000Z', status: 'initiated', stage: null, code: null })
    notify()
  }
  return { store, add, reads: () => reads }
}
const numbersIn = (batches: ChangeBatch[]) =>
  batches.flatMap(({ events }) => events.flatMap(({ changes }) => changes.map(({ seq }) => seq)))
const fail = (error: unknown): void => {
  throw error
}

test('given two readers, when changes come, then both get each of them, and the ledger is read once', async (t) => {
  const { store, add, reads } = createStore()
  add(1, 2, 3, 4, 5, 6, 7)
  const feed = createChangeFeed({ store, onError: fail })
  t.teardown(() => feed.close())
  const batches: [ChangeBatch[], ChangeBatch[]] = [[], []]
  const first = await feed.follow((batch) => batches[0].push(batch))
  await feed.follow((batch) => batches[1].push(batch))
  t.equal(first.cursor, 7)
  add(8, 9)
  await waitFor(() => numbersIn(batches[0]).length === 2 && numbersIn(batches[1]).length === 2)
  t.strictSame([numbersIn(batches[0]), batches[1].at(-1)?.cursor], [[8, 9], 9])
  t.equal(reads(), 2, 'one read when it starts, one for the changes')
  first.unfollow()
  add(10)
  await waitFor(() => numbersIn(batches[1]).length === 3)
  t.strictSame(numbersIn(batches[0]), [8, 9], 'a reader that has left gets nothing')
})

test('given a row that becomes visible after later ones, when it is there, then it is handed out, and no cursor was beyond it', async (t) => {
  const { store, add } = createStore()
  const feed = createChangeFeed({ store, onError: fail })
  t.teardown(() => feed.close())
  const batches: ChangeBatch[] = []
  await feed.follow((batch) => batches.push(batch))
  add(1, 3)
  await waitFor(() => numbersIn(batches).length === 2)
  t.equal(batches.at(-1)?.cursor, 1)
  add(2)
  await waitFor(() => numbersIn(batches).length === 3)
  t.equal(batches.at(-1)?.cursor, 3)
})

test('given a number that is missing when the feed starts, when its row is there, then it is handed out as late', async (t) => {
  const { store, add } = createStore()
  add(1, 2, 4)
  const feed = createChangeFeed({ store, onError: fail })
  t.teardown(() => feed.close())
  const batches: ChangeBatch[] = []
  const { cursor } = await feed.follow((batch) => batches.push(batch))
  t.equal(cursor, 2, 'a reader that continues here misses nothing')
  add(5)
  await waitFor(() => numbersIn(batches).length === 1)
  t.strictSame(batches.at(-1)?.late, [])
  add(3)
  const late = await waitFor(() => batches.find((batch) => batch.late.length > 0), 'the late row')
  t.strictSame([numbersIn([late]), late.cursor], [[3], 5])
})

test('given clients that come back together, when they ask for what they have missed, then they share pages, each read after they asked', async (t) => {
  const { store, add, reads } = createStore()
  add(...Array.from({ length: 700 }, (_, index) => index + 1))
  const feed = createChangeFeed({ store, onError: fail })
  t.teardown(() => feed.close())
  await feed.follow(() => {})
  const before = reads()
  const [first, ...others] = await Promise.all(Array.from({ length: 20 }, () => feed.readPast(0)))
  t.equal(reads(), before + 1)
  t.strictSame([first?.events.length, first?.last], [500, 500])
  t.ok(others.every((page) => page === first))
  add(701)
  const rest = await feed.readPast(500)
  t.ok(rest.last >= 700, 'the read began after the call')
  t.equal((await feed.readPast(0)).events.length, 500, 'a page is not kept')
})

test('given more changes than readers can be told, when full batches follow each other, then some are left out and readers learn of it', async (t) => {
  const { store, add } = createStore()
  const feed = createChangeFeed({ store, onError: fail, rowsPerBatch: 1 })
  t.teardown(() => feed.close())
  const batches: ChangeBatch[] = []
  await feed.follow((batch) => batches.push(batch))
  add(...Array.from({ length: 100 }, (_, index) => index + 1))
  const skipped = await waitFor(() => batches.find(({ hasSkipped }) => hasSkipped), 'a batch that says so')
  t.equal(skipped.cursor, 100)
  t.ok(numbersIn(batches).length < 100)
})

test('given a ledger that cannot be read, when it works again, then the changes come', async (t) => {
  const { store, add } = createStore()
  let failures = 0
  const flaky: ChangeStore = {
    ...store,
    readChanges: (...args) => (failures++ === 1 ? Promise.reject(new Error('not now')) : store.readChanges(...args)),
  }
  const errors: unknown[] = []
  const feed = createChangeFeed({ store: flaky, onError: (error) => errors.push(error) })
  t.teardown(() => feed.close())
  const batches: ChangeBatch[] = []
  await feed.follow((batch) => batches.push(batch))
  add(1)
  await waitFor(() => numbersIn(batches).length === 1)
  t.equal(errors.length, 1)
})
