/** What callers see when the ledger cannot be written, and what is deleted with old transfers. */
import { randomUUID } from 'node:crypto'
import t from 'tap'
import { acceptedAuditDraft, createTestRecord } from '../support/transfer-record.ts'
import { startTestSystem } from '../support/test-system.ts'
import { StoreUnavailable } from '../../src/ledger/contract/errors.ts'
import type { Ledger } from '../../src/ledger/contract/ledger.ts'
import { setUpIvrCall } from '../support/calls.ts'

t.test('given a ledger that cannot be written, then transfers are refused until it can be written again', async (t) => {
  let isBroken = false
  const wrapLedger = (ledger: Ledger): Ledger =>
    new Proxy(ledger, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name)
        if (typeof member !== 'function') return member
        return (...parameters: unknown[]) =>
          isBroken && ['openTransfer', 'writeChange', 'checkWritable', 'appendAudit', 'findTransfer'].includes(String(name))
            ? Promise.reject(new StoreUnavailable('the disk is full'))
            : (member.apply(target, parameters) as unknown)
      },
    })
  const { control, postTransfer, request } = await startTestSystem(t, {}, {}, { wrapLedger })

  t.test(
    'given a ledger that cannot be written, when a transfer is requested, then the platform is not called, the response asks the caller to retry, and the service is not ready',
    async (t) => {
      const { conversationId, queueId } = setUpIvrCall(control)
      isBroken = true
      // The login at the start may come at any moment.
      const countCalls = () => control.requests().log.filter(({ path }) => !path.endsWith('/oauth/token')).length
      const callsBefore = countCalls()
      const response = await postTransfer({ conversationId, target: { type: 'queue', queueId } })
      t.match(response, { status: 503, body: { code: 'STORE_UNAVAILABLE', retryable: true } })
      t.ok(response.headers.get('retry-after'))
      t.equal(countCalls(), callsBefore)
      t.match(await request('GET', '/ready'), { status: 503, body: { status: 'not_ready', ledger: 'not available' } })
      isBroken = false
      t.equal((await postTransfer({ conversationId, target: { type: 'queue', queueId } })).status, 202, 'the service recovers by itself')
    },
  )
})

t.test(
  'given a ledger that stores a transfer but not its refusal, then the caller is answered at once instead of at the deadline',
  async (t) => {
    let isBroken = true
    const { control, postTransfer, waitForState } = await startTestSystem(
      t,
      {},
      {},
      {
        wrapLedger: (ledger) => ({
          ...ledger,
          writeChange: (...change) => (isBroken ? Promise.reject(new StoreUnavailable('the disk is full')) : ledger.writeChange(...change)),
        }),
      },
    )
    const { conversationId } = setUpIvrCall(control)
    const { status, body } = await postTransfer({ conversationId, target: { type: 'queue', queueId: randomUUID() } })
    t.match({ status, body }, { status: 503, body: { code: 'STORE_UNAVAILABLE', retryable: true, transferId: String } })
    isBroken = false
    t.match(await waitForState(String(body.transferId), 'rejected'), { code: 'TARGET_NOT_FOUND' }, 'the refusal is recorded later')
  },
)

t.test('given finished transfers beyond the retention time, when they are deleted, then their audit trail stays', async (t) => {
  const { app } = await startTestSystem(t)
  const old = createTestRecord({ createdAt: '2020-01-01T00:00:00.000Z' })
  await app.ledger.openTransfer({ record: old, identity: 'x', audit: acceptedAuditDraft(old) })
  const opened = await app.ledger.findTransfer(old.id)
  if (opened) await app.ledger.writeChange({ record: { ...opened, state: 'rejected', code: 'EXPIRED' }, from: 'accepted' })
  t.equal(await app.ledger.deleteOldTransfers(Date.parse('2021-01-01'), 10), 1)
  t.equal(await app.ledger.findTransfer(old.id), undefined)
  t.equal((await app.ledger.findAuditEntries(old.id)).length, 1)
})
