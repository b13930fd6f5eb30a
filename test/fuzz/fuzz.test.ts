/** A small run of `npm run fuzz`. */
import t, { test } from 'tap'
import { readServedDocument } from '../routes/served-document.ts'
import { operationsKey, readerKey } from '../support/settings.ts'
import { startTestSystem } from '../support/test-system.ts'
import { createHostileRequests, createRandom } from './hostile-requests.ts'
import { sendRequests } from './send-requests.ts'

t.setTimeout(240_000)

test('given hostile requests to every route, then every answer fits the OpenAPI document, and the service is healthy afterwards', async (t) => {
  const system = await startTestSystem(t, { CALLER_REQUESTS_PER_MINUTE: '1000000' })
  const served = await readServedDocument(system.url)
  const seed = Math.floor(Math.random() * 2 ** 31)
  const nextRequest = createHostileRequests(served, [`Bearer ${operationsKey}`, `Bearer ${readerKey}`], createRandom(seed))
  const { sent, findings } = await sendRequests(system.url, served, nextRequest, 1_500)
  t.strictSame(Object.fromEntries(findings), {}, `seed ${seed}`)
  t.equal(sent, 1_500)
  t.equal((await fetch(`${system.url}/health`)).status, 200)
})
