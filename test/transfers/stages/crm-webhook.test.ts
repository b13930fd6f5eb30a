/** The CRM gets a signed event for each change of state, and its faults never disturb a transfer. */
import { createHmac } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import t from 'tap'
import { crmSecret } from '../../support/test-crm.ts'
import { startTestSystem } from '../../support/test-system.ts'
import { setUpIvrCall } from '../../support/calls.ts'
import { waitFor } from '../../support/wait-for.ts'

t.test('given a CRM', async (t) => {
  const { control, postTransfer, waitForState, request, crm } = await startTestSystem(t)
  type Deliveries = {
    deliveries: Array<{
      id: string
      state: string
      type: string
      tries: number
      attempts: Array<{ status: number | null; error: string | null }>
      nextAttemptAt: string | null
    }>
    nextCursor: string | null
  }
  const deliveriesOf = async (id: string) => (await request<Deliveries>('GET', `/v1/webhook-deliveries?transferId=${id}`)).body.deliveries

  t.test('when a transfer changes its state, then each event is signed in both ways and has the documented fields', async (t) => {
    const { conversationId, skillId, queueId, userId } = setUpIvrCall(control)
    const { body } = await postTransfer({
      conversationId,
      target: { type: 'skill', skillId, queueId },
      priority: 4,
      context: { secret: 'not for the CRM' },
    })
    await waitForState(body.id, 'picked_up')
    await waitFor(() => crm.eventTypesFor(body.id).length === 2)
    const [initiated, pickedUp] = crm.accepted.filter(({ data }) => data.actionId === body.id)
    t.match(initiated?.data, {
      conversationId,
      actionId: body.id,
      targetSkillId: skillId,
      priority: 4,
      transferDepth: 1,
      latencyMs: Number,
      timestamp: /Z$/,
    })
    t.match(pickedUp?.data, { agentUserId: userId, pickupMs: Number, state: 'picked_up' })
    t.notMatch(`${initiated?.body}${pickedUp?.body}`, 'not for the CRM')
    // The test's CRM has verified `webhook-signature` already; this is the second signature.
    const key = Buffer.from(crmSecret.slice('whsec_'.length), 'base64')
    t.equal(
      initiated?.headers['x-transfer-signature'],
      `sha256=${createHmac('sha256', key)
        .update(`${initiated?.headers['webhook-timestamp'] as string}.${initiated?.body}`)
        .digest('hex')}`,
    )
    await waitFor(async () => (await deliveriesOf(body.id)).every(({ state }) => state === 'delivered'), 'both to be recorded as delivered')
  })

  const faults: Array<[fault: string, respond: Parameters<typeof crm.respondWith>[0]]> = [
    ['answers 500', (response) => response.writeHead(500).end()],
    ['redirects', (response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end()],
    ['answers garbage', (response) => void response.socket?.end('nonsense\r\n\r\n')],
    ['resets', (response) => void response.socket?.destroy()],
  ]
  for (const [fault, respond] of faults) {
    t.test(`when the CRM ${fault}, then the transfer goes on, and the event is tried again later`, async (t) => {
      crm.respondWith(respond)
      const { conversationId, queueId } = setUpIvrCall(control)
      const { status, body } = await postTransfer({ conversationId, target: { type: 'queue', queueId } })
      t.equal(status, 202)
      await waitForState(body.id, 'picked_up')
      const [pickedUp, initiated] = await waitFor(async () => {
        const deliveries = await deliveriesOf(body.id)
        return deliveries.some(({ attempts }) => attempts.length > 0) && deliveries
      })
      t.match(initiated, { state: 'pending', tries: initiated?.attempts.length, nextAttemptAt: String })
      t.match(pickedUp, { state: 'pending', attempts: [], type: 'transfer.picked_up' }, 'the later event waits for the earlier one')
      crm.respondWith((response) => response.writeHead(200).end())
      t.equal((await request('POST', `/v1/webhook-deliveries/${initiated?.id}/redeliver`)).status, 202)
      await waitFor(() => crm.eventTypesFor(body.id).length === 2)
      t.strictSame(crm.eventTypesFor(body.id), ['transfer.initiated', 'transfer.picked_up'])
    })
  }

  t.test('when the CRM never answers, then the transfer goes on', async (t) => {
    const unanswered: ServerResponse[] = []
    crm.respondWith((response) => void unanswered.push(response))
    const { conversationId, queueId } = setUpIvrCall(control)
    const { status, body } = await postTransfer({ conversationId, target: { type: 'queue', queueId } })
    t.equal(status, 202)
    await waitForState(body.id, 'picked_up')
    // Otherwise the service would wait for the end of the attempt before it stops.
    for (const response of unanswered) response.destroy()
  })

  t.test('when the CRM answers 410, then the event is not sent again, and the audit trail says so', async (t) => {
    crm.respondWith((response) => response.writeHead(410).end())
    const { conversationId, queueId } = setUpIvrCall(control)
    const { body } = await postTransfer({ conversationId, target: { type: 'queue', queueId } })
    await waitFor(async () => (await deliveriesOf(body.id)).some(({ state }) => state === 'refused'))
    const {
      body: { entries },
    } = await request<{ entries: Array<{ status: string }> }>('GET', `/v1/transfers/${body.id}/audit`)
    t.ok(entries.some(({ status }) => status === 'delivery_refused'))
    crm.respondWith((response) => response.writeHead(204).end())
  })

  t.test('when a transfer is refused, then the CRM gets one event about that, without the number', async (t) => {
    const { conversationId } = setUpIvrCall(control)
    const { body } = await postTransfer({ conversationId, target: { type: 'number', address: '+49301234567' } })
    await waitFor(() => crm.eventTypesFor(String(body.transferId)).length === 1)
    t.strictSame(crm.eventTypesFor(String(body.transferId)), ['transfer.rejected'])
    t.notMatch(crm.accepted.find(({ data }) => data.actionId === body.transferId)?.body, '49301234567')
  })
})

t.test('given a CRM in a private network that is not allowed, then nothing is sent, and the delivery says why', async (t) => {
  const { control, postTransfer, waitForState, request, crm } = await startTestSystem(t, { WEBHOOK_ALLOWED_NETWORKS: '' })
  const { conversationId, queueId } = setUpIvrCall(control)
  const { body } = await postTransfer({ conversationId, target: { type: 'queue', queueId } })
  await waitForState(body.id, 'picked_up')
  const [delivery] = await waitFor(async () => {
    const found = (
      await request<{ deliveries: Array<{ state: string; attempts: Array<{ error: string }> }> }>(
        'GET',
        '/v1/webhook-deliveries?state=refused',
      )
    ).body.deliveries
    return found.length > 0 && found
  })
  t.match(delivery?.attempts[0]?.error, /refused/)
  t.equal(crm.attempts.length, 0)
})

t.test('given no CRM, when a call is transferred, then nothing is queued', async (t) => {
  const { control, postTransfer, waitForState, request } = await startTestSystem(t, { CRM_WEBHOOK_URL: '', CRM_WEBHOOK_SECRET: '' })
  const { conversationId, queueId } = setUpIvrCall(control)
  const { body } = await postTransfer({ conversationId, target: { type: 'queue', queueId } })
  await waitForState(body.id, 'picked_up')
  t.strictSame((await request<{ deliveries: unknown[] }>('GET', '/v1/webhook-deliveries')).body.deliveries, [])
})
