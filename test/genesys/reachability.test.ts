/** For how long an answer shows that the platform can be reached, and what a probe shows after that. */
import t from 'tap'
import { createBreaker } from '../../src/genesys/http/breaker.ts'
import type { ExchangeResult } from '../../src/genesys/http/exchange.ts'
import type { Transport } from '../../src/genesys/http/transport.ts'
import { probeNotSent } from '../../src/genesys/probe.ts'
import { createReachability, observeAnswers } from '../../src/genesys/reachability.ts'
import { createDrivenClock } from './support/driven-clock.ts'

const createResponse = (status: number): ExchangeResult => ({ isSent: true, status, headers: {}, body: '' })
const createFailure = (failure: ExchangeResult['failure'], sinceSentMs = 0): ExchangeResult => ({
  isSent: true,
  sinceSentMs,
  headers: {},
  body: '',
  ...(failure && { failure }),
})
const refused = createFailure({ kind: 'network', code: 'ECONNREFUSED' })
/** A platform that accepts the connection and does not answer within the two seconds that a probe waits. */
const silent = createFailure({ kind: 'deadline' }, 1_990)

/** A readiness check of a platform whose answers the test sets, with a clock that the test moves. Each probe is a request. */
function createTestCheck(answer: ExchangeResult = createResponse(200)) {
  const clock = createDrivenClock()
  const platform = { answer, probes: 0 }
  const transport = observeAnswers({ send: async () => platform.answer } as unknown as Transport, clock)
  const send = () => transport.send({ url: new URL('http://127.0.0.1/'), method: 'GET', headers: {}, timeoutMs: 1_000 })
  const probe = () => {
    platform.probes += 1
    return send()
  }
  const breaker = createBreaker({ probe })
  const { check } = createReachability({ answeredAt: transport.answeredAt, probe, breaker, clock })
  return { clock, platform, send, breaker, check }
}

t.test('given an answer of the platform, when five seconds have passed since, then it is probed, and not before', async (t) => {
  const { clock, platform, send, check } = createTestCheck()
  await send()
  await clock.drive(4_999)
  await check()
  t.equal(platform.probes, 0)
  await clock.drive(1)
  await check()
  t.equal(platform.probes, 1)
  await check()
  t.equal(platform.probes, 1, 'the answer to a probe counts like any other')
})

for (const [description, answer] of [
  ['refuses connections', refused],
  ['accepts connections and stays silent', silent],
  ['is behind a gateway that answers 502', createResponse(502)],
] as const)
  t.test(
    `given a platform that ${description}, when five seconds have passed since its last answer, then it cannot be reached`,
    async (t) => {
      const { clock, platform, send, check } = createTestCheck()
      await send()
      platform.answer = answer
      await check()
      await clock.drive(5_000)
      for (let poll = 0; poll < 24; poll++) await t.rejects(check(), { message: /is not available or did not answer in time/ })
      platform.answer = createResponse(404)
      await check()
    },
  )

t.test('given a request that fails, when the platform had answered a moment before, then it is probed at once', async (t) => {
  const { platform, send, check } = createTestCheck()
  await send()
  platform.answer = refused
  await send()
  await t.rejects(check(), { message: /is not available or did not answer in time/ })
  t.equal(platform.probes, 1)
})

t.test('given a platform that accepts none of its tokens, when it is polled, then every poll says so', async (t) => {
  const { clock, platform, check } = createTestCheck(createResponse(401))
  for (let poll = 0; poll < 24; poll++) {
    await t.rejects(check(), { message: /does not accept the OAuth client/ }, `poll ${poll}`)
    await clock.drive(250)
  }
  platform.answer = createResponse(200)
  await check()
})

t.test('given a probe that could not be sent, when the platform is polled, then nothing is said against it', async (t) => {
  const { check } = createTestCheck(createFailure({ kind: 'network', code: probeNotSent }))
  await t.resolves(check())
})

t.test('given a platform that counts as down, when it is polled, then it cannot be reached, although it has just answered', async (t) => {
  const { platform, send, breaker, check } = createTestCheck(createResponse(503))
  for (let count = 0; count < 25; count++) await breaker.run('getConversation', send).catch(() => {})
  platform.answer = createResponse(200)
  await send()
  await t.rejects(check(), { message: /is failing, so no request is sent/ })
})
