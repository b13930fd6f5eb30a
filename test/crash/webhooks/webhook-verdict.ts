/** What must hold of webhooks, however often their sender died. */
import { verifyAudit } from '../../../src/ledger/audit/verification.ts'
import type { Delivery, Ledger } from '../../../src/ledger/ledger.ts'
import type { Kind, Violation } from '../harness/tally.ts'
import type { Sequence } from './webhook-events.ts'
import type { FailingReceiver } from './webhook-receiver.ts'

const violation = (kind: Kind, what: string): Violation => ({ kind, what })
const page = 500

export async function allDeliveries(ledger: Ledger): Promise<Map<string, Delivery>> {
  const all = new Map<string, Delivery>()
  for (let cursor: string | null | undefined; cursor !== null;) {
    const { items, nextCursor } = await ledger.deliveries({ limit: page, ...(cursor !== undefined && { cursor }) })
    for (const delivery of items) all.set(delivery.id, delivery)
    cursor = nextCursor
  }
  return all
}

/** Delivered is what was answered 2xx, and nothing is left waiting or missing. */
export function kept(sequences: readonly Sequence[], deliveries: Map<string, Delivery>, { arrivals }: FailingReceiver): Violation[] {
  const thanked = new Set(arrivals.filter(({ way }) => way.takes && !way.unanswered).map(({ id }) => id))
  const gone = new Set(arrivals.filter(({ way }) => way.gone).map(({ id }) => id))
  return sequences.flat().flatMap(({ id }) => {
    const state = deliveries.get(id)?.state
    if (state === undefined) return [violation('lost', `${id} was queued and is not there`)]
    if (state === 'pending') return [violation('lost', `${id} is pending for ever`)]
    if (state === 'delivered' && !thanked.has(id)) return [violation('lost', `${id} is called delivered, and nobody said so`)]
    if (state === 'refused' && !gone.has(id)) return [violation('lost', `${id} is called refused, and nobody did`)]
    return []
  })
}

/** An event is taken first only when each of those before it was taken, or given up. */
export function inOrder(
  sequences: readonly Sequence[],
  deliveries: Map<string, Delivery>,
  { taken, arrivals }: FailingReceiver,
): Violation[] {
  const out = (first: string, later: string): boolean => {
    const place = taken.get(later)
    if (place === undefined) return false
    const before = taken.get(first)
    const end = deliveries.get(first)
    if (before !== undefined && before < place) return false
    // The ledger's time and the receiver's are one machine's.
    return end?.state === 'delivered' || !(Date.parse(String(end?.updatedAt)) <= Number(arrivals[place]?.at))
  }
  return sequences.flatMap((sequence) =>
    sequence.flatMap(({ id: later }, at) =>
      sequence
        .slice(0, at)
        .filter(({ id: first }) => out(first, later))
        .map(({ id: first }) => violation('crm', `${later} was taken before ${first}`)),
    ),
  )
}

/** Every arrival of an event is the event that was queued, byte by byte, signed and fresh. */
export function oneBody(sequences: readonly Sequence[], { arrivals, faults }: FailingReceiver): Violation[] {
  const queued = new Map(sequences.flat().map(({ id, body }) => [id, body]))
  return [
    ...faults.map((what) => violation('crm', what)),
    ...arrivals
      .filter(({ id, body }) => body !== undefined && queued.get(id) !== body)
      .map(({ id }) => violation('duplicate', `${id} came with another body than the one that was queued`)),
  ]
}

/** The trail is whole, and tells the end of every delivery once. */
export async function trailHolds(ledger: Ledger, auditKey: string, deliveries: Map<string, Delivery>): Promise<Violation[]> {
  const { faults } = await verifyAudit(ledger, auditKey)
  const found = faults.map(({ chain, place, what }) => violation('trail', `audit chain ${chain}, row ${place}: ${what}`))
  const ends = new Map<string, string[]>()
  for await (const entries of ledger.audit({ since: 0, until: Number.MAX_SAFE_INTEGER }))
    for (const { status, detail } of entries)
      if (status.startsWith('delivery_')) {
        const id = String(detail['deliveryId'])
        ends.set(id, [...(ends.get(id) ?? []), status])
      }
  for (const { id, state } of deliveries.values())
    if (ends.get(id)?.join() !== `delivery_${state}`)
      found.push(violation('trail', `${id} is ${state}; its trail says ${ends.get(id)?.join(', ') ?? 'nothing'}`))
  return found
}
