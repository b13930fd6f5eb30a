/** What the CRM is to be told: queued inside the change it tells of, handed out in order per transfer. */
import type { CrmEvent, Delivery, DeliveryAttempt, DeliveryFilter, DeliveryResult, DueDelivery, Page } from '../ledger.ts'
import { all, one, run, type Dialect, type Row, type Steps } from '../steps.ts'
import { conditions, pageOf } from './paging.ts'

/** So many attempts are kept. */
const attemptsKept = 50

const iso = (ms: unknown): string | null => (typeof ms === 'number' ? new Date(ms).toISOString() : null)

const deliveryOf = (row: Row): Delivery => ({
  id: String(row['id']),
  transferId: String(row['transfer_id']),
  type: String(row['type']),
  state: String(row['state']) as Delivery['state'],
  attempts: JSON.parse(String(row['attempts'])) as DeliveryAttempt[],
  tries: Number(row['tries']),
  nextAttemptAt: row['state'] === 'pending' ? iso(row['next_at']) : null,
  createdAt: String(iso(row['created_at'])),
  updatedAt: String(iso(row['updated_at'])),
})
const dueOf = (row: Row): DueDelivery => ({ ...deliveryOf(row), body: String(row['body']), conversationId: String(row['conversation_id']) })

/** The oldest pending one of each transfer that no living node is sending. Pending are those that have a next time: the index of those is small. */
const free = `(claimed_by IS NULL OR claimed_by NOT IN (SELECT id FROM nodes))
  AND NOT EXISTS (SELECT 1 FROM deliveries earlier WHERE earlier.transfer_id = d.transfer_id AND earlier.seq < d.seq AND earlier.next_at IS NOT NULL)`

/** Times go in and out as spans from now, ms, so that the node's clock and the store's need not agree. */
export function deliveriesTable({ now, forUpdate, skipLocked, elements }: Dialect, node: string) {
  return {
    *queue(event: CrmEvent, transferId: string, conversationId: string): Steps<void> {
      yield* run(
        `INSERT INTO deliveries (id, transfer_id, conversation_id, type, body, state, attempts, tries, next_at, created_at, updated_at)
         VALUES (:id, :transferId, :conversationId, :type, :body, 'pending', '[]', 0,
           coalesce((SELECT max(next_at) FROM deliveries WHERE transfer_id = :transferId AND next_at > ${now}), ${now}), ${now}, ${now})`,
        { id: event.id, type: event.type, body: event.body, transferId, conversationId },
      )
    },
    /** Hands out what falls due within `ahead` ms. */
    *due(ahead: number, limit: number): Steps<DueDelivery[]> {
      const rows = yield* all(
        `WITH due AS MATERIALIZED (SELECT seq FROM deliveries d WHERE next_at <= ${now} + :ahead AND ${free} ORDER BY next_at LIMIT :limit ${skipLocked})
         UPDATE deliveries SET claimed_by = :node WHERE seq IN (SELECT seq FROM due) RETURNING *`,
        { node, ahead, limit },
      )
      return rows.map(dueOf)
    },
    /** Of these, the ones that this node was handed and has not settled. */
    *inHand(ids: string[]): Steps<DueDelivery[]> {
      return (yield* all(
        `SELECT * FROM deliveries WHERE id IN (${elements('ids')}) AND claimed_by = :node AND next_at IS NOT NULL ${forUpdate}`,
        { ids: JSON.stringify(ids), node },
      )).map(dueOf)
    },
    /** Notes an attempt, and in how many ms the next is due. False: it is not in this node's hands, or not any more. */
    *settle({ id, state, attempt }: DeliveryResult, pause: number | null): Steps<boolean> {
      const row = yield* one(`SELECT seq, transfer_id, attempts FROM deliveries WHERE id = :id AND claimed_by = :node ${forUpdate}`, {
        id,
        node,
      })
      if (!row) return false
      const attempts = JSON.stringify([...(JSON.parse(String(row['attempts'])) as DeliveryAttempt[]), attempt].slice(-attemptsKept))
      const after = { seq: row['seq'] ?? null, transferId: row['transfer_id'] ?? null }
      const behind = 'WHERE transfer_id = :transferId AND seq > :seq AND next_at IS NOT NULL'
      if (pause === null) {
        yield* run(
          `UPDATE deliveries SET state = :state, attempts = :attempts, tries = tries + 1, next_at = NULL, claimed_by = NULL, updated_at = ${now} WHERE id = :id`,
          { id, state, attempts },
        )
        yield* run(`UPDATE deliveries SET next_at = ${now} ${behind} AND tries = 0`, after)
      } else {
        // Those behind it wait as long, or every look for what is due would come upon them.
        yield* run(
          `UPDATE deliveries SET state = :state, attempts = :attempts, tries = tries + 1, next_at = ${now} + :pause, claimed_by = NULL, updated_at = ${now} WHERE id = :id`,
          { id, state, attempts, pause },
        )
        yield* run(`UPDATE deliveries SET next_at = ${now} + :pause ${behind} AND next_at < ${now} + :pause`, { ...after, pause })
      }
      return true
    },
    /** Ms until the next one is due; less than 0 when it is overdue. */
    *nextIn(): Steps<number | undefined> {
      const wait = (yield* one(
        `SELECT next_at - ${now} AS wait FROM deliveries d WHERE next_at IS NOT NULL AND ${free} ORDER BY next_at LIMIT 1`,
      ))?.['wait']
      return typeof wait === 'number' ? wait : undefined
    },
    *list({ state, transferId, limit, cursor }: DeliveryFilter): Steps<Page<Delivery>> {
      const { where, values } = conditions({
        'state = :state': state,
        'transfer_id = :transferId': transferId,
        'seq < :cursor': cursor === undefined ? undefined : Number(cursor),
      })
      return pageOf(
        yield* all(`SELECT * FROM deliveries WHERE ${where} ORDER BY seq DESC LIMIT :more`, { ...values, more: limit + 1 }),
        limit,
        'seq',
        deliveryOf,
      )
    },
    /** Starts a delivery's schedule over. One that is being sent just now stays where it is. */
    *again(id: string): Steps<Delivery | undefined> {
      const row = yield* one(
        `UPDATE deliveries SET state = 'pending', tries = 0, next_at = ${now}, updated_at = ${now} WHERE id = :id RETURNING *`,
        { id },
      )
      return row && deliveryOf(row)
    },
  }
}
