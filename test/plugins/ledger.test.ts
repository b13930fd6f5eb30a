import t from 'tap'
import { accepted, aRecord } from '../support/record.ts'
import { startWorld } from '../support/service.ts'
import { StoreUnavailable, type Ledger } from '../../src/ledger/ledger.ts'
import { usualScene } from '../support/service.ts'

t.test('a ledger that cannot be written', async (t) => {
  let broken = false
  const wrapLedger = (ledger: Ledger): Ledger =>
    new Proxy(ledger, {
      get(target, name) {
        const found: unknown = Reflect.get(target, name)
        if (typeof found !== 'function') return found
        return (...words: unknown[]) =>
          broken && ['open', 'record', 'probe', 'note', 'transfer'].includes(String(name))
            ? Promise.reject(new StoreUnavailable('the disk is full'))
            : (found.apply(target, words) as unknown)
      },
    })
  const { scene, transfer, ask } = await startWorld(t, {}, {}, { wrapLedger })

  t.test(
    'given that it cannot be written, when a call is to be moved, then the platform is not asked, the caller is told to come again, and readiness says so',
    async (t) => {
      const { conversationId, queueId } = usualScene(scene)
      broken = true
      const before = scene.calls().total
      const answer = await transfer({ conversationId, target: { type: 'queue', queueId } })
      t.match(answer, { status: 503, body: { code: 'STORE_UNAVAILABLE', retryable: true } })
      t.ok(answer.headers.get('retry-after'))
      t.equal(scene.calls().total, before)
      t.match(await ask('GET', '/ready'), { status: 503, body: { status: 'not_ready', ledger: /full/ } })
      broken = false
      t.equal((await transfer({ conversationId, target: { type: 'queue', queueId } })).status, 202, 'healed by itself')
    },
  )
})

t.test('given finished transfers beyond their time, when they are forgotten, then their audit trail stays', async (t) => {
  const { app } = await startWorld(t)
  const old = aRecord({ createdAt: '2020-01-01T00:00:00.000Z' })
  await app.ledger.open({ record: old, identity: 'x', audit: accepted(old) })
  const opened = await app.ledger.transfer(old.id)
  if (opened) await app.ledger.record({ record: { ...opened, state: 'rejected', code: 'EXPIRED' }, from: 'accepted' })
  t.equal(await app.ledger.prune(Date.parse('2021-01-01'), 10), 1)
  t.equal(await app.ledger.transfer(old.id), undefined)
  t.equal((await app.ledger.auditOf(old.id)).length, 1)
})
