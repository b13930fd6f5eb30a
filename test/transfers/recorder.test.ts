/** How the recorder writes changes of a transfer: events for each endpoint, the stored response, and repeated writes. */
import t from 'tap'
import { StaleRecord, StoreUnavailable } from '../../src/ledger/contract/errors.ts'
import type { Change } from '../../src/ledger/contract/transfers.ts'
import { responseCodec } from '../../src/routes/transfer-response.ts'
import { createRecorder } from '../../src/transfers/recorder.ts'
import { transition, withStoredResponse } from '../../src/transfers/transition.ts'
import { createTestRecord } from '../support/transfer-record.ts'

/** A recorder on a ledger that fails with each of `errors` in turn, and then keeps every change. */
function createTestRecorder(errors: Error[] = [], includesSummaryInEvents = false) {
  const written: Change[] = []
  const state = { tries: 0, isClosing: false }
  const recorder = createRecorder({
    ledger: {
      async writeChange(change, others = []) {
        written.push(change, ...others)
        const error = errors[state.tries++]
        if (error) throw error
      },
      async updateTransfer(_id, decide) {
        const change = decide(executing)
        if (change) written.push(change)
        return change?.record
      },
    },
    codec: responseCodec,
    rules: { includesSummaryInEvents },
    findEndpointIds: (type) => (type === 'transfer.initiated' ? ['one', 'other'] : []),
    wait: async () => {},
    isClosing: () => state.isClosing,
  })
  return { recorder, written, state }
}
const executing = createTestRecord({ state: 'executing' })
const initiated = withStoredResponse(transition(executing, 'initiated', { initiatedAt: 1 }, { stage: 'execution' }, 1_000), executing)
const unavailable = new StoreUnavailable('test')

t.test('given a change with an event, then each endpoint that subscribed to its type gets an event of its own', async (t) => {
  const { recorder, written } = createTestRecorder()
  await recorder.write(initiated)
  t.match(written[0]?.events, [
    { endpoint: 'one', type: 'transfer.initiated' },
    { endpoint: 'other', type: 'transfer.initiated' },
  ])
  t.equal(new Set(written[0]?.events?.map(({ id }) => id)).size, 2, 'with different ids')
})

t.test('given a CRM that is to get summary and reason, then its events have them; otherwise they do not', async (t) => {
  const record = { ...executing, summary: 'Wants a refund.', reason: 'billing' }
  for (const includes of [true, false]) {
    const { recorder, written } = createTestRecorder([], includes)
    await recorder.write(transition(record, 'initiated', { initiatedAt: 1 }, { stage: 'execution' }, 1_000))
    for (const { body } of written[0]?.events ?? []) {
      const { data } = JSON.parse(body) as { data: object }
      t.strictSame(
        Object.entries(data).filter(([name]) => name === 'summary' || name === 'reason'),
        includes ? Object.entries({ summary: 'Wants a refund.', reason: 'billing' }) : [],
      )
    }
    t.equal(written[0]?.events?.length, 2)
  }
})

t.test('given a change to whose event no endpoint subscribed, then no event is written', async (t) => {
  const { recorder, written } = createTestRecorder()
  await recorder.write(transition(executing, 'rejected', {}, { stage: 'execution' }, 1_000))
  t.notHas(written[0], 'events')
  t.notHas(written[0], 'event', 'the unaddressed event is not stored')
})

t.test('given an outcome, then it is stored as the response; a refusal that can be retried releases the idempotency key', async (t) => {
  const { recorder, written } = createTestRecorder()
  await recorder.write(initiated)
  const reject = (code: 'RATE_LIMITED' | 'TARGET_NOT_FOUND') =>
    recorder.write(withStoredResponse(transition(executing, 'rejected', { code, message: '' }, { stage: 'execution' }, 1_000), executing))
  await reject('TARGET_NOT_FOUND')
  await reject('RATE_LIMITED')
  t.match(
    written.map(({ response }) => response),
    [{ status: 202, body: /"state":"initiated"/ }, { status: 422, body: /TARGET_NOT_FOUND/ }, 'release'],
  )
})

t.test(
  'given a ledger that is unavailable for a while, when a change is written with retry, then it is repeated until it succeeds',
  async (t) => {
    const { recorder, written, state } = createTestRecorder([unavailable, unavailable])
    t.match(await recorder.writeWithRetry(initiated), { state: 'initiated' })
    t.equal(state.tries, 3)
    t.strictSame(written[2], written[0], 'with the same events, so that a write that was committed after all is recognized')
  },
)

t.test('given a service that is closing, then the write is not repeated', async (t) => {
  const { recorder, state } = createTestRecorder([unavailable])
  state.isClosing = true
  await t.rejects(recorder.writeWithRetry(initiated), unavailable)
  t.equal(state.tries, 1)
})

t.test('given a record that another node took over, then the write is not repeated', async (t) => {
  const { recorder, state } = createTestRecorder([new StaleRecord(executing.id)])
  await t.rejects(recorder.writeWithRetry(initiated), { name: 'StaleRecord' })
  t.equal(state.tries, 1)
})
