/** How the client polls a transfer: at a growing pace that obeys what responses ask for, until the outcome, the deadline or the signal. */
import { randomUUID } from 'node:crypto'
import { test } from 'tap'
import { createClient } from '../../client/src/index.ts'
import { states, isFinal, type State } from '../../src/model/states.ts'
import type { TestContext } from '../support/build.ts'
import { failureOf } from './failure-of.ts'
import { hang, refuse, reset, startScriptedServer, type Step } from './scripted-server.ts'

const id = randomUUID()
const transferIn = (state: State, headers: Record<string, string> = {}): Step => ({ status: 200, headers, body: { id, state } })

async function connect(t: TestContext, ...steps: Step[]) {
  const server = await startScriptedServer(t, ...steps)
  const client = createClient({ baseUrl: server.url, apiKey: 'hk_test', attemptTimeoutMs: steps.includes(hang) ? 2_000 : 30_000 })
  /** The time between each request and the next, ms. */
  const pauses = () => server.requests.slice(1).map(({ atMs }, index) => atMs - Number(server.requests[index]?.atMs))
  return { server, client, pauses }
}

test('given a transfer in any state, then the wait ends if the state is final, and else goes on', async (t) => {
  for (const state of states) {
    const { server, client } = await connect(t, transferIn(state))
    const startedAt = performance.now()
    const wait = client.waitForPickup(id, { timeoutMs: 50 })
    if (isFinal(state)) t.match(await wait, { state })
    else t.match(await failureOf(wait), { code: 'WAIT_TIMEOUT', retryable: true, transferId: id, message: new RegExp(`it is ${state}$`) })
    if (isFinal(state)) t.equal(server.requests.length, 1, state)
    else t.ok(Number(server.requests.at(-1)?.atMs) - startedAt >= 50, `${state}: it is read once more at the deadline`)
  }
})

test('given a transfer whose outcome takes time, then the pauses grow', async (t) => {
  const { client, pauses } = await connect(t, transferIn('executing'), transferIn('initiated'), transferIn('picked_up'))
  t.match(await client.waitForPickup({ id }), { state: 'picked_up' })
  const [first = 0, second = 0] = pauses()
  t.ok(first >= 499 && second >= 749, `${first} ms, ${second} ms`)
})

test('given failures that pass, then the wait goes on', async (t) => {
  const page = { status: 502, headers: { 'content-type': 'text/html' }, body: '<h1>Bad Gateway</h1>' }
  const { server, client } = await connect(t, reset, hang, page, refuse('STORE_UNAVAILABLE', true), transferIn('picked_up'))
  t.match(await client.waitForPickup(id), { state: 'picked_up' })
  t.equal(server.requests.length, 5)
})

test('given a failure that stays, then the wait ends at once', async (t) => {
  for (const [code, step] of Object.entries<Step>({
    FORBIDDEN: refuse('FORBIDDEN', false, { status: 403 }),
    UNEXPECTED_RESPONSE: { status: 200, headers: { 'content-type': 'text/html' }, body: '<html>' },
  })) {
    const { server, client } = await connect(t, step)
    t.match(await failureOf(client.waitForPickup(id)), { code })
    t.equal(server.requests.length, 1)
  }
})

test('given a response that asks for a pause, then the transfer is not read earlier', async (t) => {
  for (const step of [
    refuse('TOO_MANY_REQUESTS', true, { status: 429, retryAfterSeconds: 1 }, { 'retry-after': '1' }),
    transferIn('initiated', { ratelimit: '"minute";r=0;t=1' }),
  ]) {
    const { client, pauses } = await connect(t, step, transferIn('picked_up'))
    t.match(await client.waitForPickup(id), { state: 'picked_up' })
    t.ok(Number(pauses()[0]) >= 999)
  }
})

test('given a requested pause that lasts beyond the deadline, then the wait ends without it', async (t) => {
  const busy = refuse('TOO_MANY_REQUESTS', true, { status: 429, retryAfterSeconds: 3_600 }, { 'retry-after': '3600' })
  const { server, client } = await connect(t, busy)
  t.match(await failureOf(client.waitForPickup(id)), {
    code: 'WAIT_TIMEOUT',
    retryAfterSeconds: 3_600,
    cause: { code: 'TOO_MANY_REQUESTS' },
  })
  t.equal(server.requests.length, 1)
})

test('given a signal, when it is aborted, then the wait ends with its reason', async (t) => {
  const reason = new Error('not needed any more')
  const whileReading = new AbortController()
  const reading = await connect(t, () => whileReading.abort(reason))
  t.equal(await reading.client.waitForPickup(id, { signal: whileReading.signal }).catch((error) => error), reason)

  const whilePausing = new AbortController()
  const pausing = await connect(t, transferIn('initiated', { 'retry-after': '20' }))
  const wait = pausing.client.waitForPickup(id, { signal: whilePausing.signal }).catch((error) => error)
  setImmediate(() => whilePausing.abort(reason))
  t.equal(await wait, reason)
})

test('given a clock that is set, then the deadline stays where it is', async (t) => {
  const { client } = await connect(t, transferIn('initiated'), transferIn('picked_up'))
  const wait = client.waitForPickup(id, { timeoutMs: 60_000 })
  const now = Date.now
  t.teardown(() => (Date.now = now))
  Date.now = () => now() + 86_400_000
  t.match(await wait, { state: 'picked_up' })
})
