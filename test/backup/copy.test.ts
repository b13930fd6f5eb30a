/** A service that starts on a copy of a ledger sends no command for what was open when the copy was made (docs/backup.md#after-a-restore). */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import t from 'tap'
import { createAuditDraft } from '../../src/ledger/audit/draft.ts'
import type { Ledger } from '../../src/ledger/contract/ledger.ts'
import { openLedger } from '../../src/ledger/open.ts'
import type { TransferRecord } from '../../src/model/transfer.ts'
import { createBulk, createCall } from '../ledger/bulk-fixtures.ts'
import { auditKey, isTrailSound, moveThrough, openAccepted } from '../ledger/fixtures.ts'
import { setUpIvrCall } from '../support/calls.ts'
import { createPlatformClient } from '../support/platform-client.ts'
import { startService } from '../support/service.ts'
import { operationsKey, testSettings } from '../support/settings.ts'
import { startPlatformAndCrm } from '../support/test-system.ts'
import { toExecutingRecord } from '../support/transfer-record.ts'
import { waitFor } from '../support/wait-for.ts'

t.setTimeout(240_000)

t.test('given a copy of a ledger with open transfers, when a service starts on it, then none of their calls is moved', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'handoff-copy-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const { simulator, crm } = await startPlatformAndCrm(t)
  const { control } = simulator
  const platform = createPlatformClient(simulator.url)
  const [original, copy] = [join(folder, 'original.db'), join(folder, 'copy.db')]
  const calls = {
    accepted: setUpIvrCall(control),
    unmoved: setUpIvrCall(control),
    moved: setUpIvrCall(control),
    waiting: setUpIvrCall(control),
  }
  type Name = keyof typeof calls
  const open = (ledger: Ledger, name: Name): Promise<TransferRecord> =>
    openAccepted(
      ledger,
      {
        conversationId: calls[name].conversationId,
        target: { type: 'queue', queueId: calls[name].queueId },
        deadlineAt: Date.now() + 3_600_000,
        requestedBy: 'ops',
      },
      `key ${name}`,
    )
  const begin = async (ledger: Ledger, name: Name): Promise<TransferRecord> => {
    const record = await open(ledger, name)
    const { participants } = await platform.getConversation(record.conversationId)
    const executing = toExecutingRecord(record, participants, calls[name].queueId, Date.now())
    await ledger.writeChange({ record: executing, from: 'accepted', audit: createAuditDraft('executing', { actionId: record.id }) })
    return executing
  }

  const ledger = await openLedger(`sqlite:${original}`, { auditKey })
  t.teardown(() => ledger.close())
  const records = { accepted: await open(ledger, 'accepted'), unmoved: await begin(ledger, 'unmoved'), moved: await begin(ledger, 'moved') }
  const pickedUp = await moveThrough(ledger, await openAccepted(ledger), 'executing', 'initiated', 'picked_up')
  const bulk = createBulk({ fromQueueId: calls.waiting.queueId, target: { type: 'queue', queueId: calls.waiting.otherQueueId } })
  const asked = createCall(3)
  const bulkCalls = [createCall(1), createCall(2, calls.waiting.conversationId), asked]
  await ledger.addBulkTransfer({ record: bulk, audit: createAuditDraft('bulk_started', { detail: { bulkId: bulk.id } }) }, bulkCalls)
  await ledger.takeBulkStep({ id: bulk.id, fence: 1 }, Date.now(), () => {
    throw new Error('it is not over')
  })
  await ledger.writeBulkCall({ id: bulk.id, fence: 1 }, { ...asked, state: 'unknown', nextAt: Date.now() + 60_000 })

  // The node goes on running while its file is copied, as after a backup. The platform carries out one of the commands.
  const reader = new DatabaseSync(original, { readOnly: true })
  reader.exec(`VACUUM INTO '${copy}'`)
  reader.close()
  const ivr = (await platform.getConversation(calls.moved.conversationId)).participants.find(({ purpose }) => purpose === 'ivr')
  const command = `/conversations/${calls.moved.conversationId}/participants/${ivr?.id}/replace/queue`
  t.equal(await platform.sendCommand(command, { queueId: calls.moved.queueId }), 202)
  control.setAgent(calls.moved.userId, { routingStatus: 'IDLE' })

  const settings = {
    ...testSettings(simulator.url, crm.url),
    DATABASE_URL: `sqlite:${copy}`,
    API_KEYS: `${operationsKey}:transfers:write+transfers:read+transfers:settle+audit:read`,
  }
  const service = await startService(t, settings)
  t.match(
    service.logLines.find(({ message }) => /this ledger is a copy/.test(String(message))),
    { alert: true, transfers: 3, bulkTransfers: 1, bulkCalls: 2 },
  )
  t.match(await service.waitForState(records.accepted.id, 'indeterminate'), { code: 'OUTCOME_UNKNOWN', message: /restored from a copy/ })
  t.match(await service.waitForState(records.moved.id, 'picked_up'), { agentUserId: calls.moved.userId })
  t.match(await service.waitForState(records.unmoved.id, 'rejected'), { code: 'EXPIRED' })
  t.match((await service.request('GET', `/v1/bulk-transfers/${bulk.id}`)).body, {
    state: 'paused',
    code: 'OUTCOME_UNKNOWN',
    calls: [{ state: 'unknown' }, { state: 'pending' }, { state: 'unknown' }],
  })
  t.strictSame(
    (await service.app.ledger.findBulkTransfer(bulk.id))?.calls.map(({ nextAt }) => nextAt),
    [0, 0, 0],
    'nothing is asked about calls that were moved after the copy was made',
  )
  t.match((await service.request('GET', `/v1/transfers/${pickedUp.id}`)).body, { state: 'picked_up' })
  await waitFor(() => crm.eventTypesFor(records.accepted.id).includes('transfer.indeterminate'), 'the webhook')

  const again = await service.postTransfer(
    { conversationId: calls.accepted.conversationId, target: { type: 'queue', queueId: calls.accepted.queueId } },
    { 'idempotency-key': 'key accepted' },
  )
  t.not(again.status, 202, 'a repeat of the request is not carried out either')
  const settle = (state: string) =>
    service.request('POST', `/v1/transfers/${records.accepted.id}/settle`, { state, reason: 'read in the log' })
  for (const state of ['initiated', 'callback_created'])
    t.match(await settle(state), { status: 409, body: { code: 'STATE_CONFLICT', detail: /settle it as abandoned or failed/ } })
  t.match(await settle('rejected'), { status: 200, body: { state: 'rejected' } })
  t.strictSame(
    Object.values(calls).map(({ conversationId }) => control.transfers(conversationId).length),
    [0, 0, 1, 0],
    'only the command that was sent before was carried out',
  )
  const { status } = await service.postTransfer({
    conversationId: calls.accepted.conversationId,
    target: { type: 'queue', queueId: calls.accepted.queueId },
  })
  t.equal(status, 202, 'new transfers go on')
  await service.stop()

  const restarted = await startService(t, settings)
  t.notOk(
    restarted.logLines.some(({ message }) => /is a copy/.test(String(message))),
    'from then on it is a ledger like any other',
  )
  t.ok(await isTrailSound(restarted.app.ledger))
  await restarted.stop()
  t.equal(await ledger.isCopy(), false, 'the original is no copy')
})
