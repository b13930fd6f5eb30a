/** The SQL in which PostgreSQL differs from SQLite. */
import { createHash } from 'node:crypto'
import type { Dialect } from '../engine/engine.ts'
import { executeDeferred, queryRow } from '../engine/query.ts'

/** The number of the advisory lock with this name. */
const lockNumber = (name: string): bigint => createHash('sha256').update(name).digest().readBigInt64BE()

const now = '(extract(epoch FROM statement_timestamp()) * 1000)::bigint'
export const dialect: Dialect = {
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
    for (const lock of locks) yield* executeDeferred('SELECT pg_advisory_xact_lock(:lock)', { lock: String(lock) })
  },
  *tryLock(name) {
    const row = yield* queryRow('SELECT pg_try_advisory_xact_lock(:lock) AS locked', { lock: String(lockNumber(name)) })
    return (row?.['locked'] as unknown) === true
  },
}
