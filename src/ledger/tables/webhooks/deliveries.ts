/** The table of deliveries as operators see it: found, listed, queued again, erased, and given to another endpoint. */
import type { Delivery, DeliveryFilter, DeliverySelection } from '../../contract/deliveries.ts'
import { DeliveryUnderWay } from '../../contract/errors.ts'
import type { Page } from '../../contract/page.ts'
import type { Dialect } from '../../engine/engine.ts'
import { execute, queryRow, queryRows, type QueryGenerator, type Value } from '../../engine/query.ts'
import { parseDelivery } from './delivery-row.ts'
import type { EndpointsTable } from './endpoints.ts'
import { freshMs } from './outbox.ts'
import { createPage, createWhereClause } from '../paging.ts'
import { visibleCondition, viewerValue } from '../visible-transfers.ts'

/** The rows that were queued again, and where the next batch continues. */
export interface RedeliveredBatch {
  count: number
  lastSeq: number
}

export function createDeliveriesTable(dialect: Dialect, endpoints: EndpointsTable) {
  const { now, forUpdate, jsonElements } = dialect
  const createSelectionClause = ({ states, transferId, conversationId, endpoint, type, since, until, visibleTo }: DeliverySelection) =>
    createWhereClause({
      [`state IN (${jsonElements('states')})`]: states && JSON.stringify(states),
      'transfer_id = :transferId': transferId,
      'conversation_id = :conversationId': conversationId,
      'endpoint = :endpoint': endpoint,
      'type = :type': type,
      'created_at >= :since': since,
      'created_at < :until': until,
      [`EXISTS (SELECT 1 FROM transfers WHERE id = transfer_id AND ${visibleCondition(dialect)})`]: viewerValue(visibleTo),
    })
  /**
   * The statement that restarts the retry schedule. A delivery that is being attempted stays claimed, so that no second attempt starts meanwhile.
   * @param overdueMs more than `freshMs` makes the deliveries backlog
   */
  const restartWhere = (condition: string, overdueMs: number): string =>
    `UPDATE deliveries SET state = 'pending', tries = 0, next_at = ${now} - ${overdueMs}, updated_at = ${now} WHERE ${condition} RETURNING *`

  return {
    *find(id: string): QueryGenerator<(Delivery & { body: string }) | undefined> {
      const row = yield* queryRow('SELECT * FROM deliveries WHERE id = :id', { id })
      return row && { ...parseDelivery(row), body: String(row['body']) }
    },
    /** The newest first. */
    *list({ limit, cursor, ...selection }: DeliveryFilter): QueryGenerator<Page<Delivery>> {
      const { where, values } = createSelectionClause(selection)
      const beforeCursor = cursor === undefined ? '' : 'AND seq < :cursor'
      return createPage(
        yield* queryRows(`SELECT * FROM deliveries WHERE ${where} ${beforeCursor} ORDER BY seq DESC LIMIT :limit`, {
          ...values,
          ...(cursor !== undefined && { cursor: Number(cursor) }),
          limit: limit + 1,
        }),
        limit,
        'seq',
        parseDelivery,
      )
    },
    /**
     * Queues a delivery again, due at once.
     * @returns undefined when there is none with this id
     * @throws DeliveryUnderWay if a node that holds a lease has claimed it
     */
    *redeliver(id: string): QueryGenerator<Delivery | undefined> {
      const selectUnderWay = 'SELECT 1 FROM deliveries WHERE id = :id AND claimed_by IN (SELECT id FROM nodes)'
      if (yield* queryRow(selectUnderWay, { id })) throw new DeliveryUnderWay(id)
      const row = yield* queryRow(restartWhere('id = :id', 0), { id })
      if (!row) return undefined
      // An operator who redelivers expects that the endpoint works again.
      yield* endpoints.probeNow(String(row['endpoint']))
      return parseDelivery(row)
    },
    /** Queues at most `limit` selected deliveries again, as backlog, beginning after the row `afterSeq`. */
    *redeliverBatch(selection: DeliverySelection, afterSeq: number, limit: number): QueryGenerator<RedeliveredBatch> {
      const { where, values } = createSelectionClause(selection)
      const rows = yield* queryRows(
        restartWhere(`seq IN (SELECT seq FROM deliveries WHERE ${where} AND seq > :afterSeq ORDER BY seq LIMIT :limit)`, freshMs + 1),
        { ...values, afterSeq, limit },
      )
      return { count: rows.length, lastSeq: rows.reduce((last, { seq }) => Math.max(last, Number(seq)), afterSeq) }
    },
    /** Writes each body of a conversation as `eraseBody` returns it. @returns how many changed */
    *erase(conversationId: string, eraseBody: (body: string) => string): QueryGenerator<number> {
      const rows = yield* queryRows(`SELECT seq, body FROM deliveries WHERE conversation_id = :conversationId ${forUpdate}`, {
        conversationId,
      })
      const changed = rows.flatMap(({ seq, body }) => {
        const erased = eraseBody(String(body))
        return erased === body ? [] : [{ seq: seq as Value, erased }]
      })
      for (const { seq, erased } of changed) yield* execute('UPDATE deliveries SET body = :erased WHERE seq = :seq', { seq, erased })
      return changed.length
    },
    /** @returns ids of the endpoints that have pending deliveries */
    *listPendingEndpoints(): QueryGenerator<string[]> {
      const rows = yield* queryRows('SELECT DISTINCT endpoint FROM deliveries WHERE next_at IS NOT NULL ORDER BY endpoint')
      return rows.map(({ endpoint }) => String(endpoint))
    },
    /** Gives the pending deliveries of one endpoint to another. @returns how many */
    *reassign(from: string, to: string): QueryGenerator<number> {
      return yield* execute('UPDATE deliveries SET endpoint = :to WHERE endpoint = :from AND next_at IS NOT NULL', { from, to })
    },
  }
}
