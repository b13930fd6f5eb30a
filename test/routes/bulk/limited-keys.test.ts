/** What a key that is limited to queues, or a key with only transfers:write, can do with bulk transfers (docs/architecture.md#bulk-transfers). */
import t from 'tap'
import { createApiKey, type NewApiKey } from '../../../src/auth/api-key.ts'
import type { Ledger } from '../../../src/ledger/contract/ledger.ts'
import { startTestSystem } from '../../support/test-system.ts'
import { requestBulk, setUpWaitingCalls, waitUntilDone } from '../../transfers/submission/bulk/scene.ts'

const from = '00000000-0000-4000-8000-00000000000a'
const to = '00000000-0000-4000-8000-00000000000b'
const readAndWrite = ['transfers:write', 'transfers:read'] as const
const createKey = (label: string, keyScopes: readonly ('transfers:write' | 'transfers:read')[], queues: string[] | null) =>
  createApiKey({ scopes: [...keyScopes], label, queues, now: Date.now() })
const unlimited = createKey('unlimited', readAndWrite, null)
const ofBoth = createKey('both', readAndWrite, [from, to])
const ofTarget = createKey('target', readAndWrite, [to])
const writer = createKey('writer', ['transfers:write'], null)

const asCaller = ({ text }: NewApiKey) => ({ authorization: `Bearer ${text}` })
/** Makes the ledger return these keys. */
const wrapLedger = (ledger: Ledger): Ledger =>
  Object.assign(ledger, { listApiKeys: async () => [unlimited, ofBoth, ofTarget, writer].map(({ stored }) => stored) })

t.test('given keys with limits, then each moves, sees and controls only what it may', async (t) => {
  const system = await startTestSystem(t, {}, {}, { wrapLedger })
  system.control.addQueue({ id: from })
  system.control.addQueue({ id: to })
  const body = { fromQueueId: from, target: { type: 'queue', queueId: to }, reason: 'outage' }
  const post = (key: NewApiKey, changes: object = {}) =>
    system.request('POST', '/v1/bulk-transfers', { ...body, ...changes }, asCaller(key))
  t.match(await post(ofTarget), { status: 422, body: { code: 'TARGET_NOT_ALLOWED' } }, 'the calls of another queue')
  const other = setUpWaitingCalls(system, 1)
  t.match(await post(ofBoth, { target: { type: 'queue', queueId: other.toQueueId } }), {
    status: 422,
    body: { code: 'TARGET_NOT_ALLOWED' },
  })
  t.match(await post(ofTarget, { dryRun: true }), { status: 422 }, 'a dry run reveals no conversations either')

  const own = (await post(ofBoth)).body
  const asUnlimited = {
    request: ((method, path, sent) => system.request(method, path, sent, asCaller(unlimited))) as typeof system.request,
  }
  const foreign = await requestBulk(asUnlimited, other.body)
  const read = async (key: NewApiKey, id: string) =>
    (await system.request('GET', `/v1/bulk-transfers/${id}`, undefined, asCaller(key))).status
  t.equal(await read(ofBoth, own.id), 200)
  t.equal(await read(ofTarget, own.id), 404)
  t.equal(await read(ofBoth, foreign.id), 404)
  const list = async (key: NewApiKey) => system.request('GET', '/v1/bulk-transfers', undefined, asCaller(key))
  const idsOf = async (key: NewApiKey) => ((await list(key)).body['bulkTransfers'] as Array<{ id: string }>).map(({ id }) => id)
  t.strictSame(await idsOf(unlimited), [foreign.id, own.id])
  t.strictSame(await idsOf(ofBoth), [own.id])
  t.strictSame(await idsOf(ofTarget), [])
  t.equal((await list(writer)).status, 403)
  await waitUntilDone(asUnlimited, foreign.id)

  const cancel = async (key: NewApiKey, id: string) =>
    (await system.request('POST', `/v1/bulk-transfers/${id}/cancel`, undefined, asCaller(key))).status
  t.equal(await cancel(ofTarget, own.id), 404)
  t.equal(await cancel(writer, foreign.id), 404, 'a key that may not read acts on its own bulk transfers only')
  t.equal(await read(writer, foreign.id), 403)
})
