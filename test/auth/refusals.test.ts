/** How refused callers without a valid key are audited: every refusal is counted, in few rows. */
import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import { createRefusalRecorder, hashSource, type Refusal } from '../../src/auth/refusals.ts'
import type { AuditDraft } from '../../src/ledger/contract/audit.ts'

const intervalMs = 60_000

/** Creates a recorder that keeps its rows, and whose minutes end when the test says so. */
function createTestRecorder(t: { mock?: unknown; teardown(work: () => unknown): void }) {
  const rows: AuditDraft[] = []
  const errors: unknown[] = []
  const state = {
    now: Date.parse('2026-11-28T10:00:00Z'),
    failure: undefined as Error | undefined,
    pendingMinutes: [] as Array<() => void>,
  }
  const recorder = createRefusalRecorder({
    async append(draft) {
      if (state.failure) throw state.failure
      rows.push(draft)
    },
    onError: (error) => void errors.push(error),
    clock: () => state.now,
    schedule(work) {
      state.pendingMinutes.push(work)
      return { cancel: () => void (state.pendingMinutes = state.pendingMinutes.filter((each) => each !== work)) }
    },
  })
  t.teardown(() => recorder.close())
  async function passMinute(): Promise<void> {
    state.now += intervalMs
    for (const end of state.pendingMinutes.splice(0)) end()
    await setImmediate()
  }
  const record = (fields: Partial<Refusal> = {}): Promise<void> =>
    recorder.record({ code: 'UNAUTHENTICATED', method: 'GET', route: '/v1/transfers', source: 'a', ...fields })
  return { recorder, rows, errors, state, passMinute, record, details: () => rows.map(({ detail }) => detail) }
}

t.test('given a single refusal, then it is audited at once, with the requested route and the source', async (t) => {
  const { rows, record, passMinute } = createTestRecorder(t)
  await record()
  t.match(rows, [
    {
      status: 'caller_refused',
      code: 'UNAUTHENTICATED',
      caller: null,
      detail: { method: 'GET', route: '/v1/transfers', count: 1, since: '2026-11-28T10:00:00.000Z', sources: 'a 1', otherSources: 0 },
    },
  ])
  await passMinute()
  await passMinute()
  t.equal(rows.length, 1, 'no more rows follow')
  await record()
  t.equal(rows.length, 2, 'the next one after a quiet minute has its own row again')
})

t.test('given many refusals in a minute, then one row counts them, with the most frequent routes and sources', async (t) => {
  const { details, record, passMinute } = createTestRecorder(t)
  await record()
  for (let source = 0; source < 100; source++) await record({ source: `source-${source}` })
  for (let attempt = 0; attempt < 7; attempt++) await record({ source: 'busy', method: 'POST', route: '/oauth/token' })
  await passMinute()
  t.equal(details().length, 2)
  // The first refusal had its own row. Of the 101 sources of this row, five are named.
  t.match(details()[1], {
    method: null,
    route: null,
    count: 107,
    since: '2026-11-28T10:00:00.000Z',
    routes: 'GET /v1/transfers 100, POST /oauth/token 7',
    otherRoutes: 0,
    sources: /^busy 7, (source-\d+ 1, ){3}source-\d+ 1$/,
    otherSources: 96,
  })
})

t.test('given refusals for hours from ever new sources, then there is one row a minute, and every refusal is counted', async (t) => {
  const { details, record, passMinute, recorder } = createTestRecorder(t)
  let sent = 0
  for (let minute = 0; minute < 120; minute++) {
    for (let attempt = 0; attempt < 300; attempt++) await record({ source: `source-${sent++}` })
    await passMinute()
  }
  await record({ source: 'last' })
  await recorder.close()
  t.equal(details().length, 122, 'the first row, one for each minute, and one for the last refusal')
  t.equal(
    details().reduce((sum, { count }) => sum + Number(count), 0),
    sent + 1,
  )
  t.ok(details().every((detail) => JSON.stringify(detail).length < 400))
})

t.test(
  'given more sources in a minute than the recorder keeps apart (10,000), then the refusals of the rest are still counted',
  async (t) => {
    const { details, record, recorder } = createTestRecorder(t)
    for (let source = 0; source < 12_000; source++) await record({ source: `source-${source}` })
    await recorder.close()
    // Without the first refusal, which has its own row; five sources are named.
    t.match(details()[1], { count: 11_999, otherSources: 11_994 })
  },
)

t.test(
  'given a ledger that cannot be written for a while, then the refusals of that time are counted in the next row that is written',
  async (t) => {
    const { details, errors, state, record, passMinute } = createTestRecorder(t)
    state.failure = new Error('the disk is full')
    await record({ source: 'a' })
    await record({ source: 'b' })
    await passMinute()
    t.same([details(), errors.length], [[], 2], 'two writes failed: the one at the first refusal, and the one at the end of the minute')
    state.failure = undefined
    await record({ source: 'b' })
    await passMinute()
    t.match(details(), [{ count: 3, since: '2026-11-28T10:00:00.000Z', sources: 'b 2, a 1' }])
  },
)

t.test('given an address, then its hash depends on the secret, is the same each time, and does not contain the address', (t) => {
  const hash = hashSource('203.0.113.7', 'secret')
  t.match(hash, /^[0-9a-f]{16}$/)
  t.equal(hashSource('203.0.113.7', 'secret'), hash)
  t.not(hashSource('203.0.113.7', 'other'), hash)
  t.not(hashSource('203.0.113.8', 'secret'), hash)
  t.end()
})
