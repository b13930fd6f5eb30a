/** The webhooks of the OpenAPI document: every event that is sent fits the schema that the document has for its type. */
import { randomUUID } from 'node:crypto'
import { test } from 'tap'
import { eventTypes, withSummary } from '../../src/transfers/stages/crm-webhook.ts'
import { transition } from '../../src/transfers/transition.ts'
import { readServedDocument } from '../routes/served-document.ts'
import { setUpIvrCall, waitUntilQueued } from '../support/calls.ts'
import type { ReceivedEvent } from '../support/test-crm.ts'
import { startTestSystem, type TestSystem } from '../support/test-system.ts'
import { acceptedAuditDraft, createTestRecord, toExecutingRecord } from '../support/transfer-record.ts'
import { waitFor } from '../support/wait-for.ts'

/** Writes a transfer whose outcome cannot be found out, and the event about that: the service itself does so only after 45 s. */
async function writeUnknownOutcome({ app, control, getConversation }: TestSystem): Promise<void> {
  const { conversationId, queueId } = setUpIvrCall(control)
  const now = Date.now()
  const record = createTestRecord({ conversationId, target: { type: 'queue', queueId } })
  const opened = await app.ledger.openTransfer({ record, identity: record.id, audit: acceptedAuditDraft(record) })
  if (opened.outcome !== 'accepted') throw new Error(opened.outcome)
  const executing = toExecutingRecord(opened.record, (await getConversation(conversationId)).participants, queueId, now)
  await app.ledger.writeChange({ record: executing, from: 'accepted' })
  const { event, ...change } = transition(executing, 'indeterminate', { code: 'OUTCOME_UNKNOWN' }, { stage: 'execution' }, now)
  if (!event) throw new Error('there is no event')
  const addressed = { ...withSummary(event, change.record), id: `evt_${randomUUID()}`, endpoint: String(app.crmWebhooks.endpoints[0]?.id) }
  await app.ledger.writeChange({ record: change.record, from: 'executing', events: [addressed] })
}

/** For each type of event, the requests after which it is sent. */
const scenarios: Readonly<Record<string, (system: TestSystem) => Promise<unknown>>> = {
  'transfer.picked_up': async ({ control, postTransfer }) => {
    const { conversationId, skillId, queueId } = setUpIvrCall(control)
    await postTransfer({
      conversationId,
      target: { type: 'skill', skillId, queueId },
      priority: 5,
      summary: 'Charged twice',
      reason: 'billing',
    })
  },
  'transfer.overflowed': async ({ control, postTransfer }) => {
    const { conversationId, queueId, otherQueueId } = setUpIvrCall(control)
    const target = { type: 'queue', queueId: otherQueueId, overflowAfterSeconds: 5 }
    await postTransfer({ conversationId, target, fallback: [{ type: 'queue', queueId }] })
  },
  'transfer.timeout': async ({ control, postTransfer }) => {
    const { conversationId, otherQueueId } = setUpIvrCall(control)
    await postTransfer({ conversationId, target: { type: 'queue', queueId: otherQueueId } })
  },
  'transfer.abandoned': async ({ control, postTransfer }) => {
    const { conversationId, otherQueueId } = setUpIvrCall(control)
    await postTransfer({ conversationId, target: { type: 'queue', queueId: otherQueueId } })
    control.hangUp(conversationId)
  },
  'transfer.failed': async ({ control, postTransfer }) => {
    const { conversationId, queueId } = setUpIvrCall(control)
    await postTransfer({ conversationId, target: { type: 'queue', queueId }, mode: 'decide' })
  },
  async 'transfer.superseded'(system) {
    const { conversationId, queueId, otherQueueId } = setUpIvrCall(system.control)
    await system.postTransfer({ conversationId, target: { type: 'queue', queueId: otherQueueId } })
    // Until the call is in the queue, it cannot be moved again.
    await waitUntilQueued(system, conversationId, otherQueueId)
    await system.postTransfer({ conversationId, target: { type: 'queue', queueId } })
  },
  'transfer.callback_created': async ({ control, postTransfer }) => {
    const { conversationId, queueId } = setUpIvrCall(control)
    await postTransfer({ conversationId, target: { type: 'callback', queueId } })
  },
  'transfer.rejected': async ({ control, postTransfer }) => {
    const { conversationId, skillId } = setUpIvrCall(control)
    await postTransfer({ conversationId, target: { type: 'skill', skillId, queueId: control.addQueue().id } })
  },
  'transfer.indeterminate': writeUnknownOutcome,
  'webhook.test': async ({ request, app }) => request('POST', `/v1/webhook-endpoints/${app.crmWebhooks.endpoints[0]?.id}/test`),
}

/** How fast a call that nobody picks up times out, ms: long enough for the other scenarios on a busy machine. */
const timeoutSettings = { PICKUP_TIMEOUT_MS: '15000', CRM_WEBHOOK_INCLUDE_SUMMARY: 'on' }

test('given the webhooks of the document, then there is one for each type of event, with an example', async (t) => {
  const { url } = await startTestSystem(t)
  const { document, examplesOf } = await readServedDocument(url)
  t.strictSame(Object.keys(document.webhooks).toSorted(), [...eventTypes, 'webhook.test'].toSorted())
  for (const [type, { post }] of Object.entries(document.webhooks)) {
    t.match(Object.values(examplesOf(post.requestBody?.content['application/json'])), [{ type }], `${type} has an example of itself`)
    t.ok(post.description, `${type} says when it is sent`)
  }
  const { properties } = document.components.schemas['TransferEventData'] as { properties: Record<string, { description?: string }> }
  t.strictSame(
    Object.keys(properties).filter((name) => !properties[name]?.description),
    [],
    'every field has a description',
  )
})

test('given events of every type, when they are delivered, then each fits the schema of its webhook', { timeout: 240_000 }, async (t) => {
  const system = await startTestSystem(t, timeoutSettings)
  const { document, schemaViolations } = await readServedDocument(system.url)
  const receivedTypes = () => new Set(system.crm.accepted.map(({ type }) => type))
  const expected = ['transfer.initiated', ...Object.keys(scenarios)]
  await Promise.all(Object.values(scenarios).map((run) => run(system)))
  await waitFor(() => expected.every((type) => receivedTypes().has(type)), 'an event of every type', 90_000)
  t.strictSame([...receivedTypes()].toSorted(), expected.toSorted())

  const violationsOf = ({ type, body, headers }: ReceivedEvent): string[] => {
    const { parameters = [], requestBody } = document.webhooks[type]?.post ?? {}
    const missing = parameters.flatMap((parameter) => {
      const { $ref = '' } = parameter as { $ref?: string }
      const { name = '', required = false } = document.components.parameters[$ref.split('/').at(-1) ?? ''] ?? {}
      return required && headers[name] === undefined ? [`the header ${name} is missing`] : []
    })
    return [...missing, ...schemaViolations(requestBody?.content['application/json']?.schema ?? { not: {} }, JSON.parse(body))]
  }
  for (const event of system.crm.accepted) t.strictSame(violationsOf(event), [], event.type)
  const dataFields = Object.keys((document.components.schemas['TransferEventData'] ?? { properties: {} }).properties)
  for (const { type, data } of system.crm.accepted)
    if (type !== 'webhook.test') t.strictSame(Object.keys(data).toSorted(), dataFields.toSorted(), `${type} has every field and no other`)
})
