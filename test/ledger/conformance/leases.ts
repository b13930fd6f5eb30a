import { StaleRecord } from '../../../src/ledger/ledger.ts'
import { until } from '../../support/until.ts'
import type { Given } from '../conformance.ts'
import { accepted, change, through } from '../scene.ts'

/** Of a process that is to die: it does not renew it. */
const shortMs = 60

export function leases(given: Given): void {
  given(
    'a living owner, when others look for work, then there is none; when it leaves, then its open transfers are theirs with a grown fence',
    async (t, open) => {
      const [one, other] = [await open(), await open()]
      const first = await accepted(one)
      const late = await through(one, await accepted(one), 'executing', 'initiated', ['timeout', { lateWatch: true }])
      await through(one, await accepted(one), 'rejected')
      t.same(await other.claim(10), [])
      t.same(await one.claim(10), [], 'nor does it take what it has')
      await one.close()
      const claimed = await other.claim(10)
      t.same(claimed.map(({ id }) => id).toSorted(), [first.id, late.id].toSorted())
      for (const record of claimed) t.match(record, { owner: other.node, fence: 2 })
      t.same(await other.claim(10), [], 'once')
      await other.record(change(claimed.find(({ id }) => id === first.id) ?? first, 'executing'))
      t.match(await other.transfer(first.id), { state: 'executing', owner: other.node, fence: 2 })
    },
  )

  given('an owner whose lease ran out, when its work was claimed, then what it writes later is refused', async (t, open) => {
    const dead = await open({ leaseMs: shortMs })
    const heir = await open()
    const first = await accepted(dead)
    const lease = dead.lease()
    const claimed = await until(async () => (await heir.claim(10)).at(0), 'the claim')
    t.match(claimed, { id: first.id, owner: heir.node, fence: 2 })
    t.equal(lease.holds(), false, 'the dead one knew before the others')
    await t.rejects(dead.record(change(first, 'executing')), StaleRecord)
    t.equal(await dead.renew(), false)
    await t.rejects(dead.record(change(first, 'executing')), StaleRecord, 'nor does joining anew bring it back')
    t.equal(lease.holds(), false)
    t.match(await heir.transfer(first.id), { state: 'accepted' })
  })

  given(
    'a lease, when it is renewed in time, then it holds on; when not, then that term is over for good and a new one begins',
    async (t, open) => {
      let ahead = 0
      const ledger = await open({ leaseMs: 60_000, clock: () => Date.now() + ahead })
      const lease = ledger.lease()
      t.equal(lease.holds(), true)
      ahead = 40_000
      t.equal(await ledger.renew(), true)
      ahead = 80_000
      t.equal(lease.holds(), true, 'the same term, prolonged')
      ahead = 100_001
      t.equal(lease.holds(), false)
      t.equal(await ledger.renew(), false)
      t.equal(lease.holds(), false, 'joining anew does not revive it')
      t.equal(ledger.lease().holds(), true)
      ahead = 80_000
      t.equal(lease.holds(), false, 'nor does a clock that is set back')
      t.equal(await ledger.renew(), true)
      t.equal(lease.holds(), false)
    },
  )

  given('a node without a lease, when it looks for work, then it gets none until it has joined anew', async (t, open) => {
    const late = await open({ leaseMs: shortMs })
    const heir = await open()
    await accepted(late)
    await until(async () => (await heir.claim(10)).length > 0, 'the claim')
    await heir.close()
    t.same(await late.claim(10), [])
    t.equal(await late.renew(), false)
    await until(async () => {
      await late.renew()
      return (await late.claim(10)).length > 0
    }, 'its own work, taken back')
  })

  given('much work without an owner, when it is claimed in parts by several, then each piece goes to one of them', async (t, open) => {
    const gone = await open()
    const all = await Promise.all(Array.from({ length: 30 }, () => accepted(gone)))
    await gone.close()
    const heirs = [await open(), await open(), await open()]
    t.equal((await heirs[0]?.claim(4))?.length, 4, 'no more than was asked for')
    const rest = await Promise.all(heirs.flatMap((heir) => [heir.claim(5), heir.claim(5), heir.claim(5)]))
    t.same(new Set(rest.flat().map(({ id }) => id)).size, rest.flat().length)
    t.equal(rest.flat().length, 26)
    for (const heir of heirs) t.same(await heir.claim(10), [])
    t.equal(new Set(all.map(({ id }) => id)).size, 30)
  })

  given(
    'open transfers of this node, when strays are looked for, then those are found that are accepted or executing and old enough',
    async (t, open) => {
      const [ledger, other] = [await open(), await open()]
      const now = Date.now()
      const born = (ago: number) => ({ createdAt: new Date(now - ago).toISOString() })
      const old = await accepted(ledger, born(20_000))
      const executing = await through(ledger, await accepted(ledger, born(15_000)), 'executing')
      await accepted(ledger, born(1_000))
      await through(ledger, await accepted(ledger, born(20_000)), 'executing', 'initiated')
      await through(ledger, await accepted(ledger, born(20_000)), 'rejected')
      await accepted(other, born(20_000))
      t.same((await ledger.strays(now - 10_000)).map(({ id }) => id).toSorted(), [old.id, executing.id].toSorted())
      t.same(await ledger.strays(now - 60_000), [])
    },
  )
}
