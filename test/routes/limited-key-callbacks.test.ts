/** A key that is limited to queues may have callbacks created in its own queues only, on both routes (docs/architecture.md#callers). */
import { randomUUID } from 'node:crypto'
import { test } from 'tap'
import { createApiKey } from '../../src/auth/api-key.ts'
import type { Ledger } from '../../src/ledger/contract/ledger.ts'
import { addHolidayGroup } from '../transfers/conditions/opening-hours.ts'
import { startTestSystem } from '../support/test-system.ts'

const [billing, sales] = [randomUUID(), randomUUID()] as const
const limited = createApiKey({ scopes: ['transfers:write', 'transfers:read'], label: 'billing', queues: [billing], now: Date.now() })
const headers = { authorization: `Bearer ${limited.text}` }
const wrapLedger = (ledger: Ledger): Ledger => Object.assign(ledger, { listApiKeys: async () => [limited.stored] })

test('given a key for one queue, when it requests callbacks, then only those in its queue are created', async (t) => {
  const { control, request } = await startTestSystem(t, { DEFAULT_QUEUE_ID: sales, ALLOWED_NUMBERS: '+1317*' }, {}, { wrapLedger })
  for (const id of [billing, sales]) control.addQueue({ id })
  const callback = (queueId?: string) => ({ type: 'callback', ...(queueId && { queueId }) })
  const named = { ...callback(billing), callbackNumber: '+13175550123' }
  const own = { type: 'queue', queueId: billing }
  const addCall = (): string => control.addConversation({ in: 'ivr', ani: '+13175559999' }).conversationId

  for (const mode of ['execute', 'decide', 'dryRun'])
    for (const [description, targets] of [
      ['a callback in another queue', { target: callback(sales) }],
      ['a callback in another queue as the fallback', { target: own, fallback: [callback(sales)] }],
      ['a callback in the default queue, which it may not use', { target: callback() }],
      ['a callback to a number that it names', { target: named }],
      ['a callback to a number that it names as the fallback', { target: own, fallback: [named] }],
    ] as const) {
      const conversationId = addCall()
      const response = await request('POST', '/v1/transfers', { conversationId, mode, ...targets }, headers)
      t.match(response, { status: 422, body: { code: 'TARGET_NOT_ALLOWED', retryable: false } }, `${mode}: ${description}`)
      t.strictSame([control.callbacks(conversationId), control.transfers(conversationId)], [[], []])
    }

  const flatCall = addCall()
  const flat = { conversationId: flatCall, targetType: 'queue', targetId: billing, callbackQueueId: sales }
  t.match((await request('POST', '/v1/architect/transfers', flat, headers)).body, { ok: false, code: 'TARGET_NOT_ALLOWED' })
  t.strictSame([control.callbacks(flatCall), control.transfers(flatCall)], [[], []])

  const conversationId = addCall()
  const created = await request('POST', '/v1/transfers', { conversationId, target: callback(billing) }, headers)
  t.match(created, { status: 202, body: { state: 'callback_created', resolvedTarget: { queueId: billing } } })
  t.match(control.callbacks(conversationId), [{ queueId: billing }])

  const closed = { ...own, openHours: { scheduleGroupId: addHolidayGroup(control, 2) } }
  const impliedCall = addCall()
  const implied = await request('POST', '/v1/transfers', { conversationId: impliedCall, target: closed, fallback: [callback()] }, headers)
  t.match(implied, { status: 202, body: { state: 'callback_created', resolvedTarget: { queueId: billing } } })
})

test('given a callback to a number that another key named, then a limited key does not see it, and cannot join it', async (t) => {
  const { control, request, postTransfer } = await startTestSystem(t, { ALLOWED_NUMBERS: '+1317*' }, {}, { wrapLedger })
  control.addQueue({ id: billing })
  const { conversationId } = control.addConversation({ in: 'ivr' })
  const target = { type: 'callback', queueId: billing, callbackNumber: '+13175550123' }
  const { body } = await postTransfer({ conversationId, target })
  t.match(await request('GET', `/v1/transfers/${body.id}`, undefined, headers), { status: 404, body: { code: 'NOT_FOUND' } })
  t.strictSame((await request('GET', '/v1/transfers', undefined, headers)).body['transfers'], [])
  t.match(await request('POST', '/v1/transfers', { conversationId, target }, headers), { body: { code: 'TARGET_NOT_ALLOWED' } })
})
