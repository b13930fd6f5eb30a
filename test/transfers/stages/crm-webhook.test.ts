import { createHmac } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import t from 'tap'
import { crmSecret } from '../../support/crm.ts'
import { startWorld, usualScene } from '../../support/service.ts'
import { until } from '../../support/until.ts'

t.test('what the CRM is told', async (t) => {
  const { scene, transfer, reaches, ask, crm } = await startWorld(t)
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
  const deliveriesOf = async (id: string) => (await ask<Deliveries>('GET', `/v1/webhook-deliveries?transferId=${id}`)).body.deliveries

  t.test("given a transfer, when it moves, then each event is signed both ways and carries the trade's fields", async (t) => {
    const { conversationId, skillId, queueId, userId } = usualScene(scene)
    const { body } = await transfer({
      conversationId,
      target: { type: 'skill', skillId, queueId },
      priority: 4,
      context: { secret: 'not for the CRM' },
    })
    await reaches(body.id, 'picked_up')
    await until(() => crm.about(body.id).length === 2)
    const [initiated, picked] = crm.told.filter(({ data }) => data.actionId === body.id)
    t.match(initiated?.data, {
      conversationId,
      actionId: body.id,
      targetSkillId: skillId,
      priority: 4,
      transferDepth: 1,
      latencyMs: Number,
      timestamp: /Z$/,
    })
    t.match(picked?.data, { agentUserId: userId, pickupMs: Number, state: 'picked_up' })
    t.notMatch(`${initiated?.body}${picked?.body}`, 'not for the CRM')
    const key = Buffer.from(crmSecret.slice('whsec_'.length), 'base64')
    t.equal(
      initiated?.headers['x-transfer-signature'],
      `sha256=${createHmac('sha256', key)
        .update(`${initiated?.headers['webhook-timestamp'] as string}.${initiated?.body}`)
        .digest('hex')}`,
    )
    await until(async () => (await deliveriesOf(body.id)).every(({ state }) => state === 'delivered'), 'both noted as delivered')
  })

  const unanswered: ServerResponse[] = []
  const troubles: Array<[string, Parameters<typeof crm.answer>[0]]> = [
    ['answers 500', (response) => response.writeHead(500).end()],
    ['redirects', (response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end()],
    ['answers garbage', (response) => void response.socket?.end('nonsense\r\n\r\n')],
    ['resets', (response) => void response.socket?.destroy()],
    ['never answers', (response) => void unanswered.push(response)],
  ]
  for (const [how, answering] of troubles) {
    t.test(
      `given a CRM that ${how}, when a call is transferred, then the transfer does not notice, and the event waits for its turn`,
      async (t) => {
        crm.answer(answering)
        const { conversationId, queueId } = usualScene(scene)
        const { status, body } = await transfer({ conversationId, target: { type: 'queue', queueId } })
        t.equal(status, 202)
        await reaches(body.id, 'picked_up')
        if (how === 'never answers') {
          // Or the service would wait for the end of the attempt when it stops.
          for (const response of unanswered) response.destroy()
          return
        }
        const [picked, initiated] = await until(async () => {
          const deliveries = await deliveriesOf(body.id)
          return deliveries.some(({ attempts }) => attempts.length > 0) && deliveries
        })
        t.match(initiated, { state: 'pending', tries: initiated?.attempts.length, nextAttemptAt: String })
        t.match(picked, { state: 'pending', attempts: [], type: 'transfer.picked_up' }, 'the later one waits for the earlier one')
        crm.answer((response) => response.writeHead(200).end())
        t.equal((await ask('POST', `/v1/webhook-deliveries/${initiated?.id}/redeliver`)).status, 202)
        await until(() => crm.about(body.id).length === 2)
        t.strictSame(crm.about(body.id), ['transfer.initiated', 'transfer.picked_up'])
      },
    )
  }

  t.test(
    'given a CRM that is gone for good, when it says 410, then nothing more is sent of that event, and the trail says so',
    async (t) => {
      crm.answer((response) => response.writeHead(410).end())
      const { conversationId, queueId } = usualScene(scene)
      const { body } = await transfer({ conversationId, target: { type: 'queue', queueId } })
      await until(async () => (await deliveriesOf(body.id)).some(({ state }) => state === 'refused'))
      const {
        body: { entries },
      } = await ask<{ entries: Array<{ status: string }> }>('GET', `/v1/transfers/${body.id}/audit`)
      t.ok(entries.some(({ status }) => status === 'delivery_refused'))
      crm.answer((response) => response.writeHead(204).end())
    },
  )

  t.test('given a refused transfer, when it is recorded, then the CRM hears of it', async (t) => {
    const { conversationId } = usualScene(scene)
    const { body } = await transfer({ conversationId, target: { type: 'number', address: '+49301234567' } })
    await until(() => crm.about(String(body.transferId)).length === 1)
    t.strictSame(crm.about(String(body.transferId)), ['transfer.rejected'])
    t.notMatch(crm.told.find(({ data }) => data.actionId === body.transferId)?.body, '49301234567')
  })
})

t.test('given an address in a private network that nobody allowed, when the CRM is there, then it is refused and said why', async (t) => {
  const { scene, transfer, reaches, ask, crm } = await startWorld(t, { WEBHOOK_ALLOWED_NETWORKS: '' })
  const { conversationId, queueId } = usualScene(scene)
  const { body } = await transfer({ conversationId, target: { type: 'queue', queueId } })
  await reaches(body.id, 'picked_up')
  const [delivery] = await until(async () => {
    const found = (
      await ask<{ deliveries: Array<{ state: string; attempts: Array<{ error: string }> }> }>('GET', '/v1/webhook-deliveries?state=refused')
    ).body.deliveries
    return found.length > 0 && found
  })
  t.match(delivery?.attempts[0]?.error, /refused/)
  t.equal(crm.attempts.length, 0)
})

t.test('given no CRM, when a call is transferred, then nothing is queued', async (t) => {
  const { scene, transfer, reaches, ask } = await startWorld(t, { CRM_WEBHOOK_URL: '', CRM_WEBHOOK_SECRET: '' })
  const { conversationId, queueId } = usualScene(scene)
  const { body } = await transfer({ conversationId, target: { type: 'queue', queueId } })
  await reaches(body.id, 'picked_up')
  t.strictSame((await ask<{ deliveries: unknown[] }>('GET', '/v1/webhook-deliveries')).body.deliveries, [])
})
