/** What a key that is limited to queues, or a key with only transfers:write, can do and see on every route (docs/architecture.md#callers). */
import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import t from 'tap'
import { createApiKey, scopes, type NewApiKey } from '../../src/auth/api-key.ts'
import type { Ledger } from '../../src/ledger/contract/ledger.ts'
import { startBulk } from '../../src/transfers/submission/bulk/bulk-changes.ts'
import { createBulk } from '../ledger/bulk-fixtures.ts'
import { deliveryStates } from '../../src/ledger/contract/deliveries.ts'
import { toStoredTarget } from '../../src/model/target.ts'
import type { Target } from '../../src/model/target-schema.ts'
import { createTransferRecord } from '../../src/transfers/request/new-transfer.ts'
import { normalizeRequest } from '../../src/transfers/request/normalize-request.ts'
import { createChange, createNewTransfer, expectAccepted } from '../ledger/fixtures.ts'
import { setUpIvrCall } from '../support/calls.ts'
import { holdQueueCommands } from '../support/hold-queue-commands.ts'
import { startTestSystem } from '../support/test-system.ts'
import { waitFor } from '../support/wait-for.ts'
import { openEventReader, type EventReader } from './transfer-history/event-source.ts'

t.setTimeout(240_000)

const [billing, sales, support] = [randomUUID(), randomUUID(), randomUUID()] as const
const allScopes = [...scopes]
const unlimited = createApiKey({ scopes: allScopes, label: 'unlimited', queues: null, now: Date.now() })
const ofBilling = createApiKey({ scopes: allScopes, label: 'billing', queues: [billing], now: Date.now() })
const ofSales = createApiKey({ scopes: allScopes, label: 'sales', queues: [sales], now: Date.now() })
const ofBoth = createApiKey({ scopes: allScopes, label: 'both', queues: [billing, sales], now: Date.now() })
const ofNone = createApiKey({ scopes: allScopes, label: 'none', queues: [], now: Date.now() })
const writer = createApiKey({ scopes: ['transfers:write'], label: 'writer', queues: null, now: Date.now() })
const salesWriter = createApiKey({ scopes: ['transfers:write'], label: 'sales writer', queues: [sales], now: Date.now() })
const keys = [unlimited, ofBilling, ofSales, ofBoth, ofNone, writer, salesWriter]

const asCaller = ({ text }: NewApiKey) => ({ authorization: `Bearer ${text}` })
/** Makes the ledger return these keys. */
const wrapLedger = (ledger: Ledger): Ledger => Object.assign(ledger, { listApiKeys: async () => keys.map(({ stored }) => stored) })

const anyQueueId = fc.constantFrom(billing, sales, support).chain((id) => fc.constantFrom(id, id.toUpperCase()))
const anyTarget: fc.Arbitrary<Target> = fc.oneof(
  { weight: 4, arbitrary: anyQueueId.map((id) => ({ type: 'queue' as const, queueId: id })) },
  { weight: 2, arbitrary: anyQueueId.map((id) => ({ type: 'skill' as const, skillId: randomUUID(), queueId: id })) },
  fc.constant({ type: 'skill' as const, skillId: randomUUID() }),
  fc.constant({ type: 'agent' as const, userId: randomUUID() }),
  fc.constant({ type: 'number' as const, address: '+4930123456' }),
)
const anyTransfer = fc.record({
  target: anyTarget,
  fallback: fc.oneof(fc.constant([] as Target[]), fc.array(anyTarget, { maxLength: 2 })),
  /** The queue that verification chose. Undefined: none was chosen; null: the requested target was chosen. */
  chosenQueue: fc.constantFrom(undefined, null, billing, sales, support),
  requester: fc.constantFrom(unlimited, ofBilling, ofSales, ofBoth, writer),
})

const anyBulk = fc.record({
  state: fc.constant('paused' as const),
  fromQueueId: fc.constantFrom(billing, sales, support),
  // The queue of an agent or a number is stored as an empty text.
  queueIds: fc.uniqueArray(fc.constantFrom(billing, sales, support, ''), { minLength: 1, maxLength: 3 }),
  requestedBy: fc.constantFrom(...[unlimited, ofBilling, ofSales, ofBoth, writer].map(({ stored }) => stored.id)),
})

interface WrittenTransfer {
  id: string
  deliveryId: string
  /** The queues that the request names and the queue that was chosen; undefined stands for an agent or a number. */
  places: Array<string | undefined>
  requester: NewApiKey
}

/** The queue that a request's target names; undefined for an agent or a number. `sales` is the default queue. */
const queueNamedBy = (target: Target): string | undefined =>
  target.type === 'queue' || target.type === 'skill' ? (target.queueId ?? sales).toLowerCase() : undefined

/** The transfers in a stream that begins with the first event, until `count` have come, and a stream of an unlimited key has all. */
async function readStreamedIds(url: string, key: NewApiKey, count: number): Promise<string[]> {
  const reader = await openEventReader(`${url}/v1/transfers/stream?expand=names`, { ...asCaller(key), 'last-event-id': '0' })
  const all = await openEventReader(`${url}/v1/transfers/stream`, { ...asCaller(unlimited), 'last-event-id': '0' })
  const idsIn = ({ events }: EventReader) =>
    new Set(events.filter(({ event }) => event === 'transfer').map(({ data }) => (data['transfer'] as { id: string }).id))
  await waitFor(() => idsIn(all).size === 40, 'all transfers')
  await waitFor(() => idsIn(reader).size >= count, `${count} transfers`)
  reader.close()
  all.close()
  return [...idsIn(reader)].toSorted()
}

t.test(
  'given keys and transfers of every kind, when each key uses each route, then it reaches only transfers that it requested or could have',
  async (t) => {
    const system = await startTestSystem(t, { DEFAULT_QUEUE_ID: sales, CALLER_REQUESTS_PER_MINUTE: '100000' }, {}, { wrapLedger })
    const { ledger, crmWebhooks } = system.app
    const endpoint = String(crmWebhooks.endpoints[0]?.id)

    const written: WrittenTransfer[] = []
    for (const { target, fallback, chosenQueue, requester } of fc.sample(anyTransfer, 40)) {
      const request = normalizeRequest(
        { conversationId: randomUUID(), target, fallback },
        { traceparent: '' },
        { defaultQueueId: sales, fallbackQueueId: undefined },
      )
      const [first] = request.targets
      const chosen =
        chosenQueue === null ? first : chosenQueue && { type: 'queue' as const, queueId: chosenQueue, skillIds: [], languageId: null }
      const resolvedTarget = chosen ? toStoredTarget({ ...chosen, priority: 0, usedFallback: chosen !== first }) : null
      const record = expectAccepted(
        await ledger.openTransfer(createNewTransfer(createTransferRecord(request, requester.stored, Date.now(), 8_000, Date.now()))),
      )
      const deliveryId = `evt_${randomUUID()}`
      const change = createChange(record, 'rejected', { resolvedTarget })
      await ledger.writeChange({ ...change, events: [{ id: deliveryId, type: 'transfer.rejected', body: '{}', endpoint }] })
      const places = [...[target, ...fallback].map(queueNamedBy), ...(chosen ? [resolvedTarget?.queueId ?? undefined] : [])]
      written.push({ id: record.id, deliveryId, places, requester })
    }

    const bulks = fc.sample(anyBulk, 40).map((fields) => createBulk(fields))
    for (const bulk of bulks) await ledger.addBulkTransfer(startBulk(bulk, 0), [])

    // The keys with one scope have only transfers:write, and cannot read.
    for (const key of keys.filter((candidate) => candidate.stored.scopes.length > 1)) {
      const { id: keyId, queues, label } = key.stored
      const isReachable = ({ requester, places }: WrittenTransfer): boolean =>
        queues === null || requester.stored.id === keyId || places.every((place) => place !== undefined && queues.includes(place))
      const reachable = written.filter(isReachable)
      const send = (method: string, path: string, body?: object) => system.request(method, path, body, asCaller(key))

      // An attempt of another key's redelivery may be running at this moment, so the request is repeated.
      const redeliver = (deliveryId: string) =>
        waitFor(async () => {
          const response = await send('POST', `/v1/webhook-deliveries/${deliveryId}/redeliver`)
          return response.status !== 409 && response
        }, 'the end of an attempt')

      for (const transfer of written) {
        const { id, deliveryId } = transfer
        const answers = {
          read: (await send('GET', `/v1/transfers/${id}`)).status,
          readFlat: (await send('GET', `/v1/architect/transfers/${id}`)).body['transferId'],
          audit: (await send('GET', `/v1/transfers/${id}/audit`)).status,
          timeline: (await send('GET', `/v1/transfers/${id}/timeline`)).status,
          change: (await send('PATCH', `/v1/transfers/${id}`, { priority: 1 })).status,
          settle: (await send('POST', `/v1/transfers/${id}/settle`, { state: 'failed', reason: 'because' })).status,
          readDelivery: (await send('GET', `/v1/webhook-deliveries/${deliveryId}`)).status,
          redeliver: (await redeliver(deliveryId)).status,
        }
        const expected = isReachable(transfer)
          ? { read: 200, readFlat: id, audit: 200, timeline: 200, change: 409, settle: 409, readDelivery: 200, redeliver: 202 }
          : { read: 404, readFlat: '', audit: 404, timeline: 404, change: 404, settle: 404, readDelivery: 404, redeliver: 404 }
        if (JSON.stringify(answers) !== JSON.stringify(expected))
          t.strictSame(answers, expected, `${label}: ${transfer.places.join()} by ${transfer.requester.stored.label}`)
      }

      const ids = reachable.map(({ id }) => id).toSorted()
      const { body: list } = await send('GET', '/v1/transfers?limit=200')
      t.strictSame((list['transfers'] as Array<{ id: string }>).map(({ id }) => id).toSorted(), ids, `${label} lists ${ids.length} of 40`)
      const filters = [
        `state=rejected,executing`,
        `queueId=${sales}`,
        `requestedBy=${unlimited.stored.id}`,
        'code=LOOP_DETECTED',
        'expand=names',
      ]
      const filtered = await Promise.all(
        filters.map(async (filter) => (await send('GET', `/v1/transfers?limit=200&${filter}`)).body['transfers']),
      )
      const foreign = (filtered.flat() as Array<{ id: string }>).filter(({ id }) => !ids.includes(id))
      t.strictSame(foreign, [], `${label}: lists with filters`)
      t.strictSame(await readStreamedIds(system.url, key, ids.length), ids, `${label}: the stream of everything that has happened`)
      t.match((await send('GET', '/v1/transfers/summary')).body, { total: ids.length }, `${label}: the summary`)
      const { body: deliveries } = await send('GET', '/v1/webhook-deliveries?limit=200')
      t.strictSame(
        (deliveries['deliveries'] as Array<{ transferId: string }>).map(({ transferId }) => transferId).toSorted(),
        ids,
        `${label}: the deliveries`,
      )
      const range = { since: '2020-01-01T00:00:00Z', states: [...deliveryStates] }
      t.match((await send('POST', '/v1/webhook-redeliveries', range)).body, { queued: ids.length }, `${label}: deliveries sent again`)

      const isOwnBulk = ({ requestedBy, fromQueueId, queueIds }: (typeof bulks)[number]): boolean =>
        queues === null || requestedBy === keyId || [fromQueueId, ...queueIds].every((place) => queues.includes(place))
      const bulkIds = bulks.filter(isOwnBulk).map((bulk) => bulk.id)
      for (const filter of ['', '&state=paused', '&expand=names']) {
        const { body: listed } = await send('GET', `/v1/bulk-transfers?limit=100${filter}`)
        t.strictSame(
          (listed['bulkTransfers'] as Array<{ id: string }>).map(({ id }) => id).toSorted(),
          bulkIds.toSorted(),
          `${label} lists ${bulkIds.length} of 40 bulk transfers${filter}`,
        )
      }
      const readable = []
      for (const { id } of bulks) if ((await send('GET', `/v1/bulk-transfers/${id}`)).status === 200) readable.push(id)
      t.strictSame(readable, bulkIds, `${label}: bulk transfers one by one`)
      t.equal((await send('GET', '/v1/audit')).status, queues === null ? 200 : 403, `${label}: the whole audit trail`)
    }
  },
)

t.test(
  'given a key for one queue, when it names anything else as target or fallback, then the transfer is refused and the call is not moved',
  async (t) => {
    const system = await startTestSystem(t, { ALLOWED_NUMBERS: '+4930*', DEFAULT_QUEUE_ID: sales }, {}, { wrapLedger })
    const { control, request } = system
    for (const id of [billing, sales]) control.addQueue({ id })
    const { userId, skillId } = setUpIvrCall(control)
    const own = { type: 'queue', queueId: billing }
    const others: Array<[name: string, target: Record<string, string>]> = [
      ['another queue', { type: 'queue', queueId: sales }],
      ['an agent', { type: 'agent', userId }],
      ['a number', { type: 'number', address: '+4930123456' }],
      ['a skill in another queue', { type: 'skill', skillId, queueId: sales }],
      ['a skill in the default queue', { type: 'skill', skillId }],
    ]
    for (const mode of ['execute', 'decide', 'dryRun'])
      for (const [name, target] of others)
        for (const [place, targets] of [
          ['target', { target }],
          ['fallback', { target: own, fallback: [target] }],
        ] as const) {
          const { conversationId } = control.addConversation({ in: 'ivr' })
          const { status, body } = await request('POST', '/v1/transfers', { conversationId, mode, ...targets }, asCaller(ofBilling))
          t.match(
            { status, code: body.code, stage: body.stage, retryable: body.retryable },
            { status: 422, code: 'TARGET_NOT_ALLOWED', stage: 'verification', retryable: false },
            `${mode}: ${name} as ${place}`,
          )
          t.equal(control.transfers(conversationId).length, 0)
        }
    for (const [targetType, targetId] of [
      ['agent', userId],
      ['number', '+4930123456'],
      ['queue', sales],
    ]) {
      const { conversationId } = control.addConversation({ in: 'ivr' })
      const { body } = await request('POST', '/v1/architect/transfers', { conversationId, targetType, targetId }, asCaller(ofBilling))
      t.match(body, { ok: false, code: 'TARGET_NOT_ALLOWED' }, `flat: ${targetType}`)
    }
    const { conversationId } = control.addConversation({ in: 'ivr' })
    t.equal((await request('POST', '/v1/transfers', { conversationId, target: own }, asCaller(ofBilling))).status, 202, 'its own queue')
  },
)

t.test(
  "given another key's running transfer, when a key requests the same, then it joins; when a key that may not read that transfer requests another target, then it learns only its id",
  async (t) => {
    const system = await startTestSystem(t, {}, {}, { wrapLedger })
    const { control, request } = system
    for (const id of [billing, sales]) control.addQueue({ id })
    const held = holdQueueCommands(t, system)
    const { conversationId } = control.addConversation({ in: 'ivr' })
    const toSales = { conversationId, target: { type: 'queue', queueId: sales } }
    const running = request('POST', '/v1/transfers', toSales, asCaller(unlimited))
    await waitFor(() => held.heldCount === 1, 'the command')

    const toBilling = { conversationId, target: { type: 'queue', queueId: billing } }
    const { body: refused, status } = await request('POST', '/v1/transfers', toBilling, asCaller(ofBilling))
    t.match({ ...refused, status }, { status: 409, code: 'TRANSFER_IN_PROGRESS', retryable: true })
    t.match(refused.transferId, /^[0-9a-f-]{36}$/)
    t.notMatch(JSON.stringify(refused), new RegExp(`${sales}|executing|${unlimited.stored.id}`), 'nothing but the id')
    const flat = { conversationId, targetType: 'queue', targetId: billing }
    const { body: refusedFlat } = await request('POST', '/v1/architect/transfers', flat, asCaller(ofBilling))
    t.match(refusedFlat, { ok: false, code: 'TRANSFER_IN_PROGRESS', transferId: refused.transferId, state: '', queueId: '' })
    for (const key of [ofBilling, writer]) {
      const { body } = await request('POST', '/v1/transfers', toBilling, asCaller(key))
      t.match(body, { code: 'TRANSFER_IN_PROGRESS', transferId: refused.transferId }, `${key.stored.label}: another target`)
      t.notOk('resolvedTarget' in body || 'target' in body)
    }

    const joining = [salesWriter, writer, ofBoth].map((key) => request('POST', '/v1/transfers', toSales, asCaller(key)))
    held.release()
    t.match(await running, { status: 202, body: { id: refused.transferId } })
    for (const joined of await Promise.all(joining))
      t.match(joined, { status: 202, body: { id: refused.transferId, target: toSales.target } })
  },
)

t.test(
  'given a transfer that may go to another queue, or went to one, when a key without that queue requests the same, then it does not join',
  async (t) => {
    const system = await startTestSystem(t, { FALLBACK_QUEUE_ID: support }, {}, { wrapLedger })
    const { control, request } = system
    for (const id of [billing, sales, support]) control.addQueue({ id })
    const skillId = control.addSkill({}).id
    for (const [name, target, fallback] of [
      ['a fallback of the request', { type: 'queue', queueId: sales }, [{ type: 'queue', queueId: billing }]],
      ['the configured fallback', { type: 'skill', skillId, queueId: sales }, []],
    ] as const) {
      const { conversationId } = control.addConversation({ in: 'ivr' })
      const first = await request('POST', '/v1/transfers', { conversationId, target, fallback }, asCaller(unlimited))
      t.equal(first.status, 202)
      const second = await request('POST', '/v1/transfers', { conversationId, target }, asCaller(salesWriter))
      t.match(second, { status: 409, body: { code: 'TRANSFER_IN_PROGRESS', transferId: first.body.id } }, name)
      const repeated = await request('POST', '/v1/transfers', { conversationId, target }, asCaller(writer))
      t.match(repeated, { status: 202, body: { id: first.body.id } }, `${name}: a key without a limit joins`)
    }
  },
)
