/** Brings the tables up to date, one node at a time. */
import type pg from 'pg'
import { migrations, newer, postgresWords } from '../migrations.ts'
import { patientClient, unavailable } from './connections.ts'

/** Of the advisory lock under which nodes migrate: "handoff" in ASCII. */
const migrating = '29379793830994534'
const steps = migrations(postgresWords)

/** @throws StoreUnavailable when the database cannot be reached, or was written by a newer version */
export async function migrate(config: pg.ClientConfig): Promise<void> {
  const client = patientClient(config)
  try {
    await client.connect()
    await client.query('BEGIN')
    await client.query(`SELECT pg_advisory_xact_lock(${migrating})`)
    await client.query('CREATE TABLE IF NOT EXISTS ledger_version (version integer NOT NULL)')
    const { rows } = await client.query<{ version: number }>('SELECT version FROM ledger_version')
    const version = rows[0]?.version ?? 0
    if (version > steps.length) throw newer(version, steps.length)
    for (const step of steps.slice(version)) await client.query(step)
    if (version < steps.length)
      await client.query(
        rows.length === 0 ? `INSERT INTO ledger_version VALUES (${steps.length})` : `UPDATE ledger_version SET version = ${steps.length}`,
      )
    await client.query('COMMIT')
  } catch (error) {
    throw unavailable(error)
  } finally {
    await client.end().catch(() => {})
  }
}
