/** The table of API keys: their hashes, scopes and queues, and when they were revoked. */
import type { ApiKey } from '../contract/api-keys.ts'
import type { Dialect } from '../engine/engine.ts'
import { execute, queryRows, type QueryGenerator, type Row } from '../engine/query.ts'

const parseApiKey = (row: Row): ApiKey => ({
  id: String(row['id']),
  hash: String(row['hash']),
  scopes: JSON.parse(String(row['scopes'])) as string[],
  queues: row['queues'] ? (JSON.parse(String(row['queues'])) as string[]) : null,
  label: String(row['label']),
  createdAt: new Date(Number(row['created_at'])).toISOString(),
  revokedAt: row['revoked_at'] ? new Date(Number(row['revoked_at'])).toISOString() : null,
})

export function createApiKeysTable({ now }: Dialect) {
  return {
    *add(key: ApiKey): QueryGenerator<void> {
      yield* execute(
        'INSERT INTO api_keys (id, hash, scopes, queues, label, created_at) VALUES (:id, :hash, :scopes, :queues, :label, :created)',
        {
          id: key.id,
          hash: key.hash,
          scopes: JSON.stringify(key.scopes),
          queues: key.queues && JSON.stringify(key.queues),
          label: key.label,
          created: Date.parse(key.createdAt),
        },
      )
    },
    /** All keys, the oldest first. */
    *list(): QueryGenerator<ApiKey[]> {
      return (yield* queryRows('SELECT * FROM api_keys ORDER BY created_at, id')).map(parseApiKey)
    },
    /** @returns false when there is no valid key with this id */
    *revoke(id: string): QueryGenerator<boolean> {
      return (yield* execute(`UPDATE api_keys SET revoked_at = ${now} WHERE id = :id AND revoked_at IS NULL`, { id })) === 1
    },
  }
}
