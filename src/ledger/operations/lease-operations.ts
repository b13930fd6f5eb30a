/** How this node takes and renews its lease, and takes over the transfers of nodes whose lease has expired. */
import { followStore, monotonicMs } from '../../model/clock.ts'
import type { LeaseStore } from '../contract/lease.ts'
import type { Engine } from '../engine/engine.ts'
import type { Tables } from '../tables/tables.ts'
import { findStalled } from '../tables/transfer-queries.ts'
import { createClaimer } from './claim-after-lost-commit.ts'
import type { Instant, LeaseTerms } from './lease-term.ts'

/** Takes this node's lease. @throws StoreUnavailable */
export async function takeLease(engine: Engine, { nodes }: Tables, terms: LeaseTerms): Promise<void> {
  const from = terms.readClocks()
  const storeNow = await engine.write(() => nodes.join())
  terms.begin(from)
  followSharedClock(engine, storeNow, from)
}

/**
 * Makes this node's clock follow the database's, because nodes compare the times that other nodes have stored.
 * @param storeNow the database's time, epoch ms
 * @param sentAt when the database was asked
 */
function followSharedClock({ hasSharedClock }: Engine, storeNow: number, sentAt: Instant): void {
  if (hasSharedClock) followStore(storeNow, sentAt.monotonicMs, monotonicMs())
}

export function createLeaseOperations(engine: Engine, tables: Tables, terms: LeaseTerms, nodeId: string): LeaseStore {
  const { nodes, ownership } = tables
  const claim = createClaimer(
    (work, flush) => engine.write(work, flush),
    (ids) => ownership.findOwned(ids),
  )
  return {
    async claimTransfers(limit) {
      const claimed = await claim(function* () {
        yield* nodes.deleteExpiredNodes()
        return yield* ownership.claim(limit)
      })
      // Seals audit rows that dead nodes have left. A failure is ignored, because the caller must get the claimed transfers, and the next claim
      // tries again.
      await engine.sealAudit().catch(() => {})
      return claimed
    },
    async renewLease() {
      const from = terms.readClocks()
      const storeNow = await engine.write(() => nodes.renew())
      if (storeNow !== undefined) followSharedClock(engine, storeNow, from)
      if (storeNow !== undefined && terms.renew(from)) return true
      await takeLease(engine, tables, terms)
      return false
    },
    currentLease: () => terms.currentLease(),
    findStalled: (createdBefore) => engine.read(() => findStalled(nodeId, createdBefore)),
  }
}
