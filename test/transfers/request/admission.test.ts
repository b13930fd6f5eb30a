import { setTimeout } from 'node:timers/promises'
import fc from 'fast-check'
import t from 'tap'
import { alwaysAdmitted, createAdmission } from '../../../src/transfers/request/admission.ts'
import type { GenesysClient } from '../../../src/genesys/client.ts'
import { startWorld, type Answered } from '../../support/service.ts'

interface Phase {
  ms: number
  /** 0: nobody asks. */
  perSecond: number
}
interface Playing {
  /** Answers a second, one after the other, so long after the start (ms). Infinity: as many at once as are asked for. */
  rate: number | ((atMs: number) => number)
  /** What each takes besides, however many there are. */
  platformMs: number
  deadlineMs: number
  phases: readonly Phase[]
  seed: number
}
interface Asked {
  atMs: number
  /** Under way when it came. */
  before: number
  /** Absent: it was refused. */
  tookMs?: number
  retryAfterSeconds?: number | undefined
}

/** Callers in front of one who answers in order, by a clock of their own; what nobody waits for any more is worked on all the same. */
function play({ rate, platformMs, deadlineMs, phases, seed }: Playing): { asked: Asked[]; answeredAtMs: number[] } {
  let now = 1_000_000
  let state = seed
  /** 0.75 to 1.25, the same for the same seed. */
  const uneven = (): number => 0.75 + (state = (state * 1_103_515_245 + 12_345) % 2_147_483_648) / 2_147_483_648 / 2
  const admission = createAdmission(() => now)
  const began = now
  const pending: Array<{ at: number; leave: () => void }> = []
  const asked: Asked[] = []
  const answeredAtMs: number[] = []
  let freeAt = now
  function until(at: number): void {
    while (pending[0] && pending[0].at <= at) {
      const { at: then, leave } = pending.shift()!
      now = then
      answeredAtMs.push(now - began)
      leave()
    }
    now = at
  }
  let at = now
  for (const { ms, perSecond } of phases) {
    const end = at + ms
    for (; perSecond > 0 && at < end; at += (1_000 / perSecond) * uneven()) {
      until(at)
      const one = { atMs: now - began, before: admission.underWay }
      const refused = admission.refusal(now + deadlineMs)
      if (refused) {
        asked.push({ ...one, retryAfterSeconds: refused.retryAfterSeconds })
        continue
      }
      const visit = admission.enter(now, now + deadlineMs)
      visit.markProcessed()
      const begun = Math.max(freeAt, now)
      freeAt = begun + (1_000 / (typeof rate === 'number' ? rate : rate(begun - began))) * uneven()
      pending.push({ at: freeAt + platformMs, leave: () => visit.release() })
      asked.push({ ...one, tookMs: freeAt + platformMs - now })
    }
    at = Math.max(at, end)
    until(at)
  }
  return { asked, answeredAtMs }
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

t.test('given anything at all, then nobody is refused while few are under way, and who is hears when to come again', async (t) => {
  const rate = fc.oneof(fc.integer({ min: 1, max: 1_000 }), fc.constant(0.01))
  const platformMs = fc.nat(10_000)
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(fc.record({ rate, platformMs, deadlineMs, phases, seed }), (playing) =>
        play(playing).asked.every(
          ({ before, tookMs, retryAfterSeconds = 0 }) =>
            tookMs !== undefined ||
            (before >= alwaysAdmitted && Number.isInteger(retryAfterSeconds) && retryAfterSeconds >= 1 && retryAfterSeconds <= 60),
        ),
      ),
    ),
  )
})

t.test(
  'given more than can be served, then who is let in is answered in time, nothing is left unused, and afterwards everybody is let in',
  async (t) => {
    const playing = fc
      .record({
        deadlineMs,
        seed,
        times: fc.double({ min: 1.2, max: 6, noNaN: true }),
        platformMs: fc.integer({ min: 10, max: 250 }),
        rate: fc.integer({ min: 10, max: 150 }),
      })
      // Who is never refused must be possible to serve, and so must those who come before the first answers in a crowd have told anything.
      .filter(
        ({ deadlineMs: ms, times, platformMs, rate }) =>
          (alwaysAdmitted / rate) * 1_000 + platformMs < ms && ((times - 1) * 20_000) / rate + times * platformMs < ms,
      )
    const crowdMs = 15_000
    t.doesNotThrow(() =>
      fc.assert(
        fc.property(playing, ({ rate, times, ...rest }) => {
          const { asked, answeredAtMs } = play({
            ...rest,
            rate,
            phases: [
              { ms: crowdMs, perSecond: rate * times },
              { ms: 12_000, perSecond: 0 },
              { ms: 1_000, perSecond: 1 },
            ],
          })
          const inTime = asked.every(({ tookMs = 0 }) => tookMs <= rest.deadlineMs + 1_000)
          const used = answeredAtMs.filter((at) => at > 2_000 && at <= crowdMs).length / ((crowdMs - 2_000) / 1_000)
          const afterwards = asked.filter(({ atMs }) => atMs > crowdMs + 11_000)
          return inTime && used >= 0.8 * rate && afterwards.length > 0 && afterwards.every(({ tookMs }) => tookMs !== undefined)
        }),
        { numRuns: 60 },
      ),
    )
  },
)

t.test('given a platform that is slow but never full, then nobody is refused, however suddenly many come', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(fc.record({ deadlineMs, phases, seed, part: fc.double({ min: 0.01, max: 0.9, noNaN: true }) }), ({ part, ...rest }) =>
        play({ ...rest, rate: Infinity, platformMs: part * rest.deadlineMs }).asked.every(({ tookMs }) => tookMs !== undefined),
      ),
    ),
  )
})

t.test('given a pace that changes under load, then what is let in follows it', async (t) => {
  const change = (from: number, to: number) =>
    play({
      rate: (at) => (at < 20_000 ? from : to),
      platformMs: 100,
      deadlineMs: 8_000,
      phases: [{ ms: 80_000, perSecond: 600 }],
      seed: 7,
    })
  const perSecond = ({ asked }: ReturnType<typeof play>, fromMs: number, toMs: number): number =>
    asked.filter(({ atMs, tookMs }) => tookMs !== undefined && atMs >= fromMs && atMs < toMs).length / ((toMs - fromMs) / 1_000)

  const faster = change(100, 300)
  t.ok(Math.abs(perSecond(faster, 10_000, 20_000) - 100) < 10)
  t.ok(Math.abs(perSecond(faster, 60_000, 80_000) - 300) < 30)
  const slower = change(100, 50)
  t.ok(perSecond(slower, 45_000, 80_000) < 60)
  t.ok(
    slower.asked.every(({ atMs, tookMs = 0 }) => atMs < 21_000 || tookMs <= 8_000),
    'and is in time again',
  )
})

t.test('given a caller of whom all is known, then his quick answer does not pass for work that was done', async (t) => {
  let now = 0
  const admission = createAdmission(() => now)
  const visits = Array.from({ length: 200 }, () => admission.enter(now, now + 8_000))
  for (const visit of visits.slice(0, 100)) {
    now += 50
    visit.markProcessed()
    visit.release()
  }
  const limit = admission.limit(8_000)
  for (let index = 0; index < 1_000; index++) admission.enter(now, now + 8_000).release()
  t.equal(admission.limit(8_000), limit)
  t.ok(limit > 100 && limit < 180, `${limit} at twenty a second`)
})

/** A way to the platform on which so many look at a conversation at once, and the others wait. */
function narrow(client: GenesysClient, atOnce: number): GenesysClient {
  let free = atOnce
  const waiting: Array<() => void> = []
  return {
    ...client,
    async conversation(id, options) {
      if (free === 0) await new Promise<void>((go) => waiting.push(go))
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

t.test('given a platform that answers eighty looks a second, when far more come', async (t) => {
  const { scene, ask, transfer, app } = await startWorld(
    t,
    {
      TRANSFER_DEADLINE_MS: '3000',
      PICKUP_POLL_INTERVAL_MS: '60000',
      PICKUP_TIMEOUT_MS: '600000',
      PICKUP_EVENTS: 'off',
      CALLER_REQUESTS_PER_MINUTE: '100000',
    },
    {},
    { wrapGenesys: (client) => narrow(client, 32) },
  )
  const { id: queueId } = scene.addQueue({ name: 'Support' })
  scene.addFault({ operation: 'GET /conversations/{id}', times: 'always', fault: { kind: 'delay', ms: 400 } })
  const target = { type: 'queue', queueId }
  const call = (): string => scene.addConversation({ in: 'ivr' }).conversationId
  const decide = (conversationId: string): Promise<Answered> =>
    transfer({ conversationId, target, mode: 'decide' }, { 'idempotency-key': conversationId })
  const flat = (conversationId: string) =>
    ask('POST', '/v1/architect/transfers', { conversationId, targetType: 'queue', targetId: queueId })
  const dry = (conversationId: string): Promise<Answered> => transfer({ conversationId, target, mode: 'dryRun' })
  let refusals = 0
  async function timed(work: (conversationId: string) => Promise<Answered>, conversationId = call()) {
    const { status, headers, body } = await work(conversationId)
    if (status === 503) refusals++
    return { conversationId, status, headers, body }
  }
  const early = call()
  t.equal((await decide(early)).status, 202)

  const crowd: Array<ReturnType<typeof timed>> = []
  const others: Array<ReturnType<typeof timed>> = []
  const repeats: Array<Promise<Answered>> = []
  for (let index = 0; refusals < 200 && index < 3_000; index++) {
    crowd.push(timed(decide))
    if (refusals > 0 && index % 10 === 0) {
      others.push(timed(flat), timed(dry))
      repeats.push(decide(early))
    }
    if (index % 3 === 2) await setTimeout(10)
  }
  const metrics = await ask<string>('GET', '/metrics')
  const answers = await Promise.all(crowd)
  const refused = answers.filter(({ status }) => status === 503)
  const letIn = answers.filter(({ status }) => status === 202)

  await t.test('then who is let in is answered in time, and the others at once, with when to come again', async (t) => {
    // Later than his deadline, nobody would be told 202.
    t.equal(letIn.length + refused.length, answers.length)
    t.ok(letIn.length >= alwaysAdmitted && refused.length > 0, `${letIn.length} are let in, ${refused.length} refused`)
    t.strictSame([...new Set(refused.map(({ body }) => body.code))], ['OVERLOADED'])
    t.ok(
      refused.every(({ headers }) => Number(headers.get('retry-after')) >= 1),
      'each has a Retry-After',
    )
    const [, limit] = /^handoff_admission_limit (\d+)$/m.exec(metrics.body) ?? []
    t.ok(Number(limit) >= alwaysAdmitted && Number(limit) < 600, `the metrics tell the limit: ${limit}`)
  })

  await t.test('then flows and dry runs are told the same', async (t) => {
    const told = await Promise.all(others)
    const flows = told.filter(({ body }) => body['ok'] === false)
    t.ok(flows.length > 0)
    for (const { status, body } of flows) t.match([status, body], [200, { code: 'OVERLOADED', retryable: true, transferId: '' }])
    t.ok(flows.every(({ body }) => Number(body['retryAfterSeconds']) >= 1))
    t.match(told.find(({ status }) => status === 503)?.body, { code: 'OVERLOADED' }, 'a dry run')
  })

  await t.test('then who asks again about a transfer of a moment ago is told of it', async (t) => {
    for (const { status, headers } of await Promise.all(repeats)) t.strictSame([status, headers.get('idempotent-replayed')], [202, 'true'])
  })

  await t.test('then a refusal leaves no trace, and the same request may come again', async (t) => {
    const { body } = await ask<string>('GET', '/v1/audit')
    t.ok(letIn.every(({ conversationId }) => body.includes(conversationId)))
    t.notOk(refused.some(({ conversationId }) => body.includes(conversationId)))
    const { status, headers } = await decide(String(refused[0]?.conversationId))
    t.strictSame([status, headers.get('idempotent-replayed')], [202, null])
    t.equal(app.transfers.underWay, 0)
  })
})
