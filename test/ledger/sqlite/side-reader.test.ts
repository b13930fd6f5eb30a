/** Lists and summaries of a SQLite ledger run beside the pipeline: nothing waits for them, and they see what was just written. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import t from 'tap'
import { LedgerBusy, StoreUnavailable } from '../../../src/ledger/contract/errors.ts'
import { execute, queryRow } from '../../../src/ledger/engine/query.ts'
import { noFiles } from '../../../src/ledger/sqlite/files/open-files.ts'
import { createSideReader } from '../../../src/ledger/sqlite/side-reader.ts'
import { setUpIvrCall } from '../../support/calls.ts'
import { startTestSystem } from '../../support/test-system.ts'
import { createOpener, type TapTest } from '../conformance.ts'
import { createChange, openAccepted, readWholeAudit } from '../fixtures.ts'

t.setTimeout(240_000)

function createPath(t: TapTest): string {
  const folder = mkdtempSync(join(tmpdir(), 'handoff-reader-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  return join(folder, 'ledger.db')
}

/** Writes many transfers of the last day that are over, without a record, as only a summary can read them. */
function fillTransfers(path: string, count: number): void {
  const database = new DatabaseSync(path)
  database
    .prepare(
      `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
       INSERT INTO transfers (id, conversation_id, identity, state, code, open, moved, created_at, latency_ms, pickup_ms, owner, fence, record)
       SELECT printf('%036d', i), printf('%036d', i), '', 'picked_up', NULL, 0, 1, ?, abs(random()) % 100000, abs(random()) % 100000, '', 1, '{}' FROM n`,
    )
    .run(count, Date.now() - 60_000)
  database.close()
}

/** A slow write on a busy machine may hide what a test looks for; a ledger that really waits hides it in every round. */
const mostRounds = 5

t.test('given a large ledger, when it is summarized, then other requests are answered meanwhile', async (t) => {
  const path = createPath(t)
  const system = await startTestSystem(t, { DATABASE_URL: `sqlite:${path}` })
  const count = 300_000
  fillTransfers(path, count)
  let [healthResponses, transfers] = [0, 0]
  for (let round = 0; round < mostRounds && Math.min(healthResponses, transfers) < 2; round++) {
    ;[healthResponses, transfers] = [0, 0]
    let isDone = false
    const summary = system.request<{ total: number }>('GET', '/v1/transfers/summary').finally(() => {
      isDone = true
    })
    while (!isDone) {
      const { conversationId, queueId } = setUpIvrCall(system.control)
      const { status } = await system.postTransfer({ conversationId, target: { type: 'queue', queueId } })
      if (!isDone && status === 202) transfers += 1
      if ((await system.request('GET', '/health')).status === 200 && !isDone) healthResponses += 1
    }
    t.match(await summary, { status: 200 })
    t.ok((await summary).body.total >= count)
  }
  t.ok(healthResponses >= 2 && transfers >= 2, `${healthResponses} health responses and ${transfers} transfers while the summary was read`)
})

t.test(
  'given a long read, when others are requested, then they wait for it, and what the pipeline reads and writes does not',
  async (t) => {
    const path = createPath(t)
    const ledger = await createOpener(t, `sqlite:${path}`)()
    const { id } = await openAccepted(ledger)
    fillTransfers(path, 300_000)
    let order: string[] = []
    for (let round = 0; round < mostRounds && order[0] !== 'pipeline'; round++) {
      order = []
      const note = async (name: string, work: Promise<unknown>): Promise<void> => {
        await work
        order.push(name)
      }
      await Promise.all([
        note('summary', ledger.summarize(0, Date.now() + 60_000)),
        note('transfers', ledger.listTransfers({ limit: 1 })),
        note('deliveries', ledger.listDeliveries({ limit: 1 })),
        note('audit', readWholeAudit(ledger)),
        note(
          'pipeline',
          ledger.findTransfer(id).then(() => openAccepted(ledger)),
        ),
      ])
    }
    t.strictSame(order, ['pipeline', 'summary', 'transfers', 'deliveries', 'audit'])
  },
)

t.test('given a transfer that was just written, when transfers are listed, then the list has it', async (t) => {
  const ledger = await createOpener(t, `sqlite:${createPath(t)}`)()
  for (let round = 0; round < 20; round++) {
    const accepted = await openAccepted(ledger)
    t.same((await ledger.listTransfers({ limit: 1 })).items[0], accepted)
    await ledger.writeChange(createChange(accepted, 'rejected'))
    t.equal((await ledger.listTransfers({ limit: 1 })).items[0]?.state, 'rejected')
  }
})

t.test('given a summary of more than 400 days, when it is requested, then the refusal names the field', async (t) => {
  const system = await startTestSystem(t)
  for (const range of ['since=0001-01-01T00:00:00Z', 'since=2020-01-01T00:00:00Z&until=2021-02-05T00:00:01Z'])
    t.match(await system.request('GET', `/v1/transfers/summary?${range}`), {
      status: 400,
      body: { code: 'INVALID_REQUEST', field: 'query.since', detail: /more than 400 days/, retryable: false },
    })
  const longest = await system.request('GET', '/v1/transfers/summary?since=2020-01-01T00:00:00Z&until=2021-02-04T00:00:00Z')
  t.equal(longest.status, 200)
})

t.test('given a ledger that is busy with reads, when one more is requested, then the response is 503 with Retry-After', async (t) => {
  const system = await startTestSystem(t)
  const { ledger } = system.app
  ledger.summarize = () => Promise.reject(new LedgerBusy())
  ledger.listTransfers = () => Promise.reject(new LedgerBusy())
  ledger.listDeliveries = () => Promise.reject(new LedgerBusy())
  for (const path of ['/v1/transfers', '/v1/transfers/summary', '/v1/webhook-deliveries']) {
    const response = await system.request('GET', path)
    t.match(response, { status: 503, body: { code: 'OVERLOADED', retryable: true } }, path)
    t.ok(response.headers.get('retry-after'), path)
  }
})

t.test('given a read beside the pipeline, then it sees one snapshot of the data and cannot write', async (t) => {
  const path = createPath(t)
  const database = new DatabaseSync(path)
  database.exec('PRAGMA journal_mode = WAL; CREATE TABLE words (word TEXT)')
  const reader = createSideReader(path, (error) => noFiles.toUnavailable(error))
  t.teardown(async () => {
    await reader.close()
    database.close()
  })
  const count = () => queryRow('SELECT count(*) AS total FROM words')
  const totals = await reader.read(function* () {
    const before = yield* count()
    database.exec("INSERT INTO words VALUES ('a')")
    return [before, yield* count()]
  })
  t.match(totals, [{ total: 0 }, { total: 0 }], 'what is written meanwhile is not seen')
  const write = reader.read(function* () {
    yield* execute("INSERT INTO words VALUES ('b')")
  })
  await t.rejects(write, StoreUnavailable)
  await t.rejects(
    reader.read(() => {
      throw new TypeError('a fault of this service')
    }),
    TypeError,
  )
  const after = await reader.read(function* () {
    return yield* count()
  })
  t.match(after, { total: 1 }, 'a read that failed does not disturb the next one')
})

t.test('given a file that cannot be opened, when it is read, then the read fails, and a later read tries again', async (t) => {
  const path = createPath(t)
  const reader = createSideReader(path, (error) => noFiles.toUnavailable(error))
  t.teardown(() => reader.close())
  const read = (): Promise<unknown> =>
    reader.read(function* () {
      return yield* queryRow('SELECT 1 AS one')
    })
  await t.rejects(read(), StoreUnavailable)
  const database = new DatabaseSync(path)
  database.exec('PRAGMA journal_mode = WAL; CREATE TABLE words (word TEXT)')
  t.match(await read(), { one: 1 })
  database.close()
})
