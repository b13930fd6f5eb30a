/**
 * The table of deliveries as an outbox: which delivery a node may claim, and what an attempt changes. Deliveries are claimed by endpoint,
 * and those of one transfer in order. A pending delivery has a `next_at`; an index covers only those.
 */
import type { ClaimedDelivery, CrmEvent, DeliveryClaim, DeliveryLane, DeliveryResult } from '../../contract/deliveries.ts'
import type { EndpointTransition } from '../../contract/endpoints.ts'
import type { Dialect } from '../../engine/engine.ts'
import {
  emptyResult,
  execute,
  executeLater,
  queryRow,
  queryRows,
  queryTogether,
  type Query,
  type QueryGenerator,
  type QueryResult,
  type Value,
  type Values,
} from '../../engine/query.ts'
import { parseAttempts, parseClaimedDelivery } from './delivery-row.ts'
import type { EndpointsTable } from './endpoints.ts'

/** How many attempts of a delivery are kept. */
const keptAttempts = 50
/** A delivery that has been due for longer than this is backlog, ms. */
export const freshMs = 60_000

/** The oldest pending delivery of each transfer, unless a living node has claimed it. */
const isClaimable = `endpoint = :endpoint AND (claimed_by IS NULL OR claimed_by NOT IN (SELECT id FROM nodes))
  AND NOT EXISTS (SELECT 1 FROM deliveries earlier WHERE earlier.transfer_id = d.transfer_id AND earlier.endpoint = d.endpoint AND earlier.seq < d.seq AND earlier.next_at IS NOT NULL)`
const isNotPaused = 'NOT EXISTS (SELECT 1 FROM webhook_endpoints WHERE id = :endpoint AND paused_at IS NOT NULL)'
/** The transfer's later pending deliveries. */
const isLater = 'transfer_id = :transferId AND endpoint = :endpoint AND seq > :seq AND next_at IS NOT NULL'

/** An attempt that was recorded: its endpoint, and how it changed the endpoint's state. */
export interface RecordedAttempt {
  endpoint: string
  transition: EndpointTransition
}

/** Times are durations from now, ms, because the clocks of node and database may differ. */
export function createOutbox({ now, forUpdate, skipLocked, jsonElements }: Dialect, nodeId: string, endpoints: EndpointsTable) {
  const isInLane: Readonly<Record<DeliveryLane, string>> = {
    fresh: `next_at > ${now} - ${freshMs} AND next_at <= ${now} + :aheadMs`,
    backlog: `next_at <= ${now} - ${freshMs}`,
  }

  const claimQuery = (condition: string, values: Values): Query => ({
    sql: `WITH due AS MATERIALIZED (SELECT seq FROM deliveries d WHERE ${condition} LIMIT :limit ${skipLocked})
       UPDATE deliveries SET claimed_by = :node WHERE seq IN (SELECT seq FROM due) RETURNING *`,
    values: { node: nodeId, ...values },
  })
  const parseClaimed = ({ rows }: QueryResult): ClaimedDelivery[] => rows.map(parseClaimedDelivery)

  return {
    /** Queues an event. Behind an earlier delivery of the transfer that waits for its next attempt, it waits as long. */
    *queue({ id, type, body, endpoint, traceparent = null }: CrmEvent, transferId: string, conversationId: string): QueryGenerator<void> {
      yield* executeLater(
        `INSERT INTO deliveries (id, endpoint, transfer_id, conversation_id, type, body, traceparent, state, attempts, tries, next_at, created_at, updated_at)
         VALUES (:id, :endpoint, :transferId, :conversationId, :type, :body, :traceparent, 'pending', '[]', 0,
           coalesce((SELECT max(next_at) FROM deliveries WHERE transfer_id = :transferId AND endpoint = :endpoint AND next_at > ${now}), ${now}), ${now}, ${now})`,
        { id, type, body, endpoint, traceparent, transferId, conversationId },
      )
    },

    /**
     * Brings forward what is due too late because the clock was set back since: deliveries whose last attempt seems to lie ahead, by as
     * much as that, and probes of paused endpoints.
     */
    *bringForward(): QueryGenerator<void> {
      yield* execute(
        `UPDATE deliveries SET next_at = next_at - (updated_at - ${now}), updated_at = ${now} WHERE next_at > ${now} AND updated_at > ${now}`,
      )
      yield* endpoints.bringProbesForward()
    },

    /** Claims deliveries that are due within `aheadMs`; of a paused endpoint the oldest one, when a probe is due. */
    *claim({ endpoint, lane, limit }: Omit<DeliveryClaim, 'now'>, aheadMs: number): QueryGenerator<ClaimedDelivery[]> {
      const isDue = `${isInLane[lane]} AND ${isClaimable} AND ${isNotPaused} ORDER BY next_at`
      // Only one of the two finds something: no delivery of a paused endpoint is due, and only a paused endpoint is probed.
      const [due = emptyResult, probe = emptyResult] = yield* queryTogether([
        claimQuery(isDue, { endpoint, aheadMs, limit }),
        ...(lane === 'fresh' ? [endpoints.takeProbeQuery(endpoint)] : []),
      ])
      if (probe.changedRows === 0) return parseClaimed(due)
      const [oldest = emptyResult] = yield* queryTogether([
        claimQuery(`next_at IS NOT NULL AND ${isClaimable} ORDER BY seq`, { endpoint, limit: 1 }),
      ])
      return [...parseClaimed(due), ...parseClaimed(oldest).map((delivery) => ({ ...delivery, isProbe: true }))]
    },

    /** Those of the deliveries that this node has claimed and not recorded an attempt of. */
    *findClaimed(ids: string[]): QueryGenerator<ClaimedDelivery[]> {
      return (yield* queryRows(
        `SELECT * FROM deliveries WHERE id IN (${jsonElements('ids')}) AND claimed_by = :node AND next_at IS NOT NULL ${forUpdate}`,
        { ids: JSON.stringify(ids), node: nodeId },
      )).map(parseClaimedDelivery)
    },

    /**
     * Records an attempt and ends the claim.
     * @param nextInMs time until the next attempt, ms; null: there is none
     * @returns undefined when this node has not claimed the delivery, or not any more
     */
    *recordResult(
      { id, state, attempt, isProbe = false }: DeliveryResult,
      nextInMs: number | null,
    ): QueryGenerator<RecordedAttempt | undefined> {
      const [claimed = emptyResult, failing = emptyResult] = yield* queryTogether([
        {
          sql: `SELECT seq, endpoint, transfer_id, attempts FROM deliveries WHERE id = :id AND claimed_by = :node ${forUpdate}`,
          values: { id, node: nodeId },
        },
        endpoints.failingQuery(id),
      ])
      const [row] = claimed.rows
      if (!row) return undefined
      const endpoint = String(row['endpoint'])
      const attempts = JSON.stringify([...parseAttempts(row), attempt].slice(-keptAttempts))
      const later: Values = { seq: row['seq'] as Value, transferId: row['transfer_id'] as Value, endpoint }
      const endClaim = `attempts = :attempts, claimed_by = NULL, updated_at = ${now}`
      if (nextInMs === null) {
        yield* executeLater(`UPDATE deliveries SET state = :state, tries = tries + 1, next_at = NULL, ${endClaim} WHERE id = :id`, {
          id,
          state,
          attempts,
        })
        yield* executeLater(`UPDATE deliveries SET next_at = ${now} WHERE ${isLater} AND tries = 0`, later)
      } else if (isProbe) {
        yield* executeLater(`UPDATE deliveries SET ${endClaim} WHERE id = :id`, { id, attempts })
      } else {
        yield* executeLater(
          `UPDATE deliveries SET state = :state, tries = tries + 1, next_at = ${now} + :nextInMs, ${endClaim} WHERE id = :id`,
          {
            id,
            state,
            attempts,
            nextInMs,
          },
        )
        // Postpone the transfer's later deliveries too; otherwise the query for due deliveries would keep rescanning them.
        yield* executeLater(`UPDATE deliveries SET next_at = ${now} + :nextInMs WHERE ${isLater} AND next_at < ${now} + :nextInMs`, {
          ...later,
          nextInMs,
        })
      }
      return { endpoint, transition: yield* endpoints.recordResult(endpoint, state === 'delivered', failing) }
    },

    /** @returns ms until the endpoint's next delivery, or the next probe of a paused endpoint, is due; negative when it is overdue */
    *findNextDelay(endpoint: string): QueryGenerator<number | undefined> {
      const wait = (yield* queryRow(
        `SELECT next_at - ${now} AS wait FROM deliveries d WHERE next_at IS NOT NULL AND ${isClaimable} ORDER BY next_at LIMIT 1`,
        { endpoint },
      ))?.['wait']
      return typeof wait === 'number' ? ((yield* endpoints.findProbeDelay(endpoint)) ?? wait) : undefined
    },
  }
}
