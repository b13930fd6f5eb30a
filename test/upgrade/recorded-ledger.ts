/**
 * Ledgers that earlier versions have written, one of each schema version that was on the main branch. Each was made with the code of its time:
 * five transfers in different states, idempotency keys, deliveries, an audit trail with a checkpoint. `schema` is a hash of the tables as that
 * code created them on SQLite. Version 0.1.0 has schema 2; 3 and 4 came after it; no commit had 1 with sealed heads, or 5.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import pg from 'pg'
import { createMigrations, postgresColumnTypes, sqliteColumnTypes } from '../../src/ledger/engine/migrations.ts'

export const recordedVersions = [2, 3, 4, 6] as const

export interface RecordedLedger {
  version: number
  schema: string
  tables: Record<string, Array<Record<string, SQLInputValue>>>
}
const folder = new URL('./recorded/', import.meta.url)
export const readRecordedLedger = (version: number): RecordedLedger =>
  JSON.parse(readFileSync(new URL(`schema-${version}.json`, folder), 'utf8')) as RecordedLedger

/** Statements that a node of schema 4 sent to PostgreSQL, in order: `before` until its first transfer waited, `after` from then on. */
export interface RecordedStatements {
  node: string
  transfers: [first: string, second: string]
  before: RecordedStatement[]
  after: RecordedStatement[]
}
export interface RecordedStatement {
  text: string
  values: Array<string | null>
  /** Number of rows that it returned or wrote. */
  count: number
}
export const readRecordedStatements = (): RecordedStatements =>
  JSON.parse(readFileSync(new URL('statements-of-schema-4.json', folder), 'utf8')) as RecordedStatements

/** Writes a recorded ledger to a new file. @returns the hash of its tables */
export function writeSqliteLedger(path: string, { version, tables }: RecordedLedger): string {
  const database = new DatabaseSync(path)
  for (const migration of createMigrations(sqliteColumnTypes).slice(0, version)) database.exec(migration)
  database.exec(`PRAGMA user_version = ${version}`)
  for (const [table, rows] of Object.entries(tables))
    for (const row of rows) {
      const columns = Object.keys(row)
      database
        .prepare(`INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`)
        .run(...Object.values(row))
    }
  const schema = database
    .prepare("SELECT name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' AND sql IS NOT NULL ORDER BY name")
    .all() as Array<{ name: string; sql: string }>
  database.close()
  const text = schema.map(({ name, sql }) => `${name}: ${sql.replaceAll(/\s+/g, ' ')}`).join('\n')
  return createHash('sha256').update(text).digest('hex')
}

/** Writes a recorded ledger to an empty PostgreSQL database; with `withRows` false, only its tables. */
export async function writePostgresLedger(url: string, { version, tables }: RecordedLedger, withRows = true): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    for (const migration of createMigrations(postgresColumnTypes).slice(0, version)) await client.query(migration)
    await client.query('CREATE TABLE ledger_version (version integer NOT NULL)')
    await client.query('INSERT INTO ledger_version VALUES ($1)', [version])
    for (const [table, rows] of withRows ? Object.entries(tables) : [])
      for (const row of rows) {
        const columns = Object.keys(row)
        await client.query(
          `INSERT INTO ${table} (${columns.join(', ')}) OVERRIDING SYSTEM VALUE VALUES (${columns.map((_, index) => `$${index + 1}`).join(', ')})`,
          Object.values(row),
        )
      }
    for (const table of withRows ? ['audit', 'deliveries'] : [])
      await client.query(`SELECT setval(pg_get_serial_sequence('${table}', 'seq'), (SELECT max(seq) FROM ${table}))`)
  } finally {
    await client.end()
  }
}
