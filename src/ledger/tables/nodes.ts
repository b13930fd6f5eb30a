/** Who is alive: each process holds a lease; the transfers and deliveries of one whose lease ran out are anybody's. */
import { hostname } from 'node:os'
import { all, run, type Engine, type QueryGenerator } from '../steps.ts'

export function nodesTable({ dialect: { now }, isDead }: Engine, node: string, leaseMs: number) {
  const host = hostname()
  return {
    *join(): QueryGenerator<void> {
      yield* run(
        `INSERT INTO nodes (id, host, pid, lease_until) VALUES (:node, :host, :pid, ${now} + :leaseMs) ON CONFLICT (id) DO UPDATE SET lease_until = excluded.lease_until`,
        { node, host, pid: process.pid, leaseMs },
      )
    },
    /** False: the lease had run out. */
    *renew(): QueryGenerator<boolean> {
      return (
        (yield* run(`UPDATE nodes SET lease_until = ${now} + :leaseMs WHERE id = :node AND lease_until > ${now}`, { node, leaseMs })) === 1
      )
    },
    /** Forgets the nodes that are gone. Those left are alive. */
    *bury(): QueryGenerator<void> {
      const others = yield* all(
        `SELECT id, host, pid, lease_until, lease_until - ${now} AS left_ms FROM nodes WHERE id <> :node ORDER BY id`,
        { node },
      )
      for (const { id = null, host: its, pid, lease_until: until = null, left_ms: left } of others) {
        // One that renews its lease meanwhile is alive after all.
        if (Number(left) <= 0 || isDead({ id: String(id), host: String(its), pid: Number(pid) }))
          yield* run('DELETE FROM nodes WHERE id = :id AND lease_until = :until', { id, until })
      }
    },
    /** Writes something small: proof that the store takes writes. */
    *touch(): QueryGenerator<void> {
      yield* run('UPDATE nodes SET pid = :pid WHERE id = :node', { node, pid: process.pid })
    },
    *leave(): QueryGenerator<void> {
      yield* run('DELETE FROM nodes WHERE id = :node', { node })
    },
  }
}
