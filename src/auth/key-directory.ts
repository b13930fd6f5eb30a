/** Finds the API key that a request was sent with, as a key or as a token. Stored keys are read again every few seconds, so that a revoked key soon stops working. */
import type { ApiKey } from '../ledger/contract/api-keys.ts'
import { findKeyByToken } from './access-token.ts'
import { matchesActiveKey, parseKeyId } from './api-key.ts'
import { isJwt, type Credentials } from './credentials.ts'

/** The stored keys are read again after this time, ms; so a revoked key is refused after this time at the latest. */
const refreshIntervalMs = 3_000

export interface KeyDirectoryOptions {
  /** Keys of the API_KEYS setting. A stored key with the same id is used instead. */
  seedKeys: readonly ApiKey[]
  /** Reads all stored keys, revoked ones included. */
  listApiKeys: () => Promise<ApiKey[]>
  /** The secret that the signing keys of tokens are derived from. */
  tokenSecret: string
  /** Secrets that signed tokens before; they are still accepted. */
  previousTokenSecrets?: readonly string[] | undefined
  /** Epoch ms. */
  clock: () => number
}

export interface KeyDirectory {
  /** Whether there is a key that is not revoked. @throws StoreUnavailable */
  hasValidKey(): Promise<boolean>
  /** The key with this text; undefined when it is unknown or revoked. @throws StoreUnavailable */
  findKey(text: string): Promise<ApiKey | undefined>
  /** The key with this id, also when it is revoked; undefined when there is none. @throws StoreUnavailable */
  findKeyById(id: string): Promise<ApiKey | undefined>
  /** The key of a request; undefined when its key or token is unknown, revoked, expired or malformed. @throws StoreUnavailable */
  findKeyByCredentials(credentials: Credentials): Promise<ApiKey | undefined>
}

export function createKeyDirectory({
  seedKeys,
  listApiKeys,
  tokenSecret,
  previousTokenSecrets = [],
  clock,
}: KeyDirectoryOptions): KeyDirectory {
  let keysById = new Map<string, ApiKey>()
  let refreshedAt = -Infinity

  async function readKeys(): Promise<ReadonlyMap<string, ApiKey>> {
    if (clock() - refreshedAt > refreshIntervalMs) {
      keysById = new Map([...seedKeys, ...(await listApiKeys())].map((key) => [key.id, key]))
      refreshedAt = clock()
    }
    return keysById
  }
  async function findKey(text: string): Promise<ApiKey | undefined> {
    const key = (await readKeys()).get(parseKeyId(text) ?? '')
    return key && matchesActiveKey(text, key) ? key : undefined
  }

  return {
    hasValidKey: async () => [...(await readKeys()).values()].some(({ revokedAt }) => revokedAt === null),
    findKey,
    findKeyById: async (id) => (await readKeys()).get(id),
    findKeyByCredentials: async ({ text, canBeToken }) =>
      canBeToken && isJwt(text)
        ? findKeyByToken(text, { keys: await readKeys(), secrets: [tokenSecret, ...previousTokenSecrets], now: clock() })
        : findKey(text),
  }
}
