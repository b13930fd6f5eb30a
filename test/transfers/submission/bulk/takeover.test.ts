/** A bulk transfer survives the process that runs it: another one goes on where it stopped, and moves no call twice. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import type { Ledger } from '../../../../src/ledger/contract/ledger.ts'
import { holdQueueCommands } from '../../../support/hold-queue-commands.ts'
import { testSettings } from '../../../support/settings.ts'
import { startService } from '../../../support/service.ts'
import { startPlatformAndCrm } from '../../../support/test-system.ts'
import { waitFor } from '../../../support/wait-for.ts'
import { StoreUnavailable } from '../../../../src/ledger/contract/errors.ts'
import { listMoved, requestBulk, setUpWaitingCalls, waitForBulk, waitUntilDone } from './scene.ts'

type Test = Parameters<typeof startService>[0]

async function setUp(t: Test, count: number) {
  const folder = mkdtempSync(join(tmpdir(), 'handoff-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const { simulator, crm } = await startPlatformAndCrm(t)
  const { control } = simulator
  const settings = { ...testSettings(simulator.url, crm.url), DATABASE_URL: `sqlite:${join(folder, 'ledger.db')}` }
  return { control, settings, ...setUpWaitingCalls({ control }, count) }
}

t.test('given a service that stops in the middle, when it is started again, then the other calls are moved in their order', async (t) => {
  const { control, settings, body, conversationIds } = await setUp(t, 6)
  const before = await startService(t, settings)
  const held = holdQueueCommands(t, before, 2)
  const { id } = await requestBulk(before, body)
  await waitFor(() => held.heldCount === 1, 'the third command')
  const stopped = before.stop()
  held.release()
  await stopped
  // Until the service has begun to stop, it may begin further calls.
  t.same(listMoved({ control }).slice(0, 3), conversationIds.slice(0, 3), 'the call whose transfer had begun is still moved')
  const after = await startService(t, settings)
  const done = await waitUntilDone(after, id)
  t.equal(done.counts.moved, 6)
  t.same(listMoved({ control }), conversationIds)
})

t.test('given a call whose result was not written, when the service is started again, then the call is not moved again', async (t) => {
  const { control, settings, body, conversationIds } = await setUp(t, 3)
  let isBroken = true
  const wrapLedger = (ledger: Ledger): Ledger =>
    new Proxy(ledger, {
      get(target, name) {
        if (name === 'writeBulkCall' && isBroken) return () => Promise.reject(new StoreUnavailable('test'))
        const member: unknown = Reflect.get(target, name)
        return typeof member === 'function' ? (member.bind(target) as unknown) : member
      },
    })
  const before = await startService(t, settings, {}, { wrapLedger })
  const { id } = await requestBulk(before, body)
  await waitFor(() => listMoved({ control }).length === 1, 'the first command')
  await waitForBulk(before, id, ({ counts }) => counts.moving === 1, 'the call whose result is not known')
  await before.stop()
  isBroken = false
  const after = await startService(t, settings)
  const done = await waitUntilDone(after, id)
  t.equal(done.counts.moved, 3)
  t.same(listMoved({ control }), conversationIds)
})

t.test('given a paused bulk transfer, when the service is started again, then it stays paused until it is resumed', async (t) => {
  const { control, settings, body } = await setUp(t, 3)
  const before = await startService(t, settings)
  const held = holdQueueCommands(t, before)
  const { id } = await requestBulk(before, body)
  await waitFor(() => held.heldCount === 1, 'the first command')
  await before.request('POST', `/v1/bulk-transfers/${id}/pause`)
  held.release()
  await waitForBulk(before, id, ({ counts }) => counts.moved === 1, 'the first call')
  await before.stop()
  const after = await startService(t, settings)
  t.match((await after.request('GET', `/v1/bulk-transfers/${id}`)).body, { state: 'paused', counts: { pending: 2 } })
  await after.request('POST', `/v1/bulk-transfers/${id}/resume`)
  await waitUntilDone(after, id)
  t.equal(listMoved({ control }).length, 3)
})

t.test(
  'given a write that is reported as failed and was committed, then no call is moved, because the requester was told so',
  async (t) => {
    const { control, settings, body } = await setUp(t, 2)
    let addedId = ''
    const wrapLedger = (ledger: Ledger): Ledger =>
      new Proxy(ledger, {
        get(target, name) {
          if (name === 'addBulkTransfer')
            return async (...parameters: Parameters<Ledger['addBulkTransfer']>) => {
              await target.addBulkTransfer(...parameters)
              addedId = parameters[0].record.id
              throw new StoreUnavailable('test')
            }
          const member: unknown = Reflect.get(target, name)
          return typeof member === 'function' ? (member.bind(target) as unknown) : member
        },
      })
    const service = await startService(t, settings, {}, { wrapLedger })
    t.match(await service.request('POST', '/v1/bulk-transfers', body), { status: 503, body: { code: 'STORE_UNAVAILABLE' } })
    await waitForBulk(service, addedId, ({ counts }) => counts.cancelled === 2, 'the cancellation')
    t.same(listMoved({ control }), [])
  },
)
