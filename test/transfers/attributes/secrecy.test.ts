/** Summary and reason are in the transfer and on the call, in webhooks only if that is asked for, in no log and no metric, and can be erased. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import t from 'tap'
import { createAuditDraft } from '../../../src/ledger/audit/draft.ts'
import { verifyAudit } from '../../../src/ledger/audit/verification.ts'
import { erasure } from '../../../src/transfers/erasure.ts'
import { readerKey } from '../../support/settings.ts'
import { waitFor } from '../../support/wait-for.ts'
import { attributesOperation, startScene, type Scene } from './scene.ts'

t.setTimeout(240_000)

/** No pattern could recognize these as personal. */
const summary = 'CANARY-OF-THE-SUMMARY wants to cancel after the divorce.'
const reason = 'canary-of-the-reason'
const canaries = ['CANARY-OF-THE-SUMMARY', reason]
const findCanaries = (text: string): string[] => canaries.filter((canary) => text.includes(canary))

interface Deliveries {
  deliveries: Array<{ id: string; state: string }>
}

/** Uses summary and reason in every way that there is: on both routes, in each mode, valid or not, and with failures of the platform. */
async function useEverywhere(scene: Scene): Promise<string> {
  const { control, queueId, otherQueueId, userId, conversationId, postTransfer, request, waitForState, app } = scene
  const addCall = () => control.addConversation({ in: 'ivr' }).conversationId
  // The only agent is in the other queue, and is free for the call at the end.
  const target = { type: 'queue', queueId: otherQueueId }
  for (const mode of ['execute', 'decide', 'dryRun']) {
    await postTransfer({ conversationId: addCall(), target, mode, summary, reason })
    await request('POST', '/v1/architect/transfers', {
      conversationId: addCall(),
      targetType: 'queue',
      targetId: otherQueueId,
      mode,
      summary,
      reason,
    })
  }
  for (const fields of [
    { summary: summary.repeat(30) },
    { reason: `${reason} ` },
    { reason: [reason] },
    { summary: { [reason]: summary } },
  ]) {
    await postTransfer({ conversationId: addCall(), target, ...fields })
    await request('POST', '/v1/architect/transfers', { conversationId: addCall(), targetType: 'queue', targetId: otherQueueId, ...fields })
  }
  for (const fault of [{ kind: 'status', status: 400, body: { message: summary, code: reason } }, { kind: 'reset-before' }] as const) {
    // The platform may repeat what this request has sent, so the fault must not meet a request about another call.
    const failing = addCall()
    control.addFault({ operation: attributesOperation, conversationId: failing, fault })
    await postTransfer({ conversationId: failing, target, summary, reason })
  }
  await postTransfer({ conversationId: addCall(), target: { type: 'number', address: '+4930123456' }, summary, reason })
  await request('GET', `/v1/transfers?reason=${reason}`)
  await request('GET', `/v1/transfers?reason=${reason}%20`)
  await request('GET', '/v1/transfers/summary?groupBy=reason')
  await request('GET', `/v1/transfers/summary?groupBy=${reason}`)
  const { findTransfer } = app.ledger
  app.ledger.findTransfer = () => Promise.reject(new Error('an unexpected failure'))
  await request('GET', `/v1/transfers/${conversationId}`)
  app.ledger.findTransfer = findTransfer
  const { body } = await postTransfer({ conversationId, target: { type: 'queue', queueId }, summary, reason, idempotencyKey: 'once' })
  control.setAgent(userId, { routingStatus: 'IDLE' })
  await waitForState(body.id, 'picked_up')
  return body.id
}

for (const included of ['off', 'on'])
  t.test(`given CRM_WEBHOOK_INCLUDE_SUMMARY=${included}`, async (t) => {
    const scene = await startScene(t, { CRM_WEBHOOK_INCLUDE_SUMMARY: included, LOG_LEVEL: 'trace', CALLER_REQUESTS_PER_MINUTE: '10000' })
    const { request, crm, logLines, readAudit } = scene
    const id = await useEverywhere(scene)
    await waitFor(() => crm.eventTypesFor(id).includes('transfer.picked_up'), 'the webhooks')

    await t.test('then no log line and no metric has them', async (t) => {
      const metrics = await request<string>('GET', '/metrics')
      t.ok(logLines.length > 100 && metrics.body.length > 1_000, 'there is enough to search')
      t.strictSame(
        logLines.filter((line) => findCanaries(JSON.stringify(line)).length > 0),
        [],
      )
      t.strictSame(findCanaries(metrics.body), [])
    })

    await t.test(`then webhooks ${included === 'on' ? 'have both' : 'have none of them'}`, async (t) => {
      const events = crm.accepted.filter(({ data }) => data.actionId === id)
      t.equal(events.length, 2)
      for (const { data } of events)
        if (included === 'on') t.match(data, { summary, reason })
        else t.notOk('summary' in data || 'reason' in data)
      if (included === 'off') t.strictSame(findCanaries(crm.attempts.map(({ body }) => body).join()), [])
    })

    await t.test('then the audit trail says that there was a summary, not which, and has the reason where it can be erased', async (t) => {
      const [accepted] = await readAudit(id)
      t.match(accepted, { status: 'accepted', detail: { summaryLength: Array.from(summary).length, reason }, sealed: String })
      const exported = (await request<string>('GET', '/v1/audit')).body
      t.strictSame(findCanaries(exported), [reason])
    })

    await t.test('then whoever may read the transfer reads both, in every answer about it', async (t) => {
      const headers = { authorization: `Bearer ${readerKey}` }
      t.match((await request('GET', `/v1/transfers/${id}`, undefined, headers)).body, { summary, reason })
      t.match((await request('GET', `/v1/transfers?conversationId=${scene.conversationId}`, undefined, headers)).body, {
        transfers: [{ id, summary, reason }],
      })
      t.equal((await request('GET', `/v1/transfers/${id}`, undefined, { authorization: '' })).status, 401)
    })
  })

t.test('given a transfer with summary and reason, when its conversation is erased, then neither is left in the ledger', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'handoff-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'handoff.db')
  const scene = await startScene(t, { CRM_WEBHOOK_INCLUDE_SUMMARY: 'on', DATABASE_URL: `sqlite:${path}` })
  const { app, control, conversationId, queueId, userId, postTransfer, request, waitForState, crm } = scene
  const sent = { conversationId, target: { type: 'queue', queueId }, summary, reason, idempotencyKey: 'once' }
  const { body } = await postTransfer(sent)
  control.setAgent(userId, { routingStatus: 'IDLE' })
  await waitForState(body.id, 'picked_up')
  await waitFor(async () => {
    const { deliveries } = (await request<Deliveries>('GET', '/v1/webhook-deliveries')).body
    return deliveries.length === 2 && deliveries.every(({ state }) => state === 'delivered')
  }, 'the deliveries')
  const bytes = () => ['', '-wal'].map((suffix) => readFileSync(path + suffix, 'latin1')).join('')
  t.strictSame(findCanaries(bytes()), canaries, 'both are in the file before')

  const counts = await app.ledger.eraseConversation(conversationId, erasure, createAuditDraft('erased', { conversationId }))
  t.match(counts, { transfers: 1, deliveries: 2 })
  await setTimeout(50)
  t.strictSame(findCanaries(bytes()), [])
  t.match((await request('GET', `/v1/transfers/${body.id}`)).body, { summary: null, reason: null, state: 'picked_up' })
  t.match((await request('GET', `/v1/transfers?reason=${reason}`)).body, { transfers: [] })
  t.match((await request('GET', '/v1/transfers/summary?groupBy=reason')).body, { groups: [{ value: null, total: 1 }] })
  t.match((await scene.readAudit(body.id))[0], { detail: { summaryLength: Number } })
  t.notOk('reason' in ((await scene.readAudit(body.id))[0]?.detail ?? {}))
  t.match(await verifyAudit(app.ledger, 'audit key of the tests'), { faults: [] })
  t.equal((await postTransfer(sent)).status, 422, 'the key stays used')
  const [, first] = (await request<Deliveries>('GET', '/v1/webhook-deliveries')).body.deliveries
  await request('POST', `/v1/webhook-deliveries/${first?.id}/redeliver`)
  const redelivered = await waitFor(() => crm.accepted.length === 3 && crm.accepted[2], 'the event that is sent again')
  t.match(redelivered.data, { actionId: body.id, summary: null, reason: null })
})
