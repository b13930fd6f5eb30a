/** Finds the API key that a text or a token stands for. The keys of the ledger are read again every few seconds, so a revoked key ends soon. */
import type { ApiKey } from '../ledger/contract/api-keys.ts'
import { findKeyByToken } from './access-token.ts'
import { matchesKey, parseKeyId } from './api-key.ts'
import { isJwt, type Credentials } from './credentials.ts'

/** A revoked key is refused after this time at the latest, ms. */
const refreshIntervalMs = 3_000

export interface KeyDirectoryOptions {
  /** Keys of the API_KEYS setting. A stored key with the same id takes their place. */
  seedKeys: readonly ApiKey[]
  /** Reads all stored keys, revoked ones included. */
  listApiKeys: () => Promise<ApiKey[]>
  /** The secret that the signing keys of tokens are derived from. */
  tokenSecret: string
  /** Epoch ms. */
  clock: () => number
}

export interface KeyDirectory {
  /** Whether there is a key that is not revoked. @throws StoreUnavailable */
  hasValidKey(): Promise<boolean>
  /** The key with this text; undefined when it is unknown or revoked. @throws StoreUnavailable */
  findKey(text: string): Promise<ApiKey | undefined>
  /** The same for a key or a token. @throws StoreUnavailable */
  findKeyByCredentials(credentials: Credentials): Promise<ApiKey | undefined>
}

export function createKeyDirectory({ seedKeys, listApiKeys, tokenSecret, clock }: KeyDirectoryOptions): KeyDirectory {
  let keysById = new Map<string, ApiKey>()
  let refreshedAt = -Infinity

  async function currentKeys(): Promise<ReadonlyMap<string, ApiKey>> {
    if (clock() - refreshedAt > refreshIntervalMs) {
      keysById = new Map([...seedKeys, ...(await listApiKeys())].map((key) => [key.id, key]))
      refreshedAt = clock()
    }
    return keysById
  }
  async function findKey(text: string): Promise<ApiKey | undefined> {
    const key = (await currentKeys()).get(parseKeyId(text) ?? '')
    return key && matchesKey(text, key) ? key : undefined
  }

  return {
    hasValidKey: async () => [...(await currentKeys()).values()].some(({ revokedAt }) => revokedAt === null),
    findKey,
    findKeyByCredentials: async ({ text, canBeToken }) =>
      canBeToken && isJwt(text) ? findKeyByToken(text, { keys: await currentKeys(), secret: tokenSecret, now: clock() }) : findKey(text),
  }
}
