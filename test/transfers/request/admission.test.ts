/** Admission refuses requests that could not be answered by their deadline: by a simulated clock, and with the whole service. */
import { setTimeout } from 'node:timers/promises'
import fc from 'fast-check'
import t from 'tap'
import { alwaysAdmitted, createAdmission } from '../../../src/transfers/request/admission.ts'
import type { GenesysClient } from '../../../src/genesys/client.ts'
import { startTestSystem } from '../../support/test-system.ts'
import { waitFor } from '../../support/wait-for.ts'
import type { ServiceResponse } from '../../support/service.ts'

interface Phase {
  ms: number
  /** Requests per second. */
  perSecond: number
}
interface Simulation {
  /** Answers per second; may depend on the ms since the start. Infinity: all requests are worked on at the same time. */
  rate: number | ((atMs: number) => number)
  /** Time that each answer takes in addition, independent of the load. */
  platformMs: number
  deadlineMs: number
  phases: readonly Phase[]
  seed: number
}
interface SimulatedRequest {
  /** Since the start, ms. */
  atMs: number
  /** How many requests were under way when this one came. */
  requestsInProgress: number
  /** Absent if the request was refused. */
  tookMs?: number
  retryAfterSeconds?: number | undefined
}

/** Simulates requests to a server that answers in order, by a simulated clock. The server does not check deadlines. */
function simulate({ rate, platformMs, deadlineMs, phases, seed }: Simulation): { requests: SimulatedRequest[]; answeredAtMs: number[] } {
  let now = 1_000_000
  let randomState = seed
  /** From 0.75 to 1.25, the same for the same seed. */
  const jitter = (): number => 0.75 + (randomState = (randomState * 1_103_515_245 + 12_345) % 2_147_483_648) / 2_147_483_648 / 2
  const admission = createAdmission(() => now)
  const startedAt = now
  const pending: Array<{ at: number; release: () => void }> = []
  const requests: SimulatedRequest[] = []
  const answeredAtMs: number[] = []
  let freeAt = now
  function advanceTo(at: number): void {
    while (pending[0] && pending[0].at <= at) {
      const { at: answeredAt, release } = pending.shift()!
      now = answeredAt
      answeredAtMs.push(now - startedAt)
      release()
    }
    now = at
  }
  let at = now
  for (const { ms, perSecond } of phases) {
    const end = at + ms
    for (; perSecond > 0 && at < end; at += (1_000 / perSecond) * jitter()) {
      advanceTo(at)
      const request = { atMs: now - startedAt, requestsInProgress: admission.requestsInProgress }
      const refusal = admission.refusal(now + deadlineMs)
      if (refusal) {
        requests.push({ ...request, retryAfterSeconds: refusal.retryAfterSeconds })
        continue
      }
      const ticket = admission.enter(now, now + deadlineMs)
      ticket.markProcessed()
      const workStartsAt = Math.max(freeAt, now)
      freeAt = workStartsAt + (1_000 / (typeof rate === 'number' ? rate : rate(workStartsAt - startedAt))) * jitter()
      pending.push({ at: freeAt + platformMs, release: () => ticket.release() })
      requests.push({ ...request, tookMs: freeAt + platformMs - now })
    }
    at = Math.max(at, end)
    advanceTo(at)
  }
  return { requests, answeredAtMs }
}

const deadlineMs = fc.integer({ min: 2_000, max: 10_000 })
const seed = fc.integer({ min: 1, max: 1_000_000 })
const phases = fc.array(
  fc.record({
    ms: fc.integer({ min: 10, max: 4_000 }),
    perSecond: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 100 }), fc.integer({ min: 100, max: 900 })),
  }),
  { minLength: 1, maxLength: 8 },
)

t.test('given any load, then no request is refused while few are under way, and a refusal says when to retry', async (t) => {
  const rate = fc.oneof(fc.integer({ min: 1, max: 1_000 }), fc.constant(0.01))
  const platformMs = fc.nat(10_000)
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(fc.record({ rate, platformMs, deadlineMs, phases, seed }), (simulation) =>
        simulate(simulation).requests.every(
          ({ requestsInProgress, tookMs, retryAfterSeconds = 0 }) =>
            tookMs !== undefined ||
            (requestsInProgress >= alwaysAdmitted &&
              Number.isInteger(retryAfterSeconds) &&
              retryAfterSeconds >= 1 &&
              retryAfterSeconds <= 60),
        ),
      ),
    ),
  )
})

t.test(
  'given an overload, then admitted requests are answered in time, capacity is used, and afterwards every request is admitted',
  async (t) => {
    const simulation = fc
      .record({
        deadlineMs,
        seed,
        overload: fc.double({ min: 1.2, max: 6, noNaN: true }),
        platformMs: fc.integer({ min: 10, max: 250 }),
        rate: fc.integer({ min: 10, max: 150 }),
      })
      // It must be possible to answer in time the requests that are always admitted, and those that come before admission knows the
      // capacity: the excess during the first 20 answers, and all that come during the platform's time.
      .filter(
        ({ deadlineMs: ms, overload, platformMs, rate }) =>
          (alwaysAdmitted / rate) * 1_000 + platformMs < ms && ((overload - 1) * 20_000) / rate + overload * platformMs < ms,
      )
    const overloadMs = 15_000
    t.doesNotThrow(() =>
      fc.assert(
        fc.property(simulation, ({ rate, overload, ...rest }) => {
          const { requests, answeredAtMs } = simulate({
            ...rest,
            rate,
            phases: [
              { ms: overloadMs, perSecond: rate * overload },
              // Longer than any request may take, so that the load is over.
              { ms: 12_000, perSecond: 0 },
              { ms: 1_000, perSecond: 1 },
            ],
          })
          // The estimate is a mean, so one second more is allowed. The first two seconds do not count as full use of the capacity.
          const areInTime = requests.every(({ tookMs = 0 }) => tookMs <= rest.deadlineMs + 1_000)
          const throughput = answeredAtMs.filter((at) => at > 2_000 && at <= overloadMs).length / ((overloadMs - 2_000) / 1_000)
          const afterwards = requests.filter(({ atMs }) => atMs > overloadMs + 11_000)
          return areInTime && throughput >= 0.8 * rate && afterwards.length > 0 && afterwards.every(({ tookMs }) => tookMs !== undefined)
        }),
        { numRuns: 60 },
      ),
    )
  },
)

t.test('given a platform that is slow but never full, then no request is refused, however suddenly the load comes', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(fc.record({ deadlineMs, phases, seed, share: fc.double({ min: 0.01, max: 0.9, noNaN: true }) }), ({ share, ...rest }) =>
        simulate({ ...rest, rate: Infinity, platformMs: share * rest.deadlineMs }).requests.every(({ tookMs }) => tookMs !== undefined),
      ),
    ),
  )
})

t.test('given a capacity that changes under load, then the admitted load follows it', async (t) => {
  const change = (from: number, to: number) =>
    simulate({
      rate: (atMs) => (atMs < 20_000 ? from : to),
      platformMs: 100,
      deadlineMs: 8_000,
      phases: [{ ms: 80_000, perSecond: 600 }],
      seed: 7,
    })
  const admittedPerSecond = ({ requests }: ReturnType<typeof simulate>, fromMs: number, toMs: number): number =>
    requests.filter(({ atMs, tookMs }) => tookMs !== undefined && atMs >= fromMs && atMs < toMs).length / ((toMs - fromMs) / 1_000)

  const faster = change(100, 300)
  t.ok(Math.abs(admittedPerSecond(faster, 10_000, 20_000) - 100) < 10)
  t.ok(Math.abs(admittedPerSecond(faster, 60_000, 80_000) - 300) < 30)
  const slower = change(100, 50)
  t.ok(admittedPerSecond(slower, 45_000, 80_000) < 60)
  t.ok(
    slower.requests.every(({ atMs, tookMs = 0 }) => atMs < 21_000 || tookMs <= 8_000),
    'answers are in time again',
  )
})

t.test('given a repeat that is answered from the stored response, then its quick answer does not raise the limit', async (t) => {
  let now = 0
  const admission = createAdmission(() => now)
  const tickets = Array.from({ length: 200 }, () => admission.enter(now, now + 8_000))
  for (const ticket of tickets.slice(0, 100)) {
    now += 50
    ticket.markProcessed()
    ticket.release()
  }
  const limit = admission.limit(8_000)
  for (let index = 0; index < 1_000; index++) admission.enter(now, now + 8_000).release()
  t.equal(admission.limit(8_000), limit)
  // Twenty answers a second for 8 s, of which admission plans with 80 %, are 128.
  t.ok(limit > 100 && limit < 180, `${limit} at twenty answers per second`)
})

/** A client that reads at most `maxConcurrent` conversations at the same time; further reads wait. */
function limitReads(client: GenesysClient, maxConcurrent: number): GenesysClient {
  let free = maxConcurrent
  const waiting: Array<() => void> = []
  return {
    ...client,
    async conversation(id, options) {
      if (free === 0) await new Promise<void>((resolve) => waiting.push(resolve))
      else free--
      try {
        return await client.conversation(id, options)
      } finally {
        const next = waiting.shift()
        if (next) next()
        else free++
      }
    },
  }
}

t.test('given a platform that answers eighty reads per second, when far more requests come', async (t) => {
  const { control, request, postTransfer, app } = await startTestSystem(
    t,
    {
      TRANSFER_DEADLINE_MS: '3000',
      PICKUP_POLL_INTERVAL_MS: '60000',
      PICKUP_TIMEOUT_MS: '600000',
      PICKUP_EVENTS: 'off',
      CALLER_REQUESTS_PER_MINUTE: '100000',
    },
    {},
    // 32 reads at a time of 400 ms each: eighty per second.
    { wrapGenesys: (client) => limitReads(client, 32) },
  )
  const { id: queueId } = control.addQueue({ name: 'Support' })
  control.addFault({ operation: 'GET /conversations/{id}', times: 'always', fault: { kind: 'delay', ms: 400 } })
  const target = { type: 'queue', queueId }
  const addCall = (): string => control.addConversation({ in: 'ivr' }).conversationId
  const decide = (conversationId: string): Promise<ServiceResponse> =>
    postTransfer({ conversationId, target, mode: 'decide' }, { 'idempotency-key': conversationId })
  const requestFlat = (conversationId: string) =>
    request('POST', '/v1/architect/transfers', { conversationId, targetType: 'queue', targetId: queueId })
  const dryRun = (conversationId: string): Promise<ServiceResponse> => postTransfer({ conversationId, target, mode: 'dryRun' })
  let refusals = 0
  async function send(request: (conversationId: string) => Promise<ServiceResponse>, conversationId = addCall()) {
    const { status, headers, body } = await request(conversationId)
    if (status === 503 && body.code === 'OVERLOADED') refusals++
    return { conversationId, status, headers, body }
  }
  const earlyConversationId = addCall()
  t.equal((await decide(earlyConversationId)).status, 202)

  const decisions: Array<ReturnType<typeof send>> = []
  const others: Array<ReturnType<typeof send>> = []
  const repeats: Array<Promise<ServiceResponse>> = []
  const limits: Array<Promise<number>> = []
  const readLimit = async (): Promise<number> => {
    const { body } = await request<string>('GET', '/metrics')
    return Number(/^handoff_admission_limit (\d+)$/m.exec(body)?.[1])
  }
  for (let index = 0; refusals < 200 && index < 3_000; index++) {
    decisions.push(send(decide))
    if (refusals > 0 && index % 20 === 0) limits.push(readLimit())
    if (refusals > 0 && index % 10 === 0) {
      others.push(send(requestFlat), send(dryRun))
      repeats.push(decide(earlyConversationId))
    }
    // At most 200 per second: far more than can be answered, and slow enough for admission to learn before too many requests wait.
    if (index % 2 === 1) await setTimeout(10)
  }
  limits.push(readLimit())
  const responses = await Promise.all(decisions)
  const refused = responses.filter(({ status }) => status === 503)
  const overloaded = refused.filter(({ body }) => body.code === 'OVERLOADED')
  const admitted = responses.filter(({ status }) => status === 202)

  await t.test('then admitted requests are answered in time, and the others are refused at once with a time to retry', async (t) => {
    // No request is answered with 202 after its deadline. An admitted request that comes too late gets 503 with another code than OVERLOADED.
    t.equal(admitted.length + refused.length, responses.length)
    t.ok(admitted.length >= alwaysAdmitted && refused.length > 0, `${admitted.length} are admitted, ${refused.length} refused`)
    // On a busy machine, some of those that were admitted come too late. They are refused before anything has moved.
    t.ok(overloaded.length > 0, `${overloaded.length} of ${refused.length} are refused by admission`)
    t.ok(
      refused.every(({ headers }) => Number(headers.get('retry-after')) >= 1),
      'each has a Retry-After',
    )
    // On a busy machine answers come in bursts, after which the limit is higher for a moment.
    const limit = Math.min(...(await Promise.all(limits)).filter((each) => !Number.isNaN(each)))
    t.ok(limit >= alwaysAdmitted && limit < 600, `the limit in the metrics: ${limit}`)
  })

  await t.test('then flows and dry runs are refused in the same way', async (t) => {
    const otherResponses = await Promise.all(others)
    const flatResponses = otherResponses.filter(({ body }) => body['ok'] === false && body.code === 'OVERLOADED')
    t.ok(flatResponses.length > 0)
    for (const { status, body } of flatResponses) t.match([status, body], [200, { retryable: true, transferId: '' }])
    t.ok(flatResponses.every(({ body }) => Number(body['retryAfterSeconds']) >= 1))
    t.ok(
      otherResponses.some(({ status, body }) => status === 503 && body.code === 'OVERLOADED'),
      'a dry run',
    )
  })

  await t.test('then a repeat of an earlier request is answered with its transfer', async (t) => {
    for (const { status, headers } of await Promise.all(repeats)) t.strictSame([status, headers.get('idempotent-replayed')], [202, 'true'])
  })

  await t.test('then a refused request leaves nothing behind, and may be repeated', async (t) => {
    const { body } = await request<string>('GET', '/v1/audit')
    t.ok(admitted.every(({ conversationId }) => body.includes(conversationId)))
    t.notOk(overloaded.some(({ conversationId }) => body.includes(conversationId)))
    // On a busy machine the load that was measured is remembered for a moment.
    const { status, headers } = await waitFor(async () => {
      const repeated = await decide(String(overloaded[0]?.conversationId))
      return repeated.status !== 503 && repeated
    }, 'an answer to the repeated request')
    t.strictSame([status, headers.get('idempotent-replayed')], [202, null])
    t.equal(app.transfers.requestsInProgress, 0)
  })
})
