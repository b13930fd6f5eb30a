/** The table of idempotency keys: reserved with the transfer that they open, completed with its response, and deleted when they are old. */
import { hashIdempotencyKey } from '../audit/chain.ts'
import type { IdempotencyKeyUse, StoredResponse } from '../contract/idempotency.ts'
import type { Dialect } from '../engine/engine.ts'
import {
  execute,
  executeDeferred,
  queryRow,
  queryRows,
  type Query,
  type QueryGenerator,
  type QueryResult,
  type Row,
} from '../engine/query.ts'

/** A key that is in the table. */
export interface UsedKey {
  fingerprint: string
  transferId: string
  /** Undefined while the transfer has no response that a repeat may get. */
  response: StoredResponse | undefined
}

const parseResponse = (row: Row): StoredResponse | undefined =>
  row['status'] === null ? undefined : { status: Number(row['status']), body: String(row['body']) }

/**
 * @param auditKey key of the hashes that stand for erased keys
 * @param previousAuditKeys the keys of earlier such hashes
 */
export function createIdempotencyTable(
  { now, skipLocked, jsonElements }: Dialect,
  auditKey: string,
  previousAuditKeys: readonly string[] = [],
) {
  const hashKeys = [auditKey, ...previousAuditKeys]
  const erasedNames = hashKeys.map((_, index) => `:erased${index}`).join(', ')
  return {
    /** The query that finds a key, whether it was erased or not; `parseUse` reads its result. */
    findQuery: ({ caller, key }: IdempotencyKeyUse): Query => ({
      sql: `SELECT * FROM idempotency_keys WHERE caller = :caller AND key IN (:key, ${erasedNames})`,
      values: { caller, key, ...Object.fromEntries(hashKeys.map((each, index) => [`erased${index}`, hashIdempotencyKey(each, key)])) },
    }),
    /** @param result the result of `findQuery`. @returns undefined when the key is free */
    parseUse({ rows: [row] }: QueryResult): UsedKey | undefined {
      return row && { fingerprint: String(row['fingerprint']), transferId: String(row['transfer_id']), response: parseResponse(row) }
    },
    /** @returns undefined when the transfer has no key, or its key no response yet */
    *findResponse(transferId: string): QueryGenerator<StoredResponse | undefined> {
      const row = yield* queryRow('SELECT status, body FROM idempotency_keys WHERE transfer_id = :transferId', { transferId })
      return row && parseResponse(row)
    },
    /** Reserves a key that is not in the table, or whose transfer was deleted. */
    *reserve({ caller, key, fingerprint }: IdempotencyKeyUse, transferId: string): QueryGenerator<void> {
      yield* executeDeferred(
        `INSERT INTO idempotency_keys (caller, key, fingerprint, transfer_id, created_at) VALUES (:caller, :key, :fingerprint, :transferId, ${now})
         ON CONFLICT (caller, key) DO UPDATE SET fingerprint = excluded.fingerprint, transfer_id = excluded.transfer_id, status = NULL, body = NULL, created_at = excluded.created_at`,
        { caller, key, fingerprint, transferId },
      )
    },
    /** Stores the response of the transfer's key; `release` frees the key. */
    *storeResponse(transferId: string, response: StoredResponse | 'release'): QueryGenerator<void> {
      if (response === 'release') yield* executeDeferred('DELETE FROM idempotency_keys WHERE transfer_id = :transferId', { transferId })
      else
        yield* executeDeferred('UPDATE idempotency_keys SET status = :status, body = :body WHERE transfer_id = :transferId', {
          transferId,
          status: response.status,
          body: response.body,
        })
    },
    /**
     * Erases the transfers' keys, fingerprints and responses. A key may contain personal data, because callers choose it. A hash takes its
     * place, so that the key stays used and a repeat opens no second transfer.
     */
    *erase(transferIds: string[]): QueryGenerator<void> {
      const rows = yield* queryRows(
        `SELECT caller, key FROM idempotency_keys WHERE transfer_id IN (${jsonElements('ids')}) AND NOT (fingerprint = 'erased' AND key LIKE 'erased:%')`,
        { ids: JSON.stringify(transferIds) },
      )
      for (const row of rows) {
        const [caller, key] = [String(row['caller']), String(row['key'])]
        yield* execute(
          "UPDATE idempotency_keys SET key = :erased, fingerprint = 'erased', status = NULL, body = NULL WHERE caller = :caller AND key = :key",
          { caller, key, erased: hashIdempotencyKey(auditKey, key) },
        )
      }
    },
    /**
     * Deletes at most `limit` keys that were reserved before `reservedBefore` (epoch ms) and whose transfer is over or deleted.
     * @returns how many
     */
    *deleteOld(reservedBefore: number, limit: number): QueryGenerator<number> {
      return yield* execute(
        `WITH old AS MATERIALIZED (
           SELECT caller, key FROM idempotency_keys k WHERE created_at < :before AND NOT EXISTS (SELECT 1 FROM transfers WHERE id = k.transfer_id AND open = 1) ORDER BY created_at LIMIT :limit ${skipLocked})
         DELETE FROM idempotency_keys WHERE (caller, key) IN (SELECT caller, key FROM old)`,
        { before: reservedBefore, limit },
      )
    },
  }
}
export type IdempotencyTable = ReturnType<typeof createIdempotencyTable>
