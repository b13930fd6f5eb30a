import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { openSqliteLedger } from '../../src/ledger/sqlite.ts'
import { startSimulator } from '../../src/simulator/simulator.ts'
import { startCrm } from '../support/crm.ts'
import { aRecord } from '../support/record.ts'
import { settingsFor, startService, usualScene } from '../support/service.ts'
import { until } from '../support/until.ts'

t.test('a service that is started again', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'handoff-'))
  const simulator = await startSimulator({ requestsPerMinute: 60_000 })
  const crm = await startCrm()
  t.teardown(async () => {
    await simulator.close()
    await crm.close()
    rmSync(folder, { recursive: true })
  })
  let ledgers = 0
  const settings = () => ({ ...settingsFor(simulator.url, crm.url), DATABASE_URL: `sqlite:${join(folder, `${ledgers++}.db`)}` })

  t.test('given a call that waits, when the service was away during the pickup, then it is seen all the same', async (t) => {
    const { conversationId, queueId, userId } = usualScene(simulator.scene, [{ after: 30, with: 'pickup' }])
    simulator.scene.setAgent(userId, { routingStatus: 'OFF_QUEUE' })
    const where = settings()
    const before = await startService(t, { ...where, PICKUP_TIMEOUT_MS: '20000' })
    const { body } = await before.transfer({ conversationId, target: { type: 'queue', queueId } }, { 'idempotency-key': 'before' })
    await before.stop()
    simulator.scene.setAgent(userId, { routingStatus: 'IDLE' })
    const after = await startService(t, { ...where, PICKUP_TIMEOUT_MS: '20000' })
    t.match(await after.reaches(body.id, 'picked_up'), { agentUserId: userId })
    const again = await after.transfer({ conversationId, target: { type: 'queue', queueId } }, { 'idempotency-key': 'before' })
    t.match({ id: again.body.id, replayed: again.headers.get('idempotent-replayed') }, { id: body.id, replayed: 'true' }, 'keys are kept')
    await after.stop()
  })

  t.test('given a CRM that was down, when the service starts again, then it is told in order', async (t) => {
    const { conversationId, queueId } = usualScene(simulator.scene)
    const where = settings()
    const before = await startService(t, { ...where, CRM_WEBHOOK_URL: 'http://127.0.0.1:9/none' })
    const { body } = await before.transfer({ conversationId, target: { type: 'queue', queueId } })
    await before.reaches(body.id, 'picked_up')
    await before.stop()
    t.strictSame(crm.about(body.id), [])
    const after = await startService(t, where)
    const {
      body: { deliveries },
    } = await after.ask<{ deliveries: Array<{ id: string; state: string; type: string }> }>(
      'GET',
      `/v1/webhook-deliveries?transferId=${body.id}`,
    )
    t.strictSame(
      deliveries.map(({ state }) => state),
      ['pending', 'pending'],
    )
    await after.ask('POST', `/v1/webhook-deliveries/${deliveries[1]?.id}/redeliver`)
    await until(() => crm.about(body.id).length === 2)
    t.strictSame(crm.about(body.id), ['transfer.initiated', 'transfer.picked_up'])
    await after.stop()
  })

  /** A ledger as a process leaves it that dies in the middle of a transfer. */
  async function leftBehind(
    where: { DATABASE_URL: string; AUDIT_KEY?: string },
    conversationId: string,
    queueId: string,
    state: 'accepted' | 'executing',
    age: number,
  ) {
    const ledger = await openSqliteLedger(where.DATABASE_URL.replace('sqlite:', ''), { auditKey: String(where.AUDIT_KEY) })
    const now = Date.now() - age
    const record = aRecord({ conversationId, target: { type: 'queue', queueId }, receivedAt: now, deadlineAt: now + 8_000 })
    const audit = {
      conversationId,
      actionId: record.id,
      status: 'accepted',
      latencyMs: null,
      pickupTime: null,
      depth: 1,
      stage: null,
      code: null,
      caller: 'ops',
      detail: {},
    }
    const opened = await ledger.open({ record, identity: 'x', audit })
    if (state === 'executing' && opened.outcome === 'accepted') {
      const customer = (await conversationOf(conversationId)).participants
      const snapshot = {
        participantIds: customer.map(({ id }) => id),
        holderId: String(customer.find(({ purpose }) => purpose === 'ivr')?.id),
        holderPurpose: 'ivr',
        takenAt: now,
      }
      const executing = {
        ...opened.record,
        state,
        snapshot,
        customerId: String(customer[0]?.id),
        sentAt: now,
        attempt: 1,
        resolvedTarget: {
          type: 'queue' as const,
          queueId,
          userId: null,
          skillIds: [],
          languageId: null,
          address: null,
          priority: 0,
          usedFallback: false,
        },
      }
      await ledger.record({ record: executing, from: 'accepted' })
    }
    await ledger.close()
    return record.id
  }
  const login = async () =>
    (
      (await (
        await fetch(`${simulator.url}/oauth/token`, {
          method: 'POST',
          body: new URLSearchParams({ grant_type: 'client_credentials' }),
          headers: { authorization: `Basic ${Buffer.from('handoff-demo:handoff-demo-secret').toString('base64')}` },
        })
      ).json()) as { access_token: string }
    ).access_token
  const conversationOf = async (id: string) =>
    (await (
      await fetch(`${simulator.url}/api/v2/conversations/${id}`, { headers: { authorization: `Bearer ${await login()}` } })
    ).json()) as { participants: Array<{ id: string; purpose: string }> }

  t.test('given an accepted transfer within its deadline, when the service starts again, then it goes on', async (t) => {
    const { conversationId, queueId } = usualScene(simulator.scene)
    const where = settings()
    const id = await leftBehind(where, conversationId, queueId, 'accepted', 0)
    const after = await startService(t, where)
    t.ok(await after.reaches(id, 'picked_up'))
    t.equal(simulator.scene.transfers(conversationId).length, 1)
    await after.stop()
  })

  t.test(
    'given an accepted transfer past its deadline, when the service starts again, then it ends without having been asked for',
    async (t) => {
      const { conversationId, queueId } = usualScene(simulator.scene)
      const where = settings()
      const id = await leftBehind(where, conversationId, queueId, 'accepted', 60_000)
      const after = await startService(t, where)
      t.match(await after.reaches(id, 'rejected'), { code: 'EXPIRED' })
      t.equal(simulator.scene.transfers(conversationId).length, 0)
      await after.stop()
    },
  )

  t.test(
    'given a command that may have been sent and was not, when the service starts again within the deadline, then it is sent once',
    async (t) => {
      const { conversationId, queueId } = usualScene(simulator.scene)
      const where = settings()
      const id = await leftBehind(where, conversationId, queueId, 'executing', 0)
      const after = await startService(t, where)
      t.ok(await after.reaches(id, 'picked_up'))
      t.equal(simulator.scene.transfers(conversationId).length, 1)
      await after.stop()
    },
  )

  t.test(
    'given a command that was acted on before the crash, when the service starts again, then it is recognised and not sent again',
    async (t) => {
      const { conversationId, queueId } = usualScene(simulator.scene)
      const where = settings()
      const id = await leftBehind(where, conversationId, queueId, 'executing', 0)
      const ivr = (await conversationOf(conversationId)).participants.find(({ purpose }) => purpose === 'ivr')
      await fetch(`${simulator.url}/api/v2/conversations/${conversationId}/participants/${ivr?.id}/replace/queue`, {
        method: 'POST',
        body: JSON.stringify({ queueId }),
        headers: { authorization: `Bearer ${await login()}`, 'content-type': 'application/json' },
      })
      const after = await startService(t, where)
      t.ok(await after.reaches(id, 'picked_up'))
      t.equal(simulator.scene.transfers(conversationId).length, 1)
      await after.stop()
    },
  )
})
