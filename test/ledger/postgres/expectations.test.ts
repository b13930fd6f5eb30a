/** A transaction that continues before results are known: what it costs, and what happens when a result is another one. */
import pg from 'pg'
import { execute, executeDeferred, queryRow, queryTogether, type Query, type QueryGenerator } from '../../../src/ledger/engine/query.ts'
import { createTransactions } from '../../../src/ledger/postgres/transactions.ts'
import type { TapTest } from '../conformance.ts'
import { startServerForFile } from './server.ts'

const { server, given } = await startServerForFile({ isPatient: true })

/** Opens an empty table on a single connection, and counts the messages that are sent on it. */
async function createTable(t: TapTest) {
  const pool = new pg.Pool({ connectionString: await server.createDatabase(), max: 1 })
  t.teardown(() => pool.end())
  await pool.query('CREATE TABLE calls (id text PRIMARY KEY, state text)')
  let sent = 0
  const client = await pool.connect()
  const send = client.query.bind(client) as (...parameters: unknown[]) => unknown
  Object.assign(client, {
    query: (...parameters: unknown[]) => {
      sent++
      return send(...parameters)
    },
  })
  const { processID } = client as unknown as { processID: number }
  client.release()
  return {
    ...createTransactions(pool, false),
    countSent: () => sent,
    isSameConnection: async () => (await pool.query('SELECT pg_backend_pid() AS id')).rows[0].id === processID,
    read: async () => (await pool.query('SELECT id, state FROM calls ORDER BY id')).rows,
  }
}

const findCall = (id: string): Query => ({ sql: 'SELECT state FROM calls WHERE id = :id', values: { id }, expectation: 'finds nothing' })

/** Adds a call unless it is there. @param runs gets the state that each run of the work has found */
function* addCall(id: string, runs: unknown[]): QueryGenerator<string> {
  const [found] = yield* queryTogether([findCall(id)])
  runs.push(found?.rows[0]?.['state'])
  if (found?.rows[0]) return 'known'
  yield* executeDeferred("INSERT INTO calls (id, state) VALUES (:id, 'new')", { id })
  return 'added'
}

given('a row that is not there, as expected, when it is added, then the whole transaction is one message', async (t) => {
  const table = await createTable(t)
  t.equal(await table.write(() => addCall('a', [])), 'added')
  t.equal(table.countSent(), 1)
  t.same(await table.read(), [{ id: 'a', state: 'new' }])
})

given('a row that is there although it was not expected, then the work runs again and sees it, and nothing is written twice', async (t) => {
  const table = await createTable(t)
  await table.write(() => addCall('a', []))
  const runs: unknown[] = []
  t.equal(await table.write(() => addCall('a', runs)), 'known')
  t.same(runs, [undefined, 'new'])
  t.same(await table.read(), [{ id: 'a', state: 'new' }])
  t.ok(await table.isSameConnection(), 'the connection is kept')
})

given('statements that the server skipped after a wrong expectation, when they are used again, then they are prepared', async (t) => {
  const table = await createTable(t)
  await table.write(() => execute("INSERT INTO calls (id, state) VALUES ('a', 'new')"))
  function* work(runs: number[]): QueryGenerator<void> {
    runs.push(runs.length)
    yield* queryTogether([findCall('a')])
    yield* executeDeferred("UPDATE calls SET state = 'moved' WHERE id = :id", { id: 'a' })
  }
  for (let round = 1; round <= 3; round++) {
    const runs: number[] = []
    await table.write(() => work(runs))
    t.equal(runs.length, 2)
  }
  t.same(await table.read(), [{ id: 'a', state: 'moved' }])
  t.ok(await table.isSameConnection())
})

given('a change of a row that is not there, then nothing of the transaction is written before the work knows it', async (t) => {
  const table = await createTable(t)
  function* change(): QueryGenerator<number> {
    yield* executeDeferred("INSERT INTO calls (id, state) VALUES ('side effect', 'new') ON CONFLICT (id) DO NOTHING")
    const [changed] = yield* queryTogether([
      { sql: "UPDATE calls SET state = 'moved' WHERE id = 'a'", values: {}, expectation: 'changes one row' },
    ])
    if (changed?.changedRows !== 1) throw new Error('the row is not there')
    return 1
  }
  await t.rejects(table.write(change), { message: 'the row is not there' })
  t.same(await table.read(), [])
  t.equal(await table.write(() => addCall('a', [])), 'added')
  t.equal(await table.write(change), 1)
  t.same(await table.read(), [
    { id: 'a', state: 'moved' },
    { id: 'side effect', state: 'new' },
  ])
})

given('a row that another transaction adds while this one waits for its lock, then the work sees it', async (t) => {
  const pool = new pg.Pool({ connectionString: await server.createDatabase(), max: 2 })
  t.teardown(() => pool.end())
  await pool.query('CREATE TABLE calls (id text PRIMARY KEY, state text)')
  const transactions = createTransactions(pool, false)
  function* lockAndAdd(): QueryGenerator<string> {
    yield* executeDeferred('SELECT pg_advisory_xact_lock(1)')
    return yield* addCall('a', [])
  }
  const outcomes = await Promise.all([transactions.write(lockAndAdd), transactions.write(lockAndAdd)])
  t.same(outcomes.toSorted(), ['added', 'known'])
  t.equal(await transactions.read(() => queryRow('SELECT count(*) AS count FROM calls')).then((row) => Number(row?.['count'])), 1)
})
