/** The engine for several nodes: PostgreSQL through `pg`. Each node writes its own audit chain, and nodes wake each other (docs/architecture.md#ledger). */
import { setTimeout } from 'node:timers/promises'
import type { AuditEntry } from '../contract/audit.ts'
import type { LedgerOptions } from '../contract/ledger.ts'
import type { Engine } from '../engine/engine.ts'
import { createAuditTrail } from './audit-trail.ts'
import { connectForMaintenance, createClientConfig, createPool, toStoreUnavailable } from './connections.ts'
import { createNotifications, type NotifiedSubject } from './notifications.ts'
import { createDatabasePlace } from './database-place.ts'
import { dialect } from './dialect.ts'
import { migrate } from './migrate.ts'
import { createTransactions } from './transactions.ts'
import { epochMs } from '../../model/clock.ts'

/** Long reads use less than half of the connections (connections.ts). */
const maxLongReads = 4
/** How long closing waits for the connections, ms. */
const closeTimeoutMs = 2_000

/**
 * Connects to a database and migrates it.
 * @throws Error that names DATABASE_URL when `url` cannot be parsed; StoreUnavailable when the database cannot be reached
 */
export async function openPostgresEngine(url: string, nodeId: string, options: LedgerOptions): Promise<Engine> {
  const { auditKey, previousAuditKeys, onAudit = () => {}, log, clock = epochMs } = options
  const config = createClientConfig(url)
  const listenConfig = options.directUrl === undefined ? undefined : createClientConfig(options.directUrl, 'DATABASE_DIRECT_URL')
  const migrated = await migrate(config)
  const isPooled = migrated.isPooled || listenConfig !== undefined
  const pool = createPool(config, isPooled)
  const transactions = createTransactions(pool, isPooled)
  const listeners: Record<NotifiedSubject, Array<() => void>> = { deliveries: [], changes: [] }
  const callListeners = (subject: NotifiedSubject): void => {
    for (const listener of listeners[subject]) listener()
  }
  const notifications = createNotifications(listenConfig ?? (isPooled ? undefined : config), nodeId, callListeners)
  const onAppended = (entry: AuditEntry): void => {
    onAudit(entry)
    callListeners('changes')
    notifications.notify('changes')
  }
  const audit = createAuditTrail(transactions, dialect, { auditKey, previousAuditKeys, nodeId, clock, onAudit: onAppended, log })

  return {
    dialect,
    place: createDatabasePlace(migrated.place),
    hasSharedClock: true,
    chain: nodeId,
    read: transactions.read,
    readLong: transactions.read,
    maxLongReads,
    write: audit.write,
    appendAudit: audit.appendAudit,
    sealAudit: audit.sealAudit,
    // PostgreSQL checks each page when it reads it, if its data checksums are on.
    findDamage: async () => [],
    async purgeOverwritten() {
      const { client } = await connectForMaintenance(config).catch((error: unknown) => {
        throw toStoreUnavailable(error)
      })
      try {
        await client.query('VACUUM transfers, idempotency_keys, deliveries, audit, unsealed_audit')
      } catch (error) {
        throw toStoreUnavailable(error)
      } finally {
        await client.end().catch(() => {})
      }
    },
    // The process may run on another machine, so only its lease tells whether it is alive.
    isNodeDead: () => false,
    notifyOtherNodes: () => notifications.notify('deliveries'),
    onNotified: (listener) => void listeners.deliveries.push(listener),
    onAppended: (listener) => void listeners.changes.push(listener),
    async close() {
      audit.close()
      const closed = Promise.allSettled([notifications.close(), pool.ending || pool.end()])
      await Promise.race([closed, setTimeout(closeTimeoutMs, undefined, { ref: false })])
    },
  }
}
