/** Behaviors of leases: which node owns a transfer, when another one takes it over, and what the former owner may still write. */
import { uptime } from 'node:os'
import { StaleRecord } from '../../../src/ledger/contract/errors.ts'
import { waitFor } from '../../support/wait-for.ts'
import type { DeclareBehavior } from '../conformance.ts'
import { createChange, moveThrough, openAccepted } from '../fixtures.ts'

/** A lease that expires within the test: its node does not renew it, so another node can take over. */
const shortLeaseMs = 60

export function testLeases(given: DeclareBehavior): void {
  given(
    'a living owner, when other nodes claim transfers, then they get none; when it closes, then they get its open transfers with a higher fence',
    async (t, open) => {
      const [ledger, otherLedger] = [await open(), await open()]
      const accepted = await openAccepted(ledger)
      // Still open: the service watches it for a late pickup.
      const timedOut = await moveThrough(ledger, await openAccepted(ledger), 'executing', 'initiated', ['timeout', { lateWatch: true }])
      await moveThrough(ledger, await openAccepted(ledger), 'rejected')
      t.same(await otherLedger.claimTransfers(10), [])
      t.same(await ledger.claimTransfers(10), [], 'the owner does not claim its own transfers either')
      await ledger.close()
      const claimed = await otherLedger.claimTransfers(10)
      t.same(claimed.map(({ id }) => id).toSorted(), [accepted.id, timedOut.id].toSorted())
      for (const record of claimed) t.match(record, { owner: otherLedger.nodeId, fence: 2 })
      t.same(await otherLedger.claimTransfers(10), [], 'each transfer is claimed once')
      await otherLedger.writeChange(createChange(claimed.find(({ id }) => id === accepted.id) ?? accepted, 'executing'))
      t.match(await otherLedger.findTransfer(accepted.id), { state: 'executing', owner: otherLedger.nodeId, fence: 2 })
    },
  )

  given('an owner whose lease has expired, when its transfers were claimed, then its later writes are refused', async (t, open) => {
    const expired = await open({ leaseMs: shortLeaseMs })
    const successor = await open()
    const accepted = await openAccepted(expired)
    const lease = expired.currentLease()
    const claimed = await waitFor(async () => (await successor.claimTransfers(10)).at(0), 'the claim')
    t.match(claimed, { id: accepted.id, owner: successor.nodeId, fence: 2 })
    t.equal(lease.isValid(), false, 'the former owner knows that its lease has expired')
    await t.rejects(expired.writeChange(createChange(accepted, 'executing')), StaleRecord)
    t.equal(await expired.renewLease(), false, 'the old lease could not be renewed, so this is a new one')
    await t.rejects(expired.writeChange(createChange(accepted, 'executing')), StaleRecord, 'a new lease does not give the transfer back')
    t.equal(lease.isValid(), false)
    t.match(await successor.findTransfer(accepted.id), { state: 'accepted' })
  })

  given(
    'a lease, when it is renewed in time, then it stays valid; when it is not, then its term is over for good and a new term begins',
    async (t, open) => {
      let aheadMs = 0
      const ledger = await open({ leaseMs: 60_000, uptimeMs: () => uptime() * 1_000 + aheadMs })
      const lease = ledger.currentLease()
      t.equal(lease.isValid(), true)
      aheadMs = 40_000
      t.equal(await ledger.renewLease(), true, 'renewed for another 60 s')
      aheadMs = 80_000
      t.equal(lease.isValid(), true, 'the same term, renewed')
      aheadMs = 100_001
      t.equal(lease.isValid(), false)
      t.equal(await ledger.renewLease(), false, 'it was too late to renew the lease, so this is a new one')
      t.equal(lease.isValid(), false, 'a new lease does not revive it')
      t.equal(ledger.currentLease().isValid(), true)
      aheadMs = 80_000
      t.equal(lease.isValid(), false, 'nor does a clock that is set back')
      t.equal(await ledger.renewLease(), true)
      t.equal(lease.isValid(), false)
    },
  )

  given('a node without a lease, when it claims transfers, then it gets none until it has a new lease', async (t, open) => {
    const expired = await open({ leaseMs: shortLeaseMs })
    const successor = await open()
    await openAccepted(expired)
    await waitFor(async () => (await successor.claimTransfers(10)).length > 0, 'the claim')
    await successor.close()
    t.same(await expired.claimTransfers(10), [])
    t.equal(await expired.renewLease(), false, 'it has a new lease now')
    await waitFor(async () => {
      // The new lease is as short as the old one.
      await expired.renewLease()
      return (await expired.claimTransfers(10)).length > 0
    }, 'its own transfer, claimed back')
  })

  given('many transfers without an owner, when several nodes claim them in parts, then each goes to one of them', async (t, open) => {
    const closedNode = await open()
    const accepted = await Promise.all(Array.from({ length: 30 }, () => openAccepted(closedNode)))
    await closedNode.close()
    const successors = [await open(), await open(), await open()]
    const first = (await successors[0]?.claimTransfers(4)) ?? []
    t.equal(first.length, 4, 'no more than the limit')
    // Nine claims of up to five are enough for the other 26.
    const remaining = await Promise.all(
      successors.flatMap((ledger) => [ledger.claimTransfers(5), ledger.claimTransfers(5), ledger.claimTransfers(5)]),
    )
    t.same(
      [...first, ...remaining.flat()].map(({ id }) => id).toSorted(),
      accepted.map(({ id }) => id).toSorted(),
      'each transfer was claimed once',
    )
    for (const ledger of successors) t.same(await ledger.claimTransfers(10), [])
  })

  given(
    'open transfers of this node, when stalled ones are searched, then those that are accepted or executing and old enough are found',
    async (t, open) => {
      const [ledger, otherLedger] = [await open(), await open()]
      const now = Date.now()
      const createdBefore = (ms: number) => ({ createdAt: new Date(now - ms).toISOString() })
      const old = await openAccepted(ledger, createdBefore(20_000))
      const executing = await moveThrough(ledger, await openAccepted(ledger, createdBefore(15_000)), 'executing')
      await openAccepted(ledger, createdBefore(1_000))
      await moveThrough(ledger, await openAccepted(ledger, createdBefore(20_000)), 'executing', 'initiated')
      await moveThrough(ledger, await openAccepted(ledger, createdBefore(20_000)), 'rejected')
      await openAccepted(otherLedger, createdBefore(20_000))
      t.same((await ledger.findStalled(now - 10_000)).map(({ id }) => id).toSorted(), [old.id, executing.id].toSorted())
      t.same(await ledger.findStalled(now - 60_000), [])
    },
  )
}
