/** The table of nodes: each running process holds a lease in it. The transfers and deliveries of a node that is not in the table may be claimed. */
import { hostname } from 'node:os'
import type { Engine } from '../engine/engine.ts'
import { monotonicMs } from '../../model/clock.ts'
import { execute, queryRow, queryRows, type QueryGenerator } from '../engine/query.ts'

/** @param leaseMs how long a lease lasts, ms */
export function createNodesTable(
  { dialect: { leaseNow: now }, isNodeDead }: Pick<Engine, 'dialect' | 'isNodeDead'>,
  nodeId: string,
  leaseMs: number,
) {
  const thisHost = hostname()
  /** Leases that end later than a lease can, because the clock was set back after they were renewed. `since`: when this was found, monotonic ms. */
  const implausibleLeases = new Map<string, { leaseUntil: unknown; since: number }>()

  /** Whether a lease that ends later than a lease can has not been renewed for as long as a lease lasts. */
  function hasImplausibleLeaseExpired(id: string, leaseUntil: unknown, leftMs: number): boolean {
    const known = implausibleLeases.get(id)
    const isUnchanged = leftMs > leaseMs && known?.leaseUntil === leaseUntil
    if (isUnchanged && known) return monotonicMs() - known.since >= leaseMs
    if (leftMs > leaseMs) implausibleLeases.set(id, { leaseUntil, since: monotonicMs() })
    else implausibleLeases.delete(id)
    return false
  }

  return {
    /** Takes a new lease for this node. @returns the time by the clock for leases, ms */
    *join(): QueryGenerator<number> {
      const row = yield* queryRow(
        `INSERT INTO nodes (id, host, pid, lease_until) VALUES (:node, :host, :pid, ${now} + :leaseMs) ON CONFLICT (id) DO UPDATE SET lease_until = excluded.lease_until RETURNING lease_until`,
        { node: nodeId, host: thisHost, pid: process.pid, leaseMs },
      )
      return Number(row?.['lease_until']) - leaseMs
    },
    /** Renews this node's lease. @returns the time by the clock for leases, ms; undefined when the lease had expired */
    *renew(): QueryGenerator<number | undefined> {
      const row = yield* queryRow(
        `UPDATE nodes SET lease_until = ${now} + :leaseMs WHERE id = :node AND lease_until > ${now} RETURNING lease_until`,
        { node: nodeId, leaseMs },
      )
      return row && Number(row['lease_until']) - leaseMs
    },
    /** Deletes the nodes whose lease has expired or that are known to be dead. All nodes that remain count as alive. */
    *deleteExpiredNodes(): QueryGenerator<void> {
      const others = yield* queryRows(
        `SELECT id, host, pid, lease_until, lease_until - ${now} AS left_ms FROM nodes WHERE id <> :node ORDER BY id`,
        { node: nodeId },
      )
      for (const { id = null, host, pid, lease_until: leaseUntil = null, left_ms: leftMs } of others) {
        const hasExpired = Number(leftMs) <= 0 || hasImplausibleLeaseExpired(String(id), leaseUntil, Number(leftMs))
        // The condition on lease_until spares a node that renews its lease meanwhile.
        if (hasExpired || isNodeDead({ id: String(id), host: String(host), pid: Number(pid) }))
          yield* execute('DELETE FROM nodes WHERE id = :id AND lease_until = :until', { id, until: leaseUntil })
      }
    },
    /** The other nodes that are in the table. */
    *listOthers(): QueryGenerator<Array<{ host: string; pid: number }>> {
      const rows = yield* queryRows('SELECT host, pid FROM nodes WHERE id <> :node ORDER BY id', { node: nodeId })
      return rows.map(({ host, pid }) => ({ host: String(host), pid: Number(pid) }))
    },
    /** Deletes all other nodes, whether their leases have expired or not. */
    *deleteOthers(): QueryGenerator<void> {
      yield* execute('DELETE FROM nodes WHERE id <> :node', { node: nodeId })
    },
    /** Gives up this node's lease. */
    *leave(): QueryGenerator<void> {
      yield* execute('DELETE FROM nodes WHERE id = :node', { node: nodeId })
    },
  }
}
