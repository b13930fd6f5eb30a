/** The engine for several nodes: PostgreSQL through `pg`. Each node writes its own audit chain, and nodes wake each other (docs/architecture.md#ledger). */
import { createHash } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import type { LedgerOptions } from '../contract/ledger.ts'
import type { Dialect, Engine } from '../engine/engine.ts'
import { execute } from '../engine/query.ts'
import { createAuditWriter } from '../tables/audit-writer.ts'
import { createAuditAppender } from './audit-appender.ts'
import { connectForMaintenance, createClientConfig, createPool, toStoreUnavailable } from './connections.ts'
import { createDeliveryNotifications } from './delivery-notifications.ts'
import { migrate } from './migrate.ts'
import { createTransactions } from './transactions.ts'
import { epochMs } from '../../model/clock.ts'

/** Long reads use less than half of the connections. */
const readsAtOnce = 4
/** How long closing waits for the connections, ms. */
const closeTimeoutMs = 2_000

/** The number of the advisory lock with this name. */
const lockNumber = (name: string): bigint => createHash('sha256').update(name).digest().readBigInt64BE()

const now = '(extract(epoch FROM statement_timestamp()) * 1000)::bigint'
const dialect: Dialect = {
  now,
  leaseNow: now,
  forUpdate: 'FOR UPDATE',
  skipLocked: 'FOR UPDATE SKIP LOCKED',
  jsonElements: (parameter) => `SELECT json_array_elements_text(:${parameter}::json)`,
  json: (text) => `${text}::json`,
  jsonElementsOf: (array) => `SELECT value FROM json_array_elements_text(${array}) AS value`,
  *lock(names) {
    // All transactions take their locks in the order of the numbers, so that no two wait for each other.
    const locks = names.map(lockNumber).toSorted((a, b) => (a < b ? -1 : 1))
    for (const lock of locks) yield* execute('SELECT pg_advisory_xact_lock(:lock)', { lock: String(lock) })
  },
}

/**
 * Connects to a database and migrates it.
 * @throws Error that names DATABASE_URL when `url` cannot be parsed; StoreUnavailable when the database cannot be reached
 */
export async function openPostgresEngine(url: string, nodeId: string, options: LedgerOptions): Promise<Engine> {
  const { auditKey, onAudit = () => {}, clock = epochMs } = options
  const config = createClientConfig(url)
  const listenConfig = options.directUrl === undefined ? undefined : createClientConfig(options.directUrl, 'DATABASE_DIRECT_URL')
  const migrated = await migrate(config)
  const isPooled = migrated.isPooled || listenConfig !== undefined
  const pool = createPool(config, isPooled)
  const transactions = createTransactions(
    pool,
    createAuditAppender(createAuditWriter({ key: auditKey, chain: nodeId, nodeId, clock })),
    isPooled,
  )
  const listeners: Array<() => void> = []
  const notifications = createDeliveryNotifications(listenConfig ?? (isPooled ? undefined : config), nodeId, () => {
    for (const listener of listeners) listener()
  })

  return {
    dialect,
    hasSharedClock: true,
    chain: nodeId,
    read: transactions.read,
    readBeside: transactions.read,
    readsAtOnce,
    async write(work) {
      const { value, entries } = await transactions.write(work)
      for (const entry of entries) onAudit(entry)
      return value
    },
    async purgeOverwritten() {
      const { client } = await connectForMaintenance(config).catch((error: unknown) => {
        throw toStoreUnavailable(error)
      })
      try {
        await client.query('VACUUM transfers, idempotency_keys, deliveries, audit')
      } catch (error) {
        throw toStoreUnavailable(error)
      } finally {
        await client.end().catch(() => {})
      }
    },
    // The process may run on another machine, so only its lease tells whether it is alive.
    isNodeDead: () => false,
    notifyOtherNodes: () => notifications.notify(),
    onNotified: (listener) => void listeners.push(listener),
    async close() {
      const closed = Promise.allSettled([notifications.close(), pool.ending || pool.end()])
      await Promise.race([closed, setTimeout(closeTimeoutMs, undefined, { ref: false })])
    },
  }
}
