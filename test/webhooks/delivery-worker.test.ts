/** What the delivery worker asks of the ledger, and when: each question costs a round trip if the database is across a network. */
import { randomBytes } from 'node:crypto'
import t from 'tap'
import type { ClaimedDelivery, DeliveryLane } from '../../src/ledger/contract/deliveries.ts'
import { createDeliveryWorker, type DeliveryWorkerOptions } from '../../src/webhooks/delivery-worker.ts'
import type { SendResult } from '../../src/webhooks/webhook-sender.ts'
import { waitFor } from '../support/wait-for.ts'

/** How long deliveries of the backlog have been due, ms. */
const backlogOverdueMs = 120_000

const delivered: SendResult = { outcome: 'delivered', status: 200, durationMs: 1 }
const failed: SendResult = { outcome: 'retry', status: 500, durationMs: 1 }

function createDelivery(id: string): ClaimedDelivery {
  const time = new Date().toISOString()
  return {
    id,
    endpoint: 'ep_test',
    transferId: `transfer of ${id}`,
    conversationId: 'conversation',
    type: 'transfer.initiated',
    state: 'pending',
    attempts: [],
    tries: 0,
    nextAttemptAt: time,
    createdAt: time,
    updatedAt: time,
    body: '{}',
    traceparent: null,
    isProbe: false,
  }
}

/** How often the worker polls regularly, ms. */
const pollMs = 5_000

type TapTest = Parameters<Parameters<typeof t.test>[0]>[0]

/** Starts a worker on a ledger that notes what it is asked, and hands out what is put into `due`. */
function startWorker(test: TapTest, send: DeliveryWorkerOptions['send']) {
  const due: Record<DeliveryLane, ClaimedDelivery[]> = { fresh: [], backlog: [] }
  const questions: string[] = []
  const results: string[] = []
  let listener: (lane: DeliveryLane) => unknown = () => undefined
  const worker = createDeliveryWorker({
    ledger: {
      async claimDeliveries({ lane, limit }) {
        questions.push(lane)
        return due[lane].splice(0, limit)
      },
      async recordDeliveryResult({ id, state }) {
        results.push(`${id} ${state}`)
        return undefined
      },
      async findNextDeliveryAt() {
        questions.push('next')
        return due.backlog.length > 0 ? Date.now() - backlogOverdueMs : undefined
      },
      onDeliveryQueued: (added) => void (listener = added),
    },
    send,
    endpoint: { id: 'ep_test', url: 'https://crm.example', secrets: [randomBytes(24)] },
    clock: Date.now,
    random: Math.random,
    log: { info() {}, warn() {}, error() {} },
  })
  test.teardown(() => worker.close())
  return { due, questions, results, notify: (lane: DeliveryLane) => listener(lane) }
}

void t.test('given an empty queue, when deliveries are queued, then only those that are fresh are looked for', async (t) => {
  const startedAt = performance.now()
  const { due, questions, results, notify } = startWorker(t, async () => delivered)
  await waitFor(() => questions.includes('next'), 'the first poll')
  t.same(questions.splice(0), ['fresh', 'backlog', 'next'])
  for (const id of ['a', 'b', 'c']) {
    due.fresh.push(createDelivery(id))
    t.equal(notify('fresh'), true, 'this node claims it')
    await waitFor(() => results.includes(`${id} delivered`), 'the delivery')
  }
  const polls = Math.floor((performance.now() - startedAt) / pollMs)
  t.ok(questions.filter((question) => question !== 'fresh').length <= 2 * polls, `${polls} polls, ${String(questions)}`)
})

void t.test('given a delivery that was made, then the next one of its transfer is claimed without a notification', async (t) => {
  const { due, questions, results, notify } = startWorker(t, async () => delivered)
  await waitFor(() => questions.includes('next'), 'the first poll')
  due.fresh.push(createDelivery('first'))
  notify('fresh')
  await waitFor(() => results.length === 1, 'the first delivery')
  due.fresh.push(createDelivery('second'))
  await waitFor(() => results.length === 2, 'the second delivery')
  t.same(results, ['first delivered', 'second delivered'])
})

void t.test('given an attempt that failed, then the worker finds out when the next one is due', async (t) => {
  for (let round = 0; round < 5; round++) {
    const startedAt = performance.now()
    const { due, questions, notify } = startWorker(t, async () => failed)
    await waitFor(() => questions.includes('next'), 'the first poll')
    questions.length = 0
    due.fresh.push(createDelivery('a'))
    notify('fresh')
    await waitFor(() => questions.includes('next'), 'another poll')
    // On a busy machine this may be the worker's regular poll, which says nothing.
    if (performance.now() - startedAt < pollMs) return t.same(questions, ['fresh', 'fresh', 'backlog', 'next'])
  }
  return t.fail('it only polls regularly')
})

void t.test(
  'given deliveries that are queued as backlog, then they are claimed one batch after the other until none is left',
  async (t) => {
    const { due, results, notify } = startWorker(t, async () => delivered)
    due.backlog.push(...Array.from({ length: 25 }, (_, index) => createDelivery(String(index))))
    notify('backlog')
    await waitFor(() => results.length === 25, 'all deliveries')
    t.equal(due.backlog.length, 0)
  },
)

void t.test('given as many attempts as may be in progress, when a delivery is queued, then other nodes are to be notified', async (t) => {
  const answer = Promise.withResolvers<SendResult>()
  const { due, questions, results, notify } = startWorker(t, () => answer.promise)
  await waitFor(() => questions.includes('next'), 'the first poll')
  // 40 may be in progress.
  due.fresh.push(...Array.from({ length: 41 }, (_, index) => createDelivery(String(index))))
  notify('fresh')
  await waitFor(() => due.fresh.length === 1, 'the claim of all that fit')
  t.equal(notify('fresh'), false)
  answer.resolve(delivered)
  await waitFor(() => results.length === 41, 'all deliveries')
})
