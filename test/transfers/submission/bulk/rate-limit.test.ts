/** A bulk transfer that has to wait for the platform's rate limit says so, and about for how long, until it goes on. */
import t from 'tap'
import { holdQueueCommands } from '../../../support/hold-queue-commands.ts'
import { startTestSystem } from '../../../support/test-system.ts'
import { waitFor } from '../../../support/wait-for.ts'
import { readBulk, requestBulk, setUpWaitingCalls, waitForBulk, waitUntilDone } from './scene.ts'

// The tests mostly wait, each for a system of its own.
t.jobs = 4

t.test('given more calls than the platform allows to move in a minute, then the bulk transfer says why it waits', async (t) => {
  const system = await startTestSystem(t, { GENESYS_REQUESTS_PER_MINUTE: '60', GENESYS_TOKEN_POOL_SIZE: '1' })
  const { body } = setUpWaitingCalls(system, 20)
  const { id } = await requestBulk(system, body)
  const slow = await waitForBulk(system, id, ({ code }) => code !== null, 'the reason')
  t.match(slow, {
    state: 'running',
    code: 'RATE_LIMITED',
    message: /^It waits for the platform's rate limit.* It goes on in about \d+ seconds\.$/,
  })
  const { body: list } = await system.request<{ bulkTransfers: Array<{ code: string }> }>('GET', '/v1/bulk-transfers')
  t.match(list.bulkTransfers, [{ id, code: 'RATE_LIMITED', message: / about \d+ seconds/ }], 'lists say so, too')
  t.ok(slow.counts.moved < 20)

  t.match(await system.request('POST', `/v1/bulk-transfers/${id}/pause`), { body: { state: 'paused', code: null, message: null } })
  await system.request('POST', `/v1/bulk-transfers/${id}/resume`)
  await waitForBulk(system, id, ({ code }) => code === 'RATE_LIMITED', 'the reason, after it was resumed')
  await system.request('POST', `/v1/bulk-transfers/${id}/cancel`)
  t.match(await readBulk(system, id), { state: 'cancelled', code: null, message: null })

  const { body: audit } = await system.request<string>('GET', '/v1/audit?since=2020-01-01T00:00:00Z')
  t.equal(audit.split('"status":"bulk_slowed"').length - 1, 2, 'once each time that it runs')
})

t.test('given a bulk transfer that waits for the rate limit, when it is cancelled, then it ends without waiting for that', async (t) => {
  const system = await startTestSystem(t, { GENESYS_REQUESTS_PER_MINUTE: '60', GENESYS_TOKEN_POOL_SIZE: '1' })
  const { body } = setUpWaitingCalls(system, 20)
  const { id } = await requestBulk(system, body)
  await waitForBulk(system, id, ({ code }) => code !== null, 'the reason')
  await system.request('POST', `/v1/bulk-transfers/${id}/cancel`)
  await waitForBulk(system, id, ({ counts }) => counts.pending === 0, 'the end')
  t.ok(system.app.genesys.client.waitMs('bulk', 1) > 0, 'there is still no room for it')
})

t.test('given a 429 that stops the calls for a while, when they go on, then the bulk transfer no longer says that it waits', async (t) => {
  const system = await startTestSystem(t, {}, { deadlineMs: 2_000 })
  const { body } = setUpWaitingCalls(system, 3)
  const held = holdQueueCommands(t, system, 2)
  system.control.addFault({ operation: 'GET /conversations/{id}', times: 1, fault: { kind: 'rate-limited', retryAfterSeconds: 8 } })
  const { id } = await requestBulk(system, body)
  t.match(await waitForBulk(system, id, ({ code }) => code !== null, 'the reason'), {
    state: 'running',
    code: 'RATE_LIMITED',
    message: / about (5|10) seconds/,
    counts: { moved: 0 },
  })
  await waitFor(() => held.heldCount === 1, 'the third command')
  t.match(await readBulk(system, id), { state: 'running', code: null, message: null, counts: { moved: 2, moving: 1 } })
  held.release()
  await waitUntilDone(system, id)
})

t.test('given room for a part of the requests that move a call, then no call is begun', async (t) => {
  const system = await startTestSystem(t, { GENESYS_REQUESTS_PER_MINUTE: '60', GENESYS_TOKEN_POOL_SIZE: '1' })
  const { client } = system.app.genesys
  const { body, conversationIds } = setUpWaitingCalls(system, 3)
  while (client.waitMs('bulk', 3) === 0)
    await client.conversation(String(conversationIds[0]), { deadline: Date.now() + 30_000, lane: 'bulk' })
  t.equal(client.waitMs('bulk', 1), 0)
  const { id } = await requestBulk(system, body)
  const waiting = await waitForBulk(system, id, ({ code }) => code === 'RATE_LIMITED', 'the reason')
  t.match(waiting, { counts: { pending: 3 } })
  t.ok(waiting.calls.every(({ code }) => code === null))
  t.equal(client.waitMs('bulk', 1), 0, 'nothing was read in vain')
})
