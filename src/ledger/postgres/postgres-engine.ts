/** The ledger of several nodes: PostgreSQL through `pg` and plain SQL; work is claimed under leases, and nodes wake each other (design §11). */
import { createHash } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { v7 as uuid } from 'uuid'
import { createSqlLedger } from '../sql-ledger.ts'
import type { Ledger, LedgerOptions } from '../ledger.ts'
import { announcements } from './announcements.ts'
import { clientConfig, openPool, patientClient, unavailable } from './connections.ts'
import { migrate } from './migrate.ts'
import { transactions } from './transactions.ts'
import { run, type Dialect, type Engine } from '../steps.ts'
import { auditTable } from '../tables/audit.ts'

/** How long a leaving node waits for its connections to close, ms. */
const leaveMs = 2_000

const lockOf = (word: string): bigint => createHash('sha256').update(word).digest().readBigInt64BE()

const dialect: Dialect = {
  now: '(extract(epoch FROM statement_timestamp()) * 1000)::bigint',
  forUpdate: 'FOR UPDATE',
  skipLocked: 'FOR UPDATE SKIP LOCKED',
  elements: (parameter) => `SELECT json_array_elements_text(:${parameter}::json)`,
  *exclusively(words) {
    // In the order of their numbers for everybody, so that no two wait for each other.
    const locks = words.map(lockOf).toSorted((a, b) => (a < b ? -1 : 1))
    for (const lock of locks) yield* run('SELECT pg_advisory_xact_lock(:lock)', { lock: String(lock) })
  },
}

/**
 * Opens the ledger in a database, migrates it and takes a lease in it.
 * @throws Error naming DATABASE_URL when the address cannot be read; StoreUnavailable when the database cannot be reached
 */
export async function openPostgresLedger(url: string, options: LedgerOptions): Promise<Ledger> {
  const { auditKey, onAudit = () => {}, clock = Date.now } = options
  const node = uuid()
  const config = clientConfig(url)
  await migrate(config)
  const pool = openPool(config)
  const work = transactions(pool, auditTable({ key: auditKey, chain: node, node, clock }))
  const listeners: Array<() => void> = []
  const wire = announcements(config, node, () => {
    for (const listener of listeners) listener()
  })

  const engine: Engine = {
    dialect,
    chain: node,
    read: (steps) => work.read(steps),
    async write(steps) {
      const { value, entries } = await work.write(steps)
      for (const entry of entries) onAudit(entry)
      return value
    },
    async shred() {
      const client = patientClient(config)
      try {
        await client.connect()
        await client.query('VACUUM transfers, idempotency_keys, deliveries, audit')
      } catch (error) {
        throw unavailable(error)
      } finally {
        await client.end().catch(() => {})
      }
    },
    // Only the lease tells: the process may run on another machine.
    isDead: () => false,
    announce: () => wire.announce(),
    onAnnounced: (listener) => void listeners.push(listener),
    async close() {
      await Promise.race([Promise.allSettled([wire.close(), pool.ending || pool.end()]), setTimeout(leaveMs, undefined, { ref: false })])
    },
  }
  return createSqlLedger(engine, node, options).catch(async (error: unknown) => {
    await engine.close()
    throw error
  })
}
