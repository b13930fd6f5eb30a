/** Which results count as signs of an outage. */
import t from 'tap'
import { createBreaker } from '../../../src/genesys/http/breaker.ts'
import { waitFor } from '../../support/wait-for.ts'
import type { ExchangeResult } from '../../../src/genesys/http/exchange.ts'

const createTimeout = (changes: Partial<ExchangeResult> = {}): ExchangeResult => ({
  isSent: true,
  headers: {},
  body: '',
  failure: { kind: 'deadline' },
  ...changes,
})
const createResponse = (status: number): ExchangeResult => ({ isSent: true, status, headers: {}, body: '' })
/** More than the breaker needs to open. */
const repetitions = 25

for (const [given, result, state] of [
  ['no response for two seconds or more after the request was sent', createTimeout({ sinceSentMs: 2_500 }), 'open'],
  ['deadlines that left the platform hardly any time', createTimeout({ sinceSentMs: 300 }), 'closed'],
  ['requests that waited in the client and were never sent', createTimeout({ isSent: false }), 'closed'],
  ['callers that aborted', createTimeout({ sinceSentMs: 2_500, failure: { kind: 'aborted' } }), 'closed'],
  ['connections that break', createTimeout({ sinceSentMs: 5, failure: { kind: 'network', code: 'ECONNRESET' } }), 'open'],
  ['responses with status 503', createResponse(503), 'open'],
  ['responses with status 400', createResponse(400), 'closed'],
] as const) {
  t.test(`given ${given}, again and again, then the breaker is ${state}`, async (t) => {
    const breaker = createBreaker({ probe: () => new Promise(() => {}) })
    for (let count = 0; count < repetitions; count++) await breaker.run('getConversation', async () => result).catch(() => {})
    t.equal(breaker.state, state)
  })
}

t.test('given an open breaker, when the clock is set back by an hour, then the platform is still probed at once', async (t) => {
  let probes = 0
  const halfOpenAfterMs = 1
  const breaker = createBreaker({ probe: async () => (probes++, createResponse(200)), halfOpenAfterMs })
  // No more than open it: the next one might be the probe.
  for (let count = 0; count < repetitions && breaker.state !== 'open'; count++)
    await breaker.run('getConversation', async () => createResponse(503)).catch(() => {})
  t.equal(breaker.state, 'open')
  const { now } = Date
  t.teardown(() => void (Date.now = now))
  Date.now = () => now() - 3_600_000
  await waitFor(() => {
    try {
      breaker.throwIfOpen('getConversation')
      return true
    } catch {
      return false
    }
  }, 'the breaker')
  t.equal(probes, 1)
})

t.test('given half of the calls failing, then the breaker stays closed; given more, then it opens', async (t) => {
  const breaker = createBreaker({ probe: () => new Promise(() => {}) })
  const call = (status: number) => breaker.run('getConversation', async () => createResponse(status)).catch(() => {})
  for (let count = 0; count < repetitions; count++) {
    await call(200)
    await call(503)
  }
  t.equal(breaker.state, 'closed')
  for (let count = 0; count < 2; count++) await call(503)
  t.equal(breaker.state, 'open')
})
