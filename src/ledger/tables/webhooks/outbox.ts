/**
 * The table of deliveries as an outbox: which delivery a node may claim, and what an attempt changes. Each endpoint's deliveries are claimed
 * separately, and those of one transfer in order. Only a pending delivery has a `next_at`; the index of due deliveries holds only those.
 */
import type { ClaimedDelivery, CrmEvent, DeliveryClaim, DeliveryLane, DeliveryResult } from '../../contract/deliveries.ts'
import type { EndpointTransition } from '../../contract/endpoints.ts'
import type { Dialect } from '../../engine/engine.ts'
import {
  emptyResult,
  execute,
  executeDeferred,
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

/** How many of the latest attempts of a delivery are kept. */
const keptAttempts = 50
/** A delivery that has been due for longer than this is backlog, ms. */
export const freshMs = 60_000

/** A condition on a row `d`: it is the oldest pending delivery of its transfer, and no node that holds a lease has claimed it. */
const isClaimable = `endpoint = :endpoint AND (claimed_by IS NULL OR claimed_by NOT IN (SELECT id FROM nodes))
  AND NOT EXISTS (SELECT 1 FROM deliveries earlier WHERE earlier.transfer_id = d.transfer_id AND earlier.endpoint = d.endpoint AND earlier.seq < d.seq AND earlier.next_at IS NOT NULL)`
const isNotPaused = 'NOT EXISTS (SELECT 1 FROM webhook_endpoints WHERE id = :endpoint AND paused_at IS NOT NULL)'
/** A condition for the later pending deliveries of the same transfer to the same endpoint. */
const isLater = 'transfer_id = :transferId AND endpoint = :endpoint AND seq > :seq AND next_at IS NOT NULL'

/** Which deliveries to claim. `dueWithinMs` is negative for a time in the past. */
export type OutboxClaim = Omit<DeliveryClaim, 'dueBy'> & { dueWithinMs: number }

/** An attempt that was recorded: its endpoint, and how it changed the endpoint's state. */
export interface RecordedAttempt {
  endpoint: string
  transition: EndpointTransition
}

/** Times are passed as durations from now, ms, because the clocks of node and database may differ. */
export function createOutbox({ now, forUpdate, skipLocked, jsonElements }: Dialect, nodeId: string, endpoints: EndpointsTable) {
  const isInLane: Readonly<Record<DeliveryLane, string>> = {
    fresh: `next_at > ${now} - ${freshMs} AND next_at <= ${now} + :dueWithinMs`,
    backlog: `next_at <= ${now} - ${freshMs}`,
  }

  const claimQuery = (condition: string, values: Values): Query => ({
    sql: `WITH due AS MATERIALIZED (SELECT seq FROM deliveries d WHERE ${condition} LIMIT :limit ${skipLocked})
       UPDATE deliveries SET claimed_by = :node WHERE seq IN (SELECT seq FROM due) RETURNING *`,
    values: { node: nodeId, ...values },
  })
  const parseClaimed = ({ rows }: QueryResult): ClaimedDelivery[] => rows.map(parseClaimedDelivery)

  return {
    /** Queues an event. If an earlier delivery of the transfer waits for its next attempt, the event becomes due at the same time. */
    *queue({ id, type, body, endpoint, traceparent = null }: CrmEvent, transferId: string, conversationId: string): QueryGenerator<void> {
      yield* executeDeferred(
        `INSERT INTO deliveries (id, endpoint, transfer_id, conversation_id, type, body, traceparent, state, attempts, tries, next_at, created_at, updated_at)
         VALUES (:id, :endpoint, :transferId, :conversationId, :type, :body, :traceparent, 'pending', '[]', 0,
           coalesce((SELECT max(next_at) FROM deliveries WHERE transfer_id = :transferId AND endpoint = :endpoint AND next_at > ${now}), ${now}), ${now}, ${now})`,
        { id, type, body, endpoint, traceparent, transferId, conversationId },
      )
    },

    /**
     * Corrects times that lie too far ahead because the clock was set back since they were stored. A delivery whose last change seems to lie
     * in the future becomes due earlier by as much. A probe that is due later than a probe can be becomes due at once.
     */
    *correctTimesAfterSetBack(): QueryGenerator<void> {
      yield* execute(
        `UPDATE deliveries SET next_at = next_at - (updated_at - ${now}), updated_at = ${now} WHERE next_at > ${now} AND updated_at > ${now}`,
      )
      yield* endpoints.correctProbeTimes()
    },

    /** Claims deliveries that are due within `dueWithinMs`. Of a paused endpoint it claims only the oldest one, when a probe is due. */
    *claim({ endpoint, lane, limit, dueWithinMs }: OutboxClaim): QueryGenerator<ClaimedDelivery[]> {
      const isDue = `${isInLane[lane]} AND ${isClaimable} AND ${isNotPaused} ORDER BY next_at`
      // Only one of the two queries finds something: no delivery of a paused endpoint is due, and only a paused endpoint is probed.
      const [due = emptyResult, probe = emptyResult] = yield* queryTogether([
        claimQuery(isDue, { endpoint, dueWithinMs, limit }),
        ...(lane === 'fresh' ? [endpoints.takeProbeQuery(endpoint)] : []),
      ])
      if (probe.changedRows === 0) return parseClaimed(due)
      const [oldest = emptyResult] = yield* queryTogether([
        claimQuery(`next_at IS NOT NULL AND ${isClaimable} ORDER BY seq`, { endpoint, limit: 1 }),
      ])
      return [...parseClaimed(due), ...parseClaimed(oldest).map((delivery) => ({ ...delivery, isProbe: true }))]
    },

    /** Finds the deliveries with these ids that this node has claimed and whose attempt it has not recorded. */
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
      const laterValues: Values = { seq: row['seq'] as Value, transferId: row['transfer_id'] as Value, endpoint }
      const claimEndAssignments = `attempts = :attempts, claimed_by = NULL, updated_at = ${now}`
      if (nextInMs === null) {
        yield* executeDeferred(
          `UPDATE deliveries SET state = :state, tries = tries + 1, next_at = NULL, ${claimEndAssignments} WHERE id = :id`,
          {
            id,
            state,
            attempts,
          },
        )
        // The later deliveries that only waited for this one are due now.
        yield* executeDeferred(`UPDATE deliveries SET next_at = ${now} WHERE ${isLater} AND tries = 0`, laterValues)
      } else if (isProbe) {
        yield* executeDeferred(`UPDATE deliveries SET ${claimEndAssignments} WHERE id = :id`, { id, attempts })
      } else {
        yield* executeDeferred(
          `UPDATE deliveries SET state = :state, tries = tries + 1, next_at = ${now} + :nextInMs, ${claimEndAssignments} WHERE id = :id`,
          {
            id,
            state,
            attempts,
            nextInMs,
          },
        )
        // Postpone the transfer's later deliveries too; otherwise the query for due deliveries would keep rescanning them.
        yield* executeDeferred(`UPDATE deliveries SET next_at = ${now} + :nextInMs WHERE ${isLater} AND next_at < ${now} + :nextInMs`, {
          ...laterValues,
          nextInMs,
        })
      }
      return { endpoint, transition: yield* endpoints.recordResult(endpoint, state === 'delivered', failing) }
    },

    /** @returns ms until the endpoint's next delivery, or probe if it is paused, is due; negative when overdue; undefined when there is none */
    *findNextDelayMs(endpoint: string): QueryGenerator<number | undefined> {
      const waitMs = (yield* queryRow(
        `SELECT next_at - ${now} AS wait_ms FROM deliveries d WHERE next_at IS NOT NULL AND ${isClaimable} ORDER BY next_at LIMIT 1`,
        { endpoint },
      ))?.['wait_ms']
      return typeof waitMs === 'number' ? ((yield* endpoints.findProbeDelayMs(endpoint)) ?? waitMs) : undefined
    },
  }
}
