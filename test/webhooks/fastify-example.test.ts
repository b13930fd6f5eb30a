/** The example in docs/webhooks/fastify.ts receives what the service sends, and the rest of its application works as before. */
import Fastify from 'fastify'
import t, { type Test } from 'tap'
import { handoffWebhooks, type WebhookOptions } from '../../docs/webhooks/fastify.ts'
import { setUpIvrCall } from '../support/calls.ts'
import { crmSecret } from '../support/test-crm.ts'
import { startTestSystem } from '../support/test-system.ts'
import { waitFor } from '../support/wait-for.ts'
import type { Delivery } from '../../src/ledger/contract/deliveries.ts'

const strangerSecret = `whsec_${Buffer.from('the secret of somebody else').toString('base64')}`

/** Starts an application with the example and a route of its own, and a service that sends webhooks to it. */
async function startReceiver(t: Test, options: Partial<WebhookOptions> = {}) {
  const events: Array<{ id: string; type: string }> = []
  const app = Fastify()
  await app.register(handoffWebhooks, {
    secrets: [crmSecret],
    onEvent: async (id, { type }) => void events.push({ id, type }),
    ...options,
  })
  app.post('/echo', async ({ body }) => body)
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  t.teardown(() => app.close())
  const system = await startTestSystem(t, { CRM_WEBHOOK_URL: `${url}/webhooks/handoff` })

  /** Transfers a call. @returns the first delivery about it, once it was attempted */
  async function transferCall(): Promise<Delivery> {
    const { conversationId, skillId, queueId } = setUpIvrCall(system.control)
    const { body } = await system.postTransfer({ conversationId, target: { type: 'skill', skillId, queueId } })
    return waitFor(async () => {
      const page = await system.request<{ deliveries: Delivery[] }>('GET', `/v1/webhook-deliveries?transferId=${body.id}`)
      const first = page.body.deliveries.at(-1)
      return first && first.attempts.length > 0 && first
    }, 'an attempt')
  }
  return { app, events, transferCall }
}

t.test('given the secret of the service, when a call is transferred, then the example takes the event', async (t) => {
  const { events, transferCall } = await startReceiver(t)
  t.match(await transferCall(), { id: events[0]?.id, type: 'transfer.initiated', state: 'delivered', attempts: [{ status: 204 }] })
  t.match(events[0], { type: 'transfer.initiated' })
})

t.test('given another secret, when a call is transferred, then the example refuses the event, and the service keeps it', async (t) => {
  const { events, transferCall } = await startReceiver(t, { secrets: [strangerSecret] })
  t.match(await transferCall(), { state: 'pending', attempts: [{ status: 400 }] })
  t.strictSame(events, [])
})

t.test('given an event that cannot be stored, when a call is transferred, then the service keeps the event', async (t) => {
  const { transferCall } = await startReceiver(t, { onEvent: () => Promise.reject(new Error('the disk is full')) })
  t.match(await transferCall(), { state: 'pending', attempts: [{ status: 500 }] })
})

t.test('given a route of the application itself, when JSON is sent to it, then it is parsed', async (t) => {
  const { app } = await startReceiver(t)
  const response = await app.inject({ method: 'POST', url: '/echo', payload: { a: 1 } })
  t.strictSame(response.json(), { a: 1 })
  t.equal((await app.inject({ method: 'POST', url: '/webhooks/handoff', payload: { a: 1 } })).statusCode, 400, 'an unsigned request')
  const headers = { 'webhook-timestamp': String(Math.floor(Date.now() / 1000)) }
  t.equal((await app.inject({ method: 'POST', url: '/webhooks/handoff', headers })).statusCode, 400, 'a request without a body')
})
