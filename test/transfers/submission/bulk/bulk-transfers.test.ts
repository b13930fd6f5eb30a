/** What a bulk transfer does with the calls of a queue, from the request to its end. */
import t from 'tap'
import type { BulkDryRun, BulkTransfer } from '../../../../src/model/bulk-transfer.ts'
import { readerKey } from '../../../support/settings.ts'
import { holdQueueCommands } from '../../../support/hold-queue-commands.ts'
import { startTestSystem } from '../../../support/test-system.ts'
import { waitFor } from '../../../support/wait-for.ts'
import { listMoved, readBulk, requestBulk, setUpWaitingCalls, waitForBulk, waitUntilDone } from './scene.ts'

// The tests mostly wait, each for a system of its own.
t.jobs = 3

const statesOf = ({ calls }: { calls: Array<{ state: string }> }) => calls.map(({ state }) => state)

t.test('given calls that wait in a queue, then each is moved once, the oldest first, as a transfer of its own', async (t) => {
  const system = await startTestSystem(t)
  const { body, toQueueId, conversationIds } = setUpWaitingCalls(system, 5)
  const bulk = await requestBulk(system, body)
  t.match(bulk, { state: 'running', requestedBy: 'ops', limit: 2000, counts: { pending: 5 } })
  t.same(
    bulk.calls.map(({ conversationId }) => conversationId),
    conversationIds,
  )
  const done = await waitUntilDone(system, bulk.id)
  t.match(done, { code: null, counts: { moved: 5, pending: 0, moving: 0 } })
  t.same(listMoved(system), conversationIds)
  t.ok(done.calls.every(({ transferState }) => transferState === 'initiated'))
  const { body: transfer } = await system.request('GET', `/v1/transfers/${done.calls[0]?.transferId}`)
  const { body: metrics } = await system.request<string>('GET', '/metrics')
  t.match(
    metrics,
    /genesys_wait_seconds_count\{[^}]*lane="bulk"[^}]*\} 1\d$/m,
    'for each call a read, the attributes and a command, in the lane below all others',
  )
  t.match(transfer, { conversationId: conversationIds[0], reason: 'outage', requestedBy: 'ops', resolvedTarget: { queueId: toQueueId } })
})

t.test('given a bulk transfer, then its start, pause, resumption and end are in the audit trail', async (t) => {
  const system = await startTestSystem(t)
  const { body } = setUpWaitingCalls(system, 3)
  const held = holdQueueCommands(t, system, 1)
  const { id } = await requestBulk(system, body)
  await waitFor(() => held.heldCount === 1, 'the second command')
  const paused = await system.request('POST', `/v1/bulk-transfers/${id}/pause`)
  t.match(paused, { status: 200, body: { state: 'paused', counts: { moved: 1, moving: 1, pending: 1 } } })
  t.match(
    await system.request('POST', `/v1/bulk-transfers/${id}/pause`),
    { status: 200, body: { state: 'paused' } },
    'once more changes nothing',
  )
  held.release()
  await waitForBulk(system, id, ({ counts }) => counts.moved === 2, 'the call whose transfer had begun')
  t.equal(listMoved(system).length, 2, 'a paused bulk transfer begins no further call')
  t.match(await system.request('POST', `/v1/bulk-transfers/${id}/resume`), { status: 200, body: { state: 'running' } })
  await waitUntilDone(system, id)
  t.match(await system.request('POST', `/v1/bulk-transfers/${id}/cancel`), { status: 409, body: { code: 'STATE_CONFLICT' } })
  const { body: audit } = await system.request<string>('GET', '/v1/audit?since=2020-01-01T00:00:00Z')
  const entries = audit
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { status: string; caller: string | null; detail: { bulkId?: string } })
  t.same(
    entries.filter(({ detail }) => detail.bulkId === id).map(({ status, caller }) => [status, caller]),
    [
      ['bulk_started', 'ops'],
      ['bulk_paused', 'ops'],
      ['bulk_resumed', 'ops'],
      ['bulk_ended', null],
    ],
  )
})

t.test('given bulk transfers, when they are listed, then the newest comes first, without its calls, with names', async (t) => {
  const system = await startTestSystem(t)
  const { body, fromQueueId, toQueueId } = setUpWaitingCalls(system, 2)
  t.match(await system.request('GET', '/v1/bulk-transfers'), { status: 200, body: { bulkTransfers: [], nextCursor: null } })
  const first = await requestBulk(system, body)
  await waitUntilDone(system, first.id)
  const second = await requestBulk(system, { ...body, target: { type: 'queue', queueId: system.control.addQueue().id } })
  await waitUntilDone(system, second.id)
  const { body: listed } = await system.request('GET', '/v1/bulk-transfers?state=running,done&expand=names')
  t.match(listed, {
    bulkTransfers: [{ id: second.id }, { id: first.id, state: 'done', counts: { moved: 2, pending: 0 } }],
    nextCursor: null,
    names: { [fromQueueId]: 'Support', [toQueueId]: 'Sales' },
  })
  t.notOk((listed['bulkTransfers'] as object[]).some((bulk) => 'calls' in bulk))
  t.match((await system.request('GET', `/v1/bulk-transfers/${first.id}?expand=names`)).body, {
    calls: [{ state: 'moved' }, { state: 'moved' }],
    names: { [fromQueueId]: 'Support', [toQueueId]: 'Sales' },
  })
  t.notOk('names' in (await system.request('GET', `/v1/bulk-transfers/${first.id}`)).body)
  t.match((await system.request('GET', '/v1/bulk-transfers?limit=1')).body, { bulkTransfers: [{ id: second.id }], nextCursor: second.id })
  t.match((await system.request('GET', `/v1/bulk-transfers?limit=1&cursor=${second.id}`)).body, { bulkTransfers: [{ id: first.id }] })
  t.match((await system.request('GET', '/v1/bulk-transfers?state=running')).body, { bulkTransfers: [] })
  for (const query of ['limit=101', 'limit=0', 'state=over', 'unknown=1'])
    t.match(await system.request('GET', `/v1/bulk-transfers?${query}`), { status: 400, body: { code: 'INVALID_REQUEST' } }, query)
})

t.test('given a bulk transfer that is cancelled, then the calls that were not tried stay where they are', async (t) => {
  const system = await startTestSystem(t)
  const { body } = setUpWaitingCalls(system, 3)
  const held = holdQueueCommands(t, system)
  const { id } = await requestBulk(system, body)
  await waitFor(() => held.heldCount === 1, 'the first command')
  t.match(await system.request('POST', `/v1/bulk-transfers/${id}/cancel`), { status: 200, body: { state: 'cancelled' } })
  held.release()
  const cancelled = await waitForBulk(system, id, ({ counts }) => counts.cancelled === 2, 'the end')
  t.same(statesOf(cancelled), ['moved', 'cancelled', 'cancelled'])
  t.equal(listMoved(system).length, 1)
  t.match(await system.request('POST', `/v1/bulk-transfers/${id}/resume`), { status: 409 })
})

t.test('given calls that were picked up, hung up or moved on after the list was read, then they are left alone', async (t) => {
  const system = await startTestSystem(t)
  const { body, fromQueueId, conversationIds } = setUpWaitingCalls(system, 4)
  const held = holdQueueCommands(t, system)
  const { id } = await requestBulk(system, body)
  await waitFor(() => held.heldCount === 1, 'the first command')
  system.control.hangUp(conversationIds[1] ?? '')
  const [first = '', second = '', third = ''] = conversationIds
  system.control.addAgent({ queueIds: [fromQueueId], answers: [{ after: 0, with: 'pickup' }, 'never'] })
  const hasLeftQueue = async (conversationId: string) =>
    (await system.getConversation(conversationId)).participants.every(
      ({ purpose, calls }) => purpose !== 'acd' || calls[0]?.state !== 'connected',
    )
  await waitFor(() => hasLeftQueue(first), 'the pickup of the first call')
  held.release()
  const done = await waitUntilDone(system, id)
  t.match(done.calls, [
    { conversationId: first, state: 'left' },
    { conversationId: second, state: 'left', code: 'CONVERSATION_ENDED' },
    { conversationId: third, state: 'moved' },
    { state: 'moved' },
  ])
  t.same(listMoved(system), conversationIds.slice(2), 'nobody takes a call from an agent')
})

t.test('given a call that rings at an agent, then it is tried again once it is known whether the agent takes it', async (t) => {
  const system = await startTestSystem(t)
  const { body, fromQueueId, conversationIds } = setUpWaitingCalls(system, 3)
  const held = holdQueueCommands(t, system)
  const { id } = await requestBulk(system, body)
  await waitFor(() => held.heldCount === 1, 'the first command')
  system.control.hangUp(conversationIds[0] ?? '')
  const { id: userId } = system.control.addAgent({ queueIds: [fromQueueId], answers: [{ after: 6_000, with: 'decline' }] })
  await waitFor(async () => {
    const { participants } = await system.getConversation(conversationIds[1] ?? '')
    return participants.some(({ purpose }) => purpose === 'agent')
  }, 'the offer')
  held.release()
  // On a busy machine the agent may have declined one call by then, and the other rings.
  const wasRinging = ({ state, code }: BulkTransfer['calls'][number]) => state === 'pending' && code === 'CONVERSATION_NOT_TRANSFERABLE'
  await waitForBulk(system, id, ({ calls }) => calls.some(wasRinging), 'the first try')
  system.control.setAgent(userId, { routingStatus: 'OFF_QUEUE' })
  t.match((await waitUntilDone(system, id)).counts, { moved: 2, left: 1 })
})

t.test('given a dry run, then it says what would happen to each call, and changes nothing', async (t) => {
  const system = await startTestSystem(t)
  const { body, toQueueId, conversationIds } = setUpWaitingCalls(system, 3)
  const { status, body: dryRun } = await system.request<BulkDryRun>('POST', '/v1/bulk-transfers', { ...body, dryRun: true, limit: 2 })
  t.equal(status, 200)
  t.match(dryRun, {
    limit: 2,
    isTruncated: false,
    calls: [
      { position: 1, conversationId: conversationIds[0], wouldMove: true, code: null, resolvedTarget: { queueId: toQueueId } },
      { position: 2, conversationId: conversationIds[1], wouldMove: true },
    ],
  })
  t.equal(dryRun.calls.length, 2)
  t.same(listMoved(system), [])
  t.match((await system.request('GET', '/v1/transfers')).body, { transfers: [] })
})

t.test('given a target that does not exist, then the bulk transfer pauses at the first call, and goes on once it exists', async (t) => {
  const system = await startTestSystem(t)
  const { body } = setUpWaitingCalls(system, 3)
  const queueId = '00000000-0000-4000-8000-0000000000aa'
  const { id } = await requestBulk(system, { ...body, target: { type: 'queue', queueId } })
  const paused = await waitForBulk(system, id, ({ state }) => state === 'paused', 'the pause')
  t.match(paused, { code: 'TARGET_NOT_FOUND', counts: { pending: 3 } })
  system.control.addQueue({ id: queueId })
  await waitFor(async () => {
    await system.request('POST', `/v1/bulk-transfers/${id}/resume`)
    await waitForBulk(system, id, ({ state }) => state !== 'running', 'the next pause or the end')
    return (await readBulk(system, id)).state === 'done'
  }, 'the end')
  t.equal(listMoved(system).length, 3)
})

t.test('given more calls than the platform lists, then none of them is forgotten', async (t) => {
  const system = await startTestSystem(t, { PICKUP_POLL_INTERVAL_MS: '5000' })
  const { body, conversationIds } = setUpWaitingCalls(system, 130)
  const { id, calls } = await requestBulk(system, body)
  t.equal(calls.length, 50, 'of a truncated list only the oldest half is known to be without gaps')
  const done = await waitUntilDone(system, id)
  t.equal(done.counts.moved, 130)
  t.same(listMoved(system), conversationIds)
})

t.test('given a request that cannot be met, then it is refused', async (t) => {
  const system = await startTestSystem(t)
  const { body, fromQueueId } = setUpWaitingCalls(system, 1)
  const refused = async (changes: object, expected: object, headers?: Record<string, string>) =>
    t.match(await system.request('POST', '/v1/bulk-transfers', { ...body, ...changes }, headers), expected)
  await refused({ target: { type: 'queue', queueId: fromQueueId } }, { status: 400, body: { code: 'INVALID_REQUEST', field: 'target' } })
  await refused({ fallback: [{ type: 'callback', queueId: fromQueueId }] }, { status: 400, body: { field: 'fallback[0]' } })
  await refused({ reason: undefined }, { status: 400 })
  await refused({ fromQueueId: '00000000-0000-4000-8000-0000000000bb' }, { status: 422, body: { code: 'TARGET_NOT_FOUND' } })
  await refused({}, { status: 403, body: { code: 'FORBIDDEN' } }, { authorization: `Bearer ${readerKey}` })
  system.control.setPermissions(['routing:queue:view'])
  await refused({}, { status: 502, body: { code: 'PERMISSION_MISSING', permissions: ['analytics:queueObservation:view'] } })
  t.match(await system.request('GET', '/v1/bulk-transfers/00000000-0000-4000-8000-0000000000cc'), { status: 404 })
  t.same(listMoved(system), [])
})
