/** API keys as the ledger stores them: hashes, never the keys themselves (docs/architecture.md#callers). */

export interface ApiKey {
  id: string
  /** SHA-256 of the whole key, hex. */
  hash: string
  scopes: string[]
  /** Ids of the queues that the key may transfer to; null: all. */
  queues: string[] | null
  label: string
  /** ISO 8601. */
  createdAt: string
  /** ISO 8601; null while the key is valid. */
  revokedAt: string | null
}

/** A key that is limited to queues, as a filter for what it may see (auth/restriction.ts). */
export interface LimitedKey {
  id: string
  queues: readonly string[]
}

export interface ApiKeyStore {
  /** @throws StoreUnavailable, also when the id is taken */
  addApiKey(key: ApiKey): Promise<void>
  /** All keys, revoked ones included, the oldest first. @throws StoreUnavailable */
  listApiKeys(): Promise<ApiKey[]>
  /** @returns false when there is no valid key with this id. @throws StoreUnavailable */
  revokeApiKey(id: string): Promise<boolean>
}
