/** What must be true of all deliveries, however often their sender was killed. */
import type { Delivery } from '../../../src/ledger/contract/deliveries.ts'
import type { Ledger } from '../../../src/ledger/contract/ledger.ts'
import { violation, type Violation } from '../harness/campaign-result.ts'
import { verifyChains } from '../invariants/audit-trail.ts'
import { readAllPages, readWholeAudit } from '../../ledger/fixtures.ts'
import type { EventSequence } from './event-sequences.ts'
import type { FailingReceiver } from './failing-receiver.ts'

export type DeliveriesById = ReadonlyMap<string, Delivery>

const pageSize = 500

/** All deliveries of the ledger, by id. */
export async function readDeliveries(ledger: Ledger): Promise<DeliveriesById> {
  const deliveries = await readAllPages((cursor) => ledger.listDeliveries({ limit: pageSize, ...(cursor !== undefined && { cursor }) }))
  return new Map(deliveries.map((delivery) => [delivery.id, delivery]))
}

/** A delivery counts as delivered only after a 2xx, as refused only after a 410, and none is pending or missing. */
export function checkStates(sequences: readonly EventSequence[], deliveries: DeliveriesById, { arrivals }: FailingReceiver): Violation[] {
  const acknowledged = new Set(arrivals.filter(({ behavior }) => behavior.keepsEvent && !behavior.losesResponse).map(({ id }) => id))
  const refused = new Set(arrivals.filter(({ behavior }) => behavior.endsDelivery).map(({ id }) => id))
  return sequences.flat().flatMap(({ id }) => {
    const state = deliveries.get(id)?.state
    if (state === undefined) return [violation('lost', `${id} was queued and does not exist`)]
    if (state === 'pending') return [violation('lost', `${id} is still pending`)]
    if (state === 'delivered' && !acknowledged.has(id)) return [violation('lost', `${id} is delivered, but was never acknowledged`)]
    if (state === 'refused' && !refused.has(id)) return [violation('lost', `${id} is refused, but no receiver refused it`)]
    return []
  })
}

/** A receiver keeps an event for the first time only when every earlier event of the sequence was kept before, or given up. */
export function checkOrder(
  sequences: readonly EventSequence[],
  deliveries: DeliveriesById,
  { firstKeptIndexes, arrivals }: FailingReceiver,
): Violation[] {
  const isOutOfOrder = (earlier: string, later: string): boolean => {
    const laterIndex = firstKeptIndexes.get(later)
    if (laterIndex === undefined) return false
    const earlierIndex = firstKeptIndexes.get(earlier)
    if (earlierIndex !== undefined && earlierIndex < laterIndex) return false
    const delivery = deliveries.get(earlier)
    // Ledger and receiver run on the same machine, so their times can be compared.
    const wasGivenUp = Date.parse(String(delivery?.updatedAt)) <= Number(arrivals[laterIndex]?.at)
    return delivery?.state === 'delivered' || !wasGivenUp
  }
  return sequences.flatMap((sequence) =>
    sequence.flatMap(({ id: later }, index) =>
      sequence
        .slice(0, index)
        .filter(({ id: earlier }) => isOutOfOrder(earlier, later))
        .map(({ id: earlier }) => violation('crm', `${later} was kept before ${earlier}`)),
    ),
  )
}

/** Every request carried the body that was queued, byte for byte, with a fresh and valid signature. */
export function checkBodies(sequences: readonly EventSequence[], { arrivals, requestFaults }: FailingReceiver): Violation[] {
  const queued = new Map(sequences.flat().map(({ id, body }) => [id, body]))
  return [
    ...requestFaults.map((fault) => violation('crm', fault)),
    ...arrivals
      .filter(({ id, body }) => body !== undefined && queued.get(id) !== body)
      .map(({ id }) => violation('duplicate', `${id} came with another body than the one that was queued`)),
  ]
}

/** The audit chains verify, and the trail has exactly one final entry for each delivery. */
export async function checkDeliveryAudit(ledger: Ledger, auditKey: string, deliveries: DeliveriesById): Promise<Violation[]> {
  const violations = await verifyChains(ledger, auditKey)
  const endsById = new Map<string, string[]>()
  for (const { status, detail } of await readWholeAudit(ledger)) {
    if (!status.startsWith('delivery_')) continue
    const id = String(detail['deliveryId'])
    endsById.set(id, [...(endsById.get(id) ?? []), status])
  }
  for (const { id, state } of deliveries.values()) {
    const ends = endsById.get(id)?.join(', ')
    if (ends !== `delivery_${state}`) violations.push(violation('audit', `${id} is ${state}; its audit trail says ${ends ?? 'nothing'}`))
  }
  return violations
}
