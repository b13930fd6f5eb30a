/** A bulk transfer that has to wait for the platform's rate limit says so. */
import t from 'tap'
import { startTestSystem } from '../../../support/test-system.ts'
import { readBulk, requestBulk, setUpWaitingCalls, waitForBulk } from './scene.ts'

t.test('given more calls than the platform allows to move in a minute, then the bulk transfer says why it waits', async (t) => {
  const system = await startTestSystem(t, { GENESYS_REQUESTS_PER_MINUTE: '60', GENESYS_TOKEN_POOL_SIZE: '1' })
  const { body } = setUpWaitingCalls(system, 20)
  const { id } = await requestBulk(system, body)
  const slow = await waitForBulk(system, id, ({ code }) => code !== null, 'the reason')
  t.match(slow, { state: 'running', code: 'RATE_LIMITED', message: /^It waits for the platform's rate limit/ })
  t.ok(slow.counts.moved < 20)
  t.ok(
    slow.calls.every(({ code }) => code === null),
    'no call was begun without room for all of its requests',
  )

  t.match(await system.request('POST', `/v1/bulk-transfers/${id}/pause`), { body: { state: 'paused', code: null, message: null } })
  await system.request('POST', `/v1/bulk-transfers/${id}/resume`)
  await waitForBulk(system, id, ({ code }) => code === 'RATE_LIMITED', 'the reason, after it was resumed')
  await system.request('POST', `/v1/bulk-transfers/${id}/cancel`)
  t.match(await readBulk(system, id), { state: 'cancelled', code: null, message: null })

  const { body: audit } = await system.request<string>('GET', '/v1/audit?since=2020-01-01T00:00:00Z')
  t.equal(audit.split('"status":"bulk_slowed"').length - 1, 2, 'once each time that it runs')
})
