/** The timeline of a transfer: its audit entries, its webhook deliveries and its hops, merged into one list in the order in which they happened. */
import type { AuditEntry } from '../../ledger/contract/audit.ts'
import type { Delivery, DeliveryAttempt } from '../../ledger/contract/deliveries.ts'
import type { Hop } from '../../model/hop.ts'

/** What happened to a delivery: it was queued, or one attempt was made. */
export interface DeliveryStep extends Pick<Delivery, 'id' | 'endpoint' | 'type'> {
  /** Null: the delivery was queued. */
  attempt: DeliveryAttempt | null
}

export const timelineKinds = ['audit', 'hop', 'delivery'] as const

/** One thing that happened. Of `audit`, `hop` and `delivery`, the one that `kind` names is not null. */
export interface TimelineItem {
  /** ISO 8601. */
  at: string
  kind: (typeof timelineKinds)[number]
  /** The status of the audit entry; `started` and the outcome of a hop; `queued` and `attempted` of a delivery. */
  status: string
  audit: AuditEntry | null
  hop: Hop | null
  delivery: DeliveryStep | null
}

interface TimedItem {
  item: TimelineItem
  /** Epoch ms by which the item is sorted. */
  time: number
}

const createItem = (kind: TimelineItem['kind'], at: string, status: string, what: Partial<TimelineItem>): TimedItem => ({
  item: { at, kind, status, audit: null, hop: null, delivery: null, ...what },
  time: Date.parse(at),
})

/** Audit entries keep the order of the ledger, even if the clock was set back between two of them. */
function listAudit(entries: readonly AuditEntry[]): TimedItem[] {
  let latest = -Infinity
  return entries.map((audit) => {
    const { item, time } = createItem('audit', audit.timestamp, audit.status, { audit })
    latest = Math.max(latest, time)
    return { item, time: latest }
  })
}

const listHopItems = (hops: readonly Hop[]): TimedItem[] =>
  hops.flatMap((hop) => [
    ...(hop.initiatedAt ? [createItem('hop', hop.initiatedAt, 'started', { hop })] : []),
    ...(hop.endedAt ? [createItem('hop', hop.endedAt, hop.outcome ?? 'ended', { hop })] : []),
  ])

const listDeliveryItems = (deliveries: readonly Delivery[]): TimedItem[] =>
  deliveries.flatMap(({ id, endpoint, type, createdAt, attempts }) => [
    createItem('delivery', createdAt, 'queued', { delivery: { id, endpoint, type, attempt: null } }),
    ...attempts.map((attempt) => createItem('delivery', attempt.at, 'attempted', { delivery: { id, endpoint, type, attempt } })),
  ])

/**
 * Merges what is known about a transfer, the oldest first. At the same millisecond, audit entries come first, because they say why
 * something happened; then hops, then deliveries, which report it.
 * @param entries in the order of the ledger
 * @param deliveries in any order
 */
export const mergeTimeline = (entries: readonly AuditEntry[], hops: readonly Hop[], deliveries: readonly Delivery[]): TimelineItem[] =>
  // The sort is stable, so equal times keep this order.
  [...listAudit(entries), ...listHopItems(hops), ...listDeliveryItems(deliveries.toSorted((a, b) => (a.id < b.id ? -1 : 1)))]
    .toSorted((a, b) => a.time - b.time)
    .map(({ item }) => item)
