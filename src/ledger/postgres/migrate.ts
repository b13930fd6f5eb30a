/** Migrates the tables of a PostgreSQL database. Only one node does so at a time. */
import type pg from 'pg'
import { createMigrations, createNewerVersionError, postgresColumnTypes } from '../engine/migrations.ts'
import { settlePlace } from './database-place.ts'
import { connectForMaintenance, migrationTimeoutMs, toStoreUnavailable } from './connections.ts'
import { checkReplicated } from './replication.ts'

/** The advisory lock that a migrating node holds: "handoff" in ASCII. */
const migrationLock = '29379793830994534'
const migrations = createMigrations(postgresColumnTypes)

/**
 * Migrates the database. The lock and all settings belong to one transaction, because behind a pooler nothing lasts longer than that.
 * @returns whether a pooler stands before the database, and the place of the ledger
 * @throws StoreUnavailable when the database cannot be reached, or was written by a newer version
 */
export async function migrate(config: pg.ClientConfig): Promise<{ isPooled: boolean; place: string }> {
  const { client, isPooled } = await connectForMaintenance(config).catch((error: unknown) => {
    throw toStoreUnavailable(error)
  })
  try {
    await client.query('BEGIN')
    await client.query(`SET LOCAL statement_timeout = ${migrationTimeoutMs}`)
    await client.query(`SELECT pg_advisory_xact_lock(${migrationLock})`)
    await client.query('CREATE TABLE IF NOT EXISTS ledger_version (version integer NOT NULL)')
    const { rows } = await client.query<{ version: number }>('SELECT version FROM ledger_version')
    const version = rows[0]?.version ?? 0
    if (version > migrations.length) throw createNewerVersionError(version, migrations.length)
    for (const migration of migrations.slice(version)) await client.query(migration)
    if (version < migrations.length)
      await client.query(
        rows.length === 0
          ? `INSERT INTO ledger_version VALUES (${migrations.length})`
          : `UPDATE ledger_version SET version = ${migrations.length}`,
      )
    const place = await settlePlace(client)
    await client.query('COMMIT')
    checkReplicated(client)
    return { isPooled, place }
  } catch (error) {
    throw toStoreUnavailable(error)
  } finally {
    await client.end().catch(() => {})
  }
}
