/** The table of nodes: each running process holds a lease in it. Transfers and deliveries of a node that is not in it may be claimed. */
import { hostname } from 'node:os'
import type { Engine } from '../engine/engine.ts'
import { execute, queryRows, type QueryGenerator } from '../engine/query.ts'

/** @param leaseMs how long a lease lasts, ms */
export function createNodesTable(
  { dialect: { now }, isNodeDead }: Pick<Engine, 'dialect' | 'isNodeDead'>,
  nodeId: string,
  leaseMs: number,
) {
  const thisHost = hostname()
  return {
    /** Takes a new lease for this node. */
    *join(): QueryGenerator<void> {
      yield* execute(
        `INSERT INTO nodes (id, host, pid, lease_until) VALUES (:node, :host, :pid, ${now} + :leaseMs) ON CONFLICT (id) DO UPDATE SET lease_until = excluded.lease_until`,
        { node: nodeId, host: thisHost, pid: process.pid, leaseMs },
      )
    },
    /** @returns false when the lease had expired */
    *renew(): QueryGenerator<boolean> {
      return (
        (yield* execute(`UPDATE nodes SET lease_until = ${now} + :leaseMs WHERE id = :node AND lease_until > ${now}`, {
          node: nodeId,
          leaseMs,
        })) === 1
      )
    },
    /** Deletes the nodes whose lease has expired or that are known to be dead. All nodes that remain are alive. */
    *deleteExpiredNodes(): QueryGenerator<void> {
      const others = yield* queryRows(
        `SELECT id, host, pid, lease_until, lease_until - ${now} AS left_ms FROM nodes WHERE id <> :node ORDER BY id`,
        { node: nodeId },
      )
      for (const { id = null, host, pid, lease_until: leaseUntil = null, left_ms: leftMs } of others) {
        // The condition on lease_until spares a node that renews its lease meanwhile.
        if (Number(leftMs) <= 0 || isNodeDead({ id: String(id), host: String(host), pid: Number(pid) }))
          yield* execute('DELETE FROM nodes WHERE id = :id AND lease_until = :until', { id, until: leaseUntil })
      }
    },
    /** Writes a small value, to prove that the database can be written. */
    *touch(): QueryGenerator<void> {
      yield* execute('UPDATE nodes SET pid = :pid WHERE id = :node', { node: nodeId, pid: process.pid })
    },
    /** Gives up this node's lease. */
    *leave(): QueryGenerator<void> {
      yield* execute('DELETE FROM nodes WHERE id = :node', { node: nodeId })
    },
  }
}
