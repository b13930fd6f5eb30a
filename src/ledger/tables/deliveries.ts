/** What the CRM is to be told: queued inside the change it tells of, handed out per endpoint and in order per transfer. */
import type {
  CrmEvent,
  Delivery,
  DeliveryAttempt,
  DeliveryFilter,
  DeliveryLane,
  DeliveryResult,
  DeliverySelection,
  DueDelivery,
  DueQuery,
  EndpointTransition,
  Page,
} from '../ledger.ts'
import { all, one, run, type Dialect, type Row, type QueryGenerator, type Value, type Values } from '../steps.ts'
import { iso } from './moments.ts'
import type { EndpointsTable } from './endpoints.ts'
import { conditions, pageOf } from './paging.ts'

/** So many attempts are kept. */
const attemptsKept = 50
/** What has been due for longer is backlog, ms. */
const freshMs = 60_000

const deliveryOf = (row: Row): Delivery => ({
  id: String(row['id']),
  endpoint: String(row['endpoint']),
  transferId: String(row['transfer_id']),
  conversationId: String(row['conversation_id']),
  type: String(row['type']),
  state: String(row['state']) as Delivery['state'],
  attempts: JSON.parse(String(row['attempts'])) as DeliveryAttempt[],
  tries: Number(row['tries']),
  nextAttemptAt: row['state'] === 'pending' ? iso(row['next_at']) : null,
  createdAt: String(iso(row['created_at'])),
  updatedAt: String(iso(row['updated_at'])),
})
const dueOf = (row: Row): DueDelivery => ({
  ...deliveryOf(row),
  body: String(row['body']),
  traceparent: row['traceparent'] === null ? null : String(row['traceparent']),
  probe: false,
})

/** The oldest pending one of each transfer that no living node is sending. Pending are those that have a next time: the index of those is small. */
const free = `endpoint = :endpoint AND (claimed_by IS NULL OR claimed_by NOT IN (SELECT id FROM nodes))
  AND NOT EXISTS (SELECT 1 FROM deliveries earlier WHERE earlier.transfer_id = d.transfer_id AND earlier.endpoint = d.endpoint AND earlier.seq < d.seq AND earlier.next_at IS NOT NULL)`
const notPaused = 'NOT EXISTS (SELECT 1 FROM webhook_endpoints WHERE id = :endpoint AND paused_at IS NOT NULL)'

const selected = ({ states, transferId, conversationId, endpoint, type, since, until }: DeliverySelection, list: string) =>
  conditions({
    [`state IN (${list})`]: states && JSON.stringify(states),
    'transfer_id = :transferId': transferId,
    'conversation_id = :conversationId': conversationId,
    'endpoint = :endpoint': endpoint,
    'type = :type': type,
    'created_at >= :since': since,
    'created_at < :until': until,
  })

/** Times go in and out as spans from now, ms, so that the node's clock and the store's need not agree. */
export function deliveriesTable({ now, forUpdate, skipLocked, elements }: Dialect, node: string, endpoints: EndpointsTable) {
  const ofLane: Readonly<Record<DeliveryLane, string>> = {
    fresh: `next_at > ${now} - ${freshMs} AND next_at <= ${now} + :ahead`,
    backlog: `next_at <= ${now} - ${freshMs}`,
  }
  function* claim(which: string, values: Values): QueryGenerator<DueDelivery[]> {
    const rows = yield* all(
      `WITH due AS MATERIALIZED (SELECT seq FROM deliveries d WHERE ${which} LIMIT :limit ${skipLocked})
       UPDATE deliveries SET claimed_by = :node WHERE seq IN (SELECT seq FROM due) RETURNING *`,
      { node, ...values },
    )
    return rows.map(dueOf)
  }
  /** Starts the schedule over of what `which` picks. One that is being sent just now stays where it is. */
  const overAgain = (which: string, overdue: number): string =>
    `UPDATE deliveries SET state = 'pending', tries = 0, next_at = ${now} - ${overdue}, updated_at = ${now} WHERE ${which} RETURNING *`

  return {
    *queue({ id, type, body, endpoint, traceparent = null }: CrmEvent, transferId: string, conversationId: string): QueryGenerator<void> {
      yield* run(
        `INSERT INTO deliveries (id, endpoint, transfer_id, conversation_id, type, body, traceparent, state, attempts, tries, next_at, created_at, updated_at)
         VALUES (:id, :endpoint, :transferId, :conversationId, :type, :body, :traceparent, 'pending', '[]', 0,
           coalesce((SELECT max(next_at) FROM deliveries WHERE transfer_id = :transferId AND endpoint = :endpoint AND next_at > ${now}), ${now}), ${now}, ${now})`,
        { id, type, body, endpoint, traceparent, transferId, conversationId },
      )
    },
    /** Hands out what falls due within `ahead` ms; of a paused endpoint the oldest one, when it is to be probed. */
    *due({ endpoint, lane, limit }: Pick<DueQuery, 'endpoint' | 'lane' | 'limit'>, ahead: number): QueryGenerator<DueDelivery[]> {
      const due = yield* claim(`${ofLane[lane]} AND ${free} AND ${notPaused} ORDER BY next_at`, { endpoint, ahead, limit })
      if (due.length > 0 || lane === 'backlog' || !(yield* endpoints.takeProbe(endpoint))) return due
      const oldest = yield* claim(`next_at IS NOT NULL AND ${free} ORDER BY seq`, { endpoint, limit: 1 })
      return oldest.map((delivery) => ({ ...delivery, probe: true }))
    },
    /** Of these, the ones that this node was handed and has not settled. */
    *inHand(ids: string[]): QueryGenerator<DueDelivery[]> {
      return (yield* all(
        `SELECT * FROM deliveries WHERE id IN (${elements('ids')}) AND claimed_by = :node AND next_at IS NOT NULL ${forUpdate}`,
        { ids: JSON.stringify(ids), node },
      )).map(dueOf)
    },
    /** Notes an attempt, and in how many ms the next is due. Undefined: it is not in this node's hands, or not any more. */
    *settle(
      { id, state, attempt, probe = false }: DeliveryResult,
      pause: number | null,
    ): QueryGenerator<{ endpoint: string; turn: EndpointTransition } | undefined> {
      const row = yield* one(
        `SELECT seq, endpoint, transfer_id, attempts FROM deliveries WHERE id = :id AND claimed_by = :node ${forUpdate}`,
        {
          id,
          node,
        },
      )
      if (!row) return undefined
      const endpoint = String(row['endpoint'])
      const attempts = JSON.stringify([...(JSON.parse(String(row['attempts'])) as DeliveryAttempt[]), attempt].slice(-attemptsKept))
      const after: Values = { seq: row['seq'] as Value, transferId: row['transfer_id'] as Value, endpoint }
      const behind = 'WHERE transfer_id = :transferId AND endpoint = :endpoint AND seq > :seq AND next_at IS NOT NULL'
      const noted = `attempts = :attempts, claimed_by = NULL, updated_at = ${now}`
      if (pause === null) {
        yield* run(`UPDATE deliveries SET state = :state, tries = tries + 1, next_at = NULL, ${noted} WHERE id = :id`, {
          id,
          state,
          attempts,
        })
        yield* run(`UPDATE deliveries SET next_at = ${now} ${behind} AND tries = 0`, after)
      } else if (probe) {
        yield* run(`UPDATE deliveries SET ${noted} WHERE id = :id`, { id, attempts })
      } else {
        // Those behind it wait as long, or every look for what is due would come upon them.
        yield* run(`UPDATE deliveries SET state = :state, tries = tries + 1, next_at = ${now} + :pause, ${noted} WHERE id = :id`, {
          id,
          state,
          attempts,
          pause,
        })
        yield* run(`UPDATE deliveries SET next_at = ${now} + :pause ${behind} AND next_at < ${now} + :pause`, { ...after, pause })
      }
      return { endpoint, turn: yield* endpoints.heard(endpoint, state === 'delivered') }
    },
    /** Ms until the endpoint's next one is due, or until it is probed when it is paused; less than 0 when that is overdue. */
    *nextIn(endpoint: string): QueryGenerator<number | undefined> {
      const wait = (yield* one(
        `SELECT next_at - ${now} AS wait FROM deliveries d WHERE next_at IS NOT NULL AND ${free} ORDER BY next_at LIMIT 1`,
        { endpoint },
      ))?.['wait']
      return typeof wait === 'number' ? ((yield* endpoints.probeIn(endpoint)) ?? wait) : undefined
    },
    *find(id: string): QueryGenerator<(Delivery & { body: string }) | undefined> {
      const row = yield* one('SELECT * FROM deliveries WHERE id = :id', { id })
      return row && { ...deliveryOf(row), body: String(row['body']) }
    },
    *list({ limit, cursor, ...selection }: DeliveryFilter): QueryGenerator<Page<Delivery>> {
      const { where, values } = selected(selection, elements('states'))
      const after = cursor === undefined ? '' : 'AND seq < :cursor'
      return pageOf(
        yield* all(`SELECT * FROM deliveries WHERE ${where} ${after} ORDER BY seq DESC LIMIT :more`, {
          ...values,
          ...(cursor !== undefined && { cursor: Number(cursor) }),
          more: limit + 1,
        }),
        limit,
        'seq',
        deliveryOf,
      )
    },
    *again(id: string): QueryGenerator<Delivery | undefined> {
      const row = yield* one(overAgain('id = :id', 0), { id })
      if (!row) return undefined
      // Whoever asks for it believes that the endpoint is back.
      yield* endpoints.probeNow(String(row['endpoint']))
      return deliveryOf(row)
    },
    /** Starts over at most `limit` of a selection, behind what is fresh; `after` is the last that was. */
    *allAgain(selection: DeliverySelection, after: number, limit: number): QueryGenerator<{ many: number; last: number }> {
      const { where, values } = selected(selection, elements('states'))
      const rows = yield* all(
        overAgain(`seq IN (SELECT seq FROM deliveries WHERE ${where} AND seq > :after ORDER BY seq LIMIT :limit)`, freshMs + 1),
        { ...values, after, limit },
      )
      return { many: rows.length, last: rows.reduce((last, { seq }) => Math.max(last, Number(seq)), after) }
    },
    /** Writes what `without` leaves of each body of a conversation's. How many it changed. */
    *erase(conversation: string, without: (body: string) => string): QueryGenerator<number> {
      const rows = yield* all(`SELECT seq, body FROM deliveries WHERE conversation_id = :conversation ${forUpdate}`, { conversation })
      const changed = rows.flatMap(({ seq, body }) => {
        const left = without(String(body))
        return left === body ? [] : [{ seq: seq as Value, left }]
      })
      for (const { seq, left } of changed) yield* run('UPDATE deliveries SET body = :left WHERE seq = :seq', { seq, left })
      return changed.length
    },
    /** Endpoints for which something waits. */
    *awaited(): QueryGenerator<string[]> {
      return (yield* all('SELECT DISTINCT endpoint FROM deliveries WHERE next_at IS NOT NULL ORDER BY endpoint')).map(({ endpoint }) =>
        String(endpoint),
      )
    },
    /** Gives what waits for one endpoint to another. How many. */
    *adopt(from: string, to: string): QueryGenerator<number> {
      return yield* run('UPDATE deliveries SET endpoint = :to WHERE endpoint = :from AND next_at IS NOT NULL', { from, to })
    },
  }
}
