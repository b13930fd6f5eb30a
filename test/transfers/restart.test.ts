import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { openSqliteLedger } from '../../src/ledger/sqlite/sqlite-ledger.ts'
import { startSimulator } from '../../src/simulator/simulator.ts'
import { startCrm } from '../support/crm.ts'
import { platformLook } from '../support/platform-look.ts'
import { accepted, aRecord, asExecuting } from '../support/record.ts'
import { settingsFor, startService, usualScene } from '../support/service.ts'
import { until } from '../support/until.ts'

type Test = Parameters<typeof startService>[0]
type Ids = ReturnType<typeof usualScene>

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
    const {
      body: { deliveries },
    } = await before.ask<{ deliveries: Array<{ state: string }> }>('GET', `/v1/webhook-deliveries?transferId=${body.id}`)
    t.strictSame(
      deliveries.map(({ state }) => state),
      ['pending', 'pending'],
    )
    await before.stop()
    t.strictSame(crm.about(body.id), [])
    // Not redelivered: the schedule may just be doing so, and then the CRM would be told twice.
    const after = await startService(t, where)
    await until(() => crm.about(body.id).length === 2, 'both events by the schedule')
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
    const opened = await ledger.open({ record, identity: 'x', audit: accepted(record) })
    if (state === 'executing' && opened.outcome === 'accepted') {
      const { participants } = await platform.conversation(conversationId)
      await ledger.record({ record: asExecuting(opened.record, participants, queueId, now), from: 'accepted' })
    }
    await ledger.close()
    return record.id
  }
  const platform = platformLook(simulator.url)

  /** What becomes of a transfer that was left behind, and how often the platform moved its call. */
  async function takenUp(
    t: Test,
    state: 'accepted' | 'executing',
    age: number,
    becomes: string,
    meanwhile?: (ids: Ids) => Promise<unknown>,
  ) {
    const ids = usualScene(simulator.scene)
    const where = settings()
    const id = await leftBehind(where, ids.conversationId, ids.queueId, state, age)
    await meanwhile?.(ids)
    const after = await startService(t, where)
    const transfer = await after.reaches(id, becomes)
    await after.stop()
    return { transfer, moved: simulator.scene.transfers(ids.conversationId).length }
  }

  t.test('given an accepted transfer within its deadline, when the service starts again, then it goes on', async (t) => {
    t.match(await takenUp(t, 'accepted', 0, 'picked_up'), { moved: 1 })
  })
  t.test('given an accepted transfer past its deadline, when the service starts again, then it ends unasked', async (t) => {
    t.match(await takenUp(t, 'accepted', 60_000, 'rejected'), { moved: 0, transfer: { code: 'EXPIRED' } })
  })
  t.test('given a command that was not sent, when the service starts again within the deadline, then it is sent once', async (t) => {
    t.match(await takenUp(t, 'executing', 0, 'picked_up'), { moved: 1 })
  })
  t.test('given a command that was acted on, when the service starts again, then that is seen and nothing is sent', async (t) => {
    const acted = async ({ conversationId, queueId }: Ids) => {
      const ivr = (await platform.conversation(conversationId)).participants.find(({ purpose }) => purpose === 'ivr')
      t.equal(await platform.command(`/conversations/${conversationId}/participants/${ivr?.id}/replace/queue`, { queueId }), 202)
    }
    t.match(await takenUp(t, 'executing', 0, 'picked_up', acted), { moved: 1 })
  })
})
