/** API keys: their hashes, what they may do, and when they were taken back. */
import type { ApiKey } from '../ledger.ts'
import { all, run, type Dialect, type Row, type QueryGenerator } from '../steps.ts'

const keyOf = (row: Row): ApiKey => ({
  id: String(row['id']),
  hash: String(row['hash']),
  scopes: JSON.parse(String(row['scopes'])) as string[],
  queues: row['queues'] ? (JSON.parse(String(row['queues'])) as string[]) : null,
  label: String(row['label']),
  createdAt: new Date(Number(row['created_at'])).toISOString(),
  revokedAt: row['revoked_at'] ? new Date(Number(row['revoked_at'])).toISOString() : null,
})

export function apiKeysTable({ now }: Dialect) {
  return {
    *add(key: ApiKey): QueryGenerator<void> {
      yield* run(
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
    *all(): QueryGenerator<ApiKey[]> {
      return (yield* all('SELECT * FROM api_keys ORDER BY created_at, id')).map(keyOf)
    },
    *revoke(id: string): QueryGenerator<boolean> {
      return (yield* run(`UPDATE api_keys SET revoked_at = ${now} WHERE id = :id AND revoked_at IS NULL`, { id })) === 1
    },
  }
}
