/** How the CRM's endpoints do: one that fails for long is paused, and probed until it is back. */
import type { EndpointHealth, EndpointTransition, PausePolicy } from '../ledger.ts'
import { all, one, run, type Dialect, type QueryGenerator } from '../steps.ts'
import { iso } from './moments.ts'

export function endpointsTable({ now, forUpdate }: Dialect, { failingMs, failures, probeEveryMs }: PausePolicy) {
  return {
    /** Makes endpoints known; those that were not. */
    *enrol(ids: readonly string[]): QueryGenerator<string[]> {
      const fresh: string[] = []
      for (const id of ids)
        if ((yield* run('INSERT INTO webhook_endpoints (id) VALUES (:id) ON CONFLICT (id) DO NOTHING', { id })) === 1) fresh.push(id)
      return fresh
    },
    /** Notes what an attempt tells of its endpoint. */
    *heard(id: string, delivered: boolean): QueryGenerator<EndpointTransition> {
      if (delivered) {
        const failing = yield* one(`SELECT paused_at FROM webhook_endpoints WHERE id = :id AND failing_since IS NOT NULL ${forUpdate}`, {
          id,
        })
        if (!failing) return undefined
        yield* run(
          'UPDATE webhook_endpoints SET failing_since = NULL, failures = 0, paused_at = NULL, probe_at = NULL WHERE id = :id AND failing_since IS NOT NULL',
          { id },
        )
        return failing['paused_at'] === null ? undefined : 'resumed'
      }
      yield* run(
        `INSERT INTO webhook_endpoints (id, failing_since, failures) VALUES (:id, ${now}, 1)
         ON CONFLICT (id) DO UPDATE SET failing_since = coalesce(webhook_endpoints.failing_since, excluded.failing_since), failures = webhook_endpoints.failures + 1`,
        { id },
      )
      const paused = yield* run(
        `UPDATE webhook_endpoints SET paused_at = ${now}, probe_at = ${now} + :probeEveryMs
         WHERE id = :id AND paused_at IS NULL AND failures >= :failures AND failing_since <= ${now} - :failingMs`,
        { id, probeEveryMs, failures, failingMs },
      )
      return paused === 1 ? 'paused' : undefined
    },
    /** Whether a paused endpoint is to be probed now, by whoever asks first. */
    *takeProbe(id: string): QueryGenerator<boolean> {
      return (
        (yield* run(
          `UPDATE webhook_endpoints SET probe_at = ${now} + :probeEveryMs WHERE id = :id AND paused_at IS NOT NULL AND probe_at <= ${now}`,
          { id, probeEveryMs },
        )) === 1
      )
    },
    /** A paused endpoint is probed at once. */
    *probeNow(id: string): QueryGenerator<void> {
      yield* run(`UPDATE webhook_endpoints SET probe_at = ${now} WHERE id = :id AND paused_at IS NOT NULL`, { id })
    },
    /** Ms until a paused endpoint is probed; undefined: it is not paused. */
    *probeIn(id: string): QueryGenerator<number | undefined> {
      const row = yield* one(`SELECT probe_at - ${now} AS wait FROM webhook_endpoints WHERE id = :id AND paused_at IS NOT NULL`, { id })
      return row && Number(row['wait'])
    },
    *all(): QueryGenerator<EndpointHealth[]> {
      const rows = yield* all(
        `SELECT coalesce(e.id, p.endpoint) AS id, failing_since, coalesce(failures, 0) AS failures, paused_at, probe_at, coalesce(many, 0) AS pending, oldest
         FROM webhook_endpoints e FULL JOIN (SELECT endpoint, count(*) AS many, min(created_at) AS oldest FROM deliveries WHERE next_at IS NOT NULL GROUP BY endpoint) p ON p.endpoint = e.id
         ORDER BY 1`,
      )
      return rows.map((row) => ({
        id: String(row['id']),
        failingSince: iso(row['failing_since']),
        failures: Number(row['failures']),
        pausedAt: iso(row['paused_at']),
        nextProbeAt: iso(row['probe_at']),
        pending: Number(row['pending']),
        oldestPendingAt: iso(row['oldest']),
      }))
    },
  }
}
export type EndpointsTable = ReturnType<typeof endpointsTable>
