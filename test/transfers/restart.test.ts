/** A service that is started again finishes the transfers and deliveries that were open when it stopped. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { openLedger } from '../../src/ledger/open.ts'
import { startPlatformAndCrm } from '../support/test-system.ts'
import { createPlatformClient } from '../support/platform-client.ts'
import { acceptedAuditDraft, createTestRecord, toExecutingRecord } from '../support/transfer-record.ts'
import { testSettings } from '../support/settings.ts'
import { startService } from '../support/service.ts'
import { setUpIvrCall } from '../support/calls.ts'
import { waitFor } from '../support/wait-for.ts'

type Test = Parameters<typeof startService>[0]
type Ids = ReturnType<typeof setUpIvrCall>

t.test('given a service that is started again', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'handoff-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const { simulator, crm } = await startPlatformAndCrm(t)
  let ledgerCount = 0
  /** Settings with a new ledger file. */
  const createSettings = () => ({
    ...testSettings(simulator.url, crm.url),
    DATABASE_URL: `sqlite:${join(folder, `${ledgerCount++}.db`)}`,
  })

  t.test('when a call was picked up while the service was stopped, then the pickup is recorded', async (t) => {
    const { conversationId, queueId, userId } = setUpIvrCall(simulator.control, [{ after: 30, with: 'pickup' }])
    simulator.control.setAgent(userId, { routingStatus: 'OFF_QUEUE' })
    const settings = createSettings()
    const before = await startService(t, { ...settings, PICKUP_TIMEOUT_MS: '20000' })
    const { body } = await before.postTransfer({ conversationId, target: { type: 'queue', queueId } }, { 'idempotency-key': 'before' })
    await before.stop()
    simulator.control.setAgent(userId, { routingStatus: 'IDLE' })
    const after = await startService(t, { ...settings, PICKUP_TIMEOUT_MS: '20000' })
    t.match(await after.waitForState(body.id, 'picked_up'), { agentUserId: userId })
    const again = await after.postTransfer({ conversationId, target: { type: 'queue', queueId } }, { 'idempotency-key': 'before' })
    t.match(
      { id: again.body.id, replayed: again.headers.get('idempotent-replayed') },
      { id: body.id, replayed: 'true' },
      'idempotency keys are kept',
    )
    await after.stop()
  })

  t.test('when the CRM was down before, then it gets all events in order', async (t) => {
    const { conversationId, queueId } = setUpIvrCall(simulator.control)
    const settings = createSettings()
    const before = await startService(t, { ...settings, CRM_WEBHOOK_URL: 'http://127.0.0.1:9/none' })
    const { body } = await before.postTransfer({ conversationId, target: { type: 'queue', queueId } })
    await before.waitForState(body.id, 'picked_up')
    const {
      body: { deliveries },
    } = await before.request<{ deliveries: Array<{ state: string }> }>('GET', `/v1/webhook-deliveries?transferId=${body.id}`)
    t.strictSame(
      deliveries.map(({ state }) => state),
      ['pending', 'pending'],
    )
    await before.stop()
    t.strictSame(crm.eventTypesFor(body.id), [])
    // The test requests no redelivery: the schedule may be delivering at that moment, and the CRM would get the event twice.
    const after = await startService(t, settings)
    await waitFor(() => crm.eventTypesFor(body.id).length === 2, 'both events')
    t.strictSame(crm.eventTypesFor(body.id), ['transfer.initiated', 'transfer.picked_up'])
    await after.stop()
  })

  /** Writes the ledger of a process that died in the middle of a transfer, which it received `ageMs` ago. @returns the transfer's ID */
  async function writeUnfinishedTransfer(
    settings: { DATABASE_URL: string; AUDIT_KEY?: string },
    conversationId: string,
    queueId: string,
    state: 'accepted' | 'executing',
    ageMs: number,
  ) {
    const ledger = await openLedger(settings.DATABASE_URL, { auditKey: String(settings.AUDIT_KEY) })
    const receivedAt = Date.now() - ageMs
    const record = createTestRecord({ conversationId, target: { type: 'queue', queueId }, receivedAt, deadlineAt: receivedAt + 8_000 })
    const opened = await ledger.openTransfer({ record, identity: 'x', audit: acceptedAuditDraft(record) })
    if (state === 'executing' && opened.outcome === 'accepted') {
      const { participants } = await platform.getConversation(conversationId)
      await ledger.writeChange({ record: toExecutingRecord(opened.record, participants, queueId, receivedAt), from: 'accepted' })
    }
    await ledger.close()
    return record.id
  }
  const platform = createPlatformClient(simulator.url)

  /** Starts the service on a ledger with an unfinished transfer. @returns the transfer in `finalState`, and how often the platform moved its call */
  async function resumeTransfer(
    t: Test,
    state: 'accepted' | 'executing',
    ageMs: number,
    finalState: string,
    beforeStart?: (ids: Ids) => Promise<unknown>,
  ) {
    const ids = setUpIvrCall(simulator.control)
    const settings = createSettings()
    const id = await writeUnfinishedTransfer(settings, ids.conversationId, ids.queueId, state, ageMs)
    await beforeStart?.(ids)
    const after = await startService(t, settings)
    const transfer = await after.waitForState(id, finalState)
    await after.stop()
    return { transfer, moved: simulator.control.transfers(ids.conversationId).length }
  }

  t.test('when a transfer was accepted and its deadline has not passed, then it continues', async (t) => {
    t.match(await resumeTransfer(t, 'accepted', 0, 'picked_up'), { moved: 1 })
  })
  t.test('when a transfer was accepted and its deadline has passed, then it ends without asking the platform', async (t) => {
    t.match(await resumeTransfer(t, 'accepted', 60_000, 'rejected'), { moved: 0, transfer: { code: 'EXPIRED' } })
  })
  t.test('when a command was not sent and the deadline has not passed, then it is sent once', async (t) => {
    t.match(await resumeTransfer(t, 'executing', 0, 'picked_up'), { moved: 1 })
  })
  t.test('when a command was executed, then the call is found to have moved and nothing is sent', async (t) => {
    const sendCommand = async ({ conversationId, queueId }: Ids) => {
      const ivr = (await platform.getConversation(conversationId)).participants.find(({ purpose }) => purpose === 'ivr')
      t.equal(await platform.sendCommand(`/conversations/${conversationId}/participants/${ivr?.id}/replace/queue`, { queueId }), 202)
    }
    t.match(await resumeTransfer(t, 'executing', 0, 'picked_up', sendCommand), { moved: 1 })
  })
})
