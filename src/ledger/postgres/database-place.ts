/** Where a ledger in PostgreSQL lies: by its server and its tables, which a restore makes anew. It is stored beside the version. */
import type pg from 'pg'
import type { Place } from '../engine/engine.ts'
import { execute, queryRow } from '../engine/query.ts'

/** The number of the table is given to it when it is created; a standby that is promoted keeps it, and also the number of the server. */
async function findPlace(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ place: string; allowed: boolean }>(
    "SELECT 'ledger_version'::regclass::oid::text AS place, has_function_privilege('pg_control_system()', 'execute') AS allowed",
  )
  const table = String(rows[0]?.place)
  if (rows[0]?.allowed !== true) return table
  const system = await client.query<{ id: string }>('SELECT system_identifier::text AS id FROM pg_control_system()')
  return `${system.rows[0]?.id}/${table}`
}

/**
 * Stores the place in a ledger that has none: a new one, or one of a version that stored no place. Belongs to the transaction of the migration.
 * @returns the place where the ledger lies
 */
export async function settlePlace(client: pg.Client): Promise<string> {
  const { fields } = await client.query('SELECT * FROM ledger_version')
  // Nodes of versions that do not know the column ignore it.
  if (!fields.some(({ name }) => name === 'place')) await client.query('ALTER TABLE ledger_version ADD COLUMN place text')
  const place = await findPlace(client)
  await client.query('UPDATE ledger_version SET place = $1 WHERE place IS NULL', [place])
  return place
}

/** @param current the place where the ledger lies */
export const createDatabasePlace = (current: string): Place => ({
  current,
  *find() {
    return String((yield* queryRow('SELECT place FROM ledger_version'))?.['place'])
  },
  *store(place) {
    yield* execute('UPDATE ledger_version SET place = :place', { place })
  },
})
