/** The stream of changes: what comes, what does not, and how a stream continues and ends. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'tap'
import type { Transfer } from '../../../src/model/transfer.ts'
import type { TestContext } from '../../support/build.ts'
import { setUpIvrCall } from '../../support/calls.ts'
import { startService } from '../../support/service.ts'
import { operationsKey, testSettings } from '../../support/settings.ts'
import { startPlatformAndCrm, startTestSystem, type TestSystem } from '../../support/test-system.ts'
import { waitFor } from '../../support/wait-for.ts'
import { openEventReader, type EventReader, type ReceivedEvent } from './event-source.ts'

const authorization = (key: string) => ({ authorization: `Bearer ${key}` })
interface Change {
  seq: number
  status: string
}
const transferOf = ({ data }: ReceivedEvent) => data['transfer'] as Transfer & { id: string }
const changesOf = ({ events }: EventReader, id: string): Change[] =>
  events.flatMap((received) =>
    received.event === 'transfer' && transferOf(received).id === id ? (received.data['changes'] as Change[]) : [],
  )
const statusesOf = (reader: EventReader, id: string) => changesOf(reader, id).map(({ status }) => status)
const streamOf = ({ url }: { url: string }) => `${url}/v1/transfers/stream`

async function open(t: TestContext, service: { url: string }, headers: Record<string, string> = {}): Promise<EventReader> {
  const reader = await openEventReader(streamOf(service), { ...authorization(operationsKey), ...headers })
  t.teardown(() => reader.close())
  return reader
}
async function requestTransfer(system: Pick<TestSystem, 'control' | 'postTransfer'>): Promise<string> {
  const { conversationId, queueId } = setUpIvrCall(system.control, [{ after: 20, with: 'pickup' }])
  const { body } = await system.postTransfer({ conversationId, target: { type: 'queue', queueId } })
  return body.id
}

test('given a reader, when a call is transferred and picked up, then every change comes, in order, with the transfer', async (t) => {
  const system = await startTestSystem(t)
  const reader = await open(t, system)
  const id = await requestTransfer(system)
  const last = await reader.waitForEvent(
    (received) => received.event === 'transfer' && transferOf(received).state === 'picked_up',
    'the pickup',
  )
  const { body: transfer } = await system.request('GET', `/v1/transfers/${id}`)
  t.match(transferOf(last), { id, state: 'picked_up', agentUserId: transfer.agentUserId })
  await waitFor(() => statusesOf(reader, id).includes('picked_up'), 'the entry of the pickup')
  const { body: audit } = await system.request<{ entries: Change[] }>('GET', `/v1/transfers/${id}/audit`)
  const written = audit.entries.filter(({ status }) => !status.startsWith('delivery_'))
  t.strictSame(
    changesOf(reader, id).map(({ seq, status }) => ({ seq, status })),
    written.map(({ seq, status }) => ({ seq, status })).slice(0, changesOf(reader, id).length),
  )
  t.equal((await system.request('HEAD', '/v1/transfers/stream')).status, 200)
})

test('given a reader whose connection broke, when it continues after its last event, then it gets what it has missed, once', async (t) => {
  const system = await startTestSystem(t)
  const first = await open(t, system)
  const known = await requestTransfer(system)
  await waitFor(() => statusesOf(first, known).includes('picked_up'), 'the first transfer')
  first.close()
  const missed = await requestTransfer(system)
  await system.waitForState(missed, 'picked_up')
  const second = await open(t, system, { 'last-event-id': first.lastId() })
  await waitFor(() => statusesOf(second, missed).includes('picked_up'), 'what was missed')
  const next = await requestTransfer(system)
  await waitFor(() => statusesOf(second, next).includes('picked_up'), 'what follows')
  const numbers = second.events.flatMap(({ data }) => ((data['changes'] ?? []) as Change[]).map(({ seq }) => seq))
  t.equal(new Set(numbers).size, numbers.length, 'nothing came twice')
  t.ok(numbers.every((seq) => seq > Number(first.lastId())))
  t.strictSame(statusesOf(second, missed).slice(0, 3), ['accepted', 'executing', 'initiated'])
})

test('given a node that was restarted, when a reader continues after its last event, then nothing is missing', async (t) => {
  const { simulator, crm } = await startPlatformAndCrm(t)
  const folder = await mkdtemp(join(tmpdir(), 'handoff-stream-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  const settings = { ...testSettings(simulator.url, crm.url), DATABASE_URL: `sqlite:${join(folder, 'handoff.db')}` }
  const before = await startService(t, settings)
  const reader = await open(t, before)
  const known = await requestTransfer({ ...before, control: simulator.control })
  await waitFor(() => statusesOf(reader, known).includes('picked_up'), 'the first transfer')
  const lastId = reader.lastId()
  const missed = await requestTransfer({ ...before, control: simulator.control })
  await before.waitForState(missed, 'picked_up')
  await before.app.close()
  await waitFor(() => reader.hasEnded(), 'the end of the stream')
  t.match(reader.events.at(-1), { event: 'end', data: { reason: 'stopping' } }, 'a node that stops says so')
  const after = await startService(t, settings)
  const continued = await open(t, after, { 'last-event-id': lastId })
  await waitFor(() => statusesOf(continued, missed).includes('picked_up'), 'what was missed')
})

test('given a reader with a key that is limited to a queue, when transfers to other queues change, then it hears nothing of them', async (t) => {
  const { simulator, crm } = await startPlatformAndCrm(t)
  const settings = testSettings(simulator.url, crm.url)
  const system = { ...(await startService(t, settings)), control: simulator.control }
  const { queueId, otherQueueId } = setUpIvrCall(system.control)
  const { createApiKey } = await import('../../../src/auth/api-key.ts')
  const { text, stored } = createApiKey({ scopes: ['transfers:read'], label: 'limited', queues: [queueId], now: Date.now() })
  await system.app.ledger.addApiKey(stored)
  const limited = await waitFor(() => open(t, system, authorization(text)).catch(() => undefined), 'the stored key')
  const all = await open(t, system)
  const request = async (target: string) => {
    const { conversationId } = system.control.addConversation({ in: 'ivr' })
    return (await system.postTransfer({ conversationId, target: { type: 'queue', queueId: target } })).body.id
  }
  const hidden = await request(otherQueueId)
  const visible = await request(queueId)
  await waitFor(() => statusesOf(all, hidden).includes('initiated') && statusesOf(all, visible).includes('initiated'), 'both')
  await waitFor(() => statusesOf(limited, visible).includes('initiated'), 'the visible one')
  t.strictSame(statusesOf(limited, hidden), [])

  const continued = await open(t, system, { ...authorization(text), 'last-event-id': '0' })
  await waitFor(() => statusesOf(continued, visible).includes('initiated'), 'the visible one again')
  t.strictSame(statusesOf(continued, hidden), [], 'nor when it continues')
})

test('given short intervals, when nothing happens, then comments come; when the key is revoked, then the stream ends', async (t) => {
  const system = await startTestSystem(t, {}, {}, { connections: { heartbeatMs: 50 } })
  const { createApiKey } = await import('../../../src/auth/api-key.ts')
  const { text, stored } = createApiKey({ scopes: ['transfers:read'], label: 'short', queues: null, now: Date.now() })
  await system.app.ledger.addApiKey(stored)
  const reader = await waitFor(() => open(t, system, authorization(text)).catch(() => undefined), 'the stored key')
  await waitFor(() => reader.comments() >= 3, 'comments')
  await system.app.ledger.revokeApiKey(stored.id)
  t.match(await reader.waitForEvent(({ event }) => event === 'end', 'the end'), { data: { reason: 'unauthorized' } })
  await waitFor(() => reader.hasEnded(), 'the end of the response')
})

test('given as many streams as there may be, when one more is requested, then it is refused until one ends', async (t) => {
  const system = await startTestSystem(t, {}, {}, { connections: { maxStreams: 2, maxUnreadLength: 1_000_000 } })
  const [first] = [await open(t, system), await open(t, system)]
  t.match(await system.request('GET', '/v1/transfers/stream'), { status: 503, body: { code: 'OVERLOADED' } })
  first.close()
  await waitFor(() => open(t, system).catch(() => undefined), 'a free stream')
  t.match(await system.request('GET', '/v1/transfers/stream', undefined, { 'last-event-id': 'x' }), { status: 400 })
  t.equal((await system.request('GET', '/v1/transfers/stream', undefined, authorization('hk_none_0123456789abcdef'))).status, 401)
})
