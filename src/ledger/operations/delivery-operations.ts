/** Which tables the operations on webhook deliveries use, and how times are converted between this node's clock and the database's clock. */
import { createAuditDraft } from '../audit/draft.ts'
import type { ClaimedDelivery, DeliveryStore } from '../contract/deliveries.ts'
import type { Engine } from '../engine/engine.ts'
import type { Tables } from '../tables/tables.ts'
import { createClaimer, type Claimer } from './claim-after-lost-commit.ts'
import type { LongReads } from './long-reads.ts'
import type { QueueListeners } from './queue-listeners.ts'

/** How many deliveries one transaction queues again. */
const redeliveredPerBatch = 500

/** @param clock epoch ms */
export function createDeliveryOperations(
  engine: Engine,
  { outbox, deliveries }: Tables,
  { queueListeners, longReads, clock }: { queueListeners: QueueListeners; longReads: LongReads; clock: () => number },
): DeliveryStore {
  /** No caller waits for these writes. */
  const writeSoon: Engine['write'] = (work) => engine.write(work, 'soon')
  /** By endpoint, so that the claim of an endpoint never returns deliveries of another one. */
  const claimers = new Map<string, Claimer<ClaimedDelivery>>()
  function claimerOf(endpoint: string): Claimer<ClaimedDelivery> {
    const claimer = claimers.get(endpoint) ?? createClaimer(writeSoon, (ids) => outbox.findClaimed(ids))
    claimers.set(endpoint, claimer)
    return claimer
  }

  return {
    // The claim is on disk before the webhook is sent, and with it the change that the webhook is about.
    claimDeliveries({ dueBy, ...claim }) {
      const dueWithinMs = Math.round(dueBy - clock())
      return claimerOf(claim.endpoint)(() => outbox.claim({ ...claim, dueWithinMs }))
    },
    recordDeliveryResult: (result) =>
      writeSoon(function* (auditDrafts) {
        const nextInMs = result.state === 'pending' ? Math.round((result.nextAt ?? 0) - clock()) : null
        const recorded = yield* outbox.recordResult(result, nextInMs)
        if (!recorded) return undefined
        const { endpoint, transition } = recorded
        if (result.audit) auditDrafts.push(result.audit)
        if (transition) auditDrafts.push(createAuditDraft(`endpoint_${transition}`, { stage: 'webhook', detail: { endpoint } }))
        return transition
      }),
    async findNextDeliveryAt(endpoint) {
      const delayMs = await engine.read(() => outbox.findNextDelayMs(endpoint))
      return delayMs === undefined ? undefined : clock() + delayMs
    },
    findDelivery: (id) => engine.read(() => deliveries.find(id)),
    listDeliveries: (filter) => longReads.read(() => deliveries.list(filter)),
    async redeliver(id) {
      const delivery = await engine.write(() => deliveries.redeliver(id))
      if (delivery) queueListeners.notify('fresh')
      return delivery
    },
    async redeliverAll(selection) {
      let total = 0
      let lastSeq = 0
      let isDone = false
      while (!isDone) {
        const afterSeq = lastSeq
        const batch = await engine.write(() => deliveries.redeliverBatch(selection, afterSeq, redeliveredPerBatch))
        total += batch.count
        lastSeq = batch.lastSeq
        isDone = batch.count < redeliveredPerBatch
      }
      if (total > 0) queueListeners.notify('backlog')
      return total
    },
    onDeliveryQueued: (listener) => queueListeners.add(listener),
  }
}
