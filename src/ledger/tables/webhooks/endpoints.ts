/** The table of webhook endpoints: one that has failed for long is paused, and probed until it works again (docs/webhooks.md#retries). */
import type { EndpointHealth, EndpointTransition, PausePolicy } from '../../contract/endpoints.ts'
import type { Dialect } from '../../engine/engine.ts'
import { execute, executeDeferred, queryRow, queryRows, type Query, type QueryGenerator, type QueryResult } from '../../engine/query.ts'
import { toIsoTime } from '../timestamps.ts'

export function createEndpointsTable({ now, forUpdate }: Dialect, { failingMs, failures, probeEveryMs }: PausePolicy) {
  function* recordSuccess(id: string, { rows: [failing] }: QueryResult): QueryGenerator<EndpointTransition> {
    if (!failing) return undefined
    yield* executeDeferred(
      'UPDATE webhook_endpoints SET failing_since = NULL, failures = 0, paused_at = NULL, probe_at = NULL WHERE id = :id AND failing_since IS NOT NULL',
      { id },
    )
    return failing['paused_at'] === null ? undefined : 'resumed'
  }

  function* recordFailure(id: string): QueryGenerator<EndpointTransition> {
    yield* execute(
      `INSERT INTO webhook_endpoints (id, failing_since, failures) VALUES (:id, ${now}, 1)
       ON CONFLICT (id) DO UPDATE SET failing_since = coalesce(webhook_endpoints.failing_since, excluded.failing_since), failures = webhook_endpoints.failures + 1`,
      { id },
    )
    const paused = yield* execute(
      `UPDATE webhook_endpoints SET paused_at = ${now}, probe_at = ${now} + :probeEveryMs
       WHERE id = :id AND paused_at IS NULL AND failures >= :failures AND failing_since <= ${now} - :failingMs`,
      { id, probeEveryMs, failures, failingMs },
    )
    return paused === 1 ? 'paused' : undefined
  }

  return {
    /** Adds endpoints that are not in the table. @returns their ids */
    *register(ids: readonly string[]): QueryGenerator<string[]> {
      const added: string[] = []
      for (const id of ids)
        if ((yield* execute('INSERT INTO webhook_endpoints (id) VALUES (:id) ON CONFLICT (id) DO NOTHING', { id })) === 1) added.push(id)
      return added
    },
    /** The query that finds the endpoint of a delivery if the endpoint is failing; `recordResult` needs its result. */
    failingQuery: (deliveryId: string): Query => ({
      sql: `SELECT paused_at FROM webhook_endpoints WHERE id = (SELECT endpoint FROM deliveries WHERE id = :deliveryId) AND failing_since IS NOT NULL ${forUpdate}`,
      values: { deliveryId },
    }),
    /**
     * Records the result of an attempt: a success resumes the endpoint, enough failures pause it.
     * @param failing the result of `failingQuery`
     */
    *recordResult(id: string, isDelivered: boolean, failing: QueryResult): QueryGenerator<EndpointTransition> {
      return yield* isDelivered ? recordSuccess(id, failing) : recordFailure(id)
    },
    /** If a probe of a paused endpoint is due, sets the time of the next one. Only the node whose query changes the row sends the probe. */
    takeProbeQuery: (id: string): Query => ({
      sql: `UPDATE webhook_endpoints SET probe_at = ${now} + :probeEveryMs WHERE id = :id AND paused_at IS NOT NULL AND probe_at <= ${now}`,
      values: { id, probeEveryMs },
    }),
    /** Makes probes due at once that are due later than a probe can be, because the clock was set back. */
    *correctProbeTimes(): QueryGenerator<void> {
      yield* execute(`UPDATE webhook_endpoints SET probe_at = ${now} WHERE paused_at IS NOT NULL AND probe_at > ${now} + :probeEveryMs`, {
        probeEveryMs,
      })
    },
    /** Makes a probe of a paused endpoint due at once. */
    *probeNow(id: string): QueryGenerator<void> {
      yield* execute(`UPDATE webhook_endpoints SET probe_at = ${now} WHERE id = :id AND paused_at IS NOT NULL`, { id })
    },
    /** @returns ms until the next probe; undefined: the endpoint is not paused */
    *findProbeDelayMs(id: string): QueryGenerator<number | undefined> {
      const row = yield* queryRow(`SELECT probe_at - ${now} AS wait_ms FROM webhook_endpoints WHERE id = :id AND paused_at IS NOT NULL`, {
        id,
      })
      return row && Number(row['wait_ms'])
    },
    *listHealth(): QueryGenerator<EndpointHealth[]> {
      const rows = yield* queryRows(
        `SELECT coalesce(e.id, p.endpoint) AS id, failing_since, coalesce(failures, 0) AS failures, paused_at, probe_at, coalesce(total, 0) AS pending, oldest
         FROM webhook_endpoints e FULL JOIN (SELECT endpoint, count(*) AS total, min(created_at) AS oldest FROM deliveries WHERE next_at IS NOT NULL GROUP BY endpoint) p ON p.endpoint = e.id
         ORDER BY 1`,
      )
      return rows.map((row) => ({
        id: String(row['id']),
        failingSince: toIsoTime(row['failing_since']),
        failures: Number(row['failures']),
        pausedAt: toIsoTime(row['paused_at']),
        nextProbeAt: toIsoTime(row['probe_at']),
        pending: Number(row['pending']),
        oldestPendingAt: toIsoTime(row['oldest']),
      }))
    },
  }
}
export type EndpointsTable = ReturnType<typeof createEndpointsTable>
