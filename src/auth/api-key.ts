/** The format of API keys, their scopes, and how the key of a request is compared with a stored key (docs/architecture.md#callers). */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { ApiKey } from '../ledger/contract/api-keys.ts'

export const scopes = [
  'transfers:write',
  'transfers:read',
  'transfers:settle',
  'transfers:override',
  'audit:read',
  'webhooks:write',
] as const
export type Scope = (typeof scopes)[number]
const isScope = (word: string): word is Scope => (scopes as readonly string[]).includes(word)

/**
 * `hk_<id>_<secret>`. The key is looked up by its id. A secret contains no comma and no colon, which separate the entries and the scopes in
 * API_KEYS, and no quote and no backslash, which a log line could not contain unchanged.
 */
const keyPattern = /^hk_([A-Za-z0-9-]{1,32})_[\x21\x23-\x2b\x2d-\x39\x3b-\x5b\x5d-\x7e]{16,}$/
const hashKey = (text: string): string => createHash('sha256').update(text).digest('hex')

/** The id in the text of a key; undefined when the text does not have the format of a key. */
export const parseKeyId = (text: string): string | undefined => keyPattern.exec(text)?.[1]

/**
 * Checks that the words are scopes, and removes duplicates.
 * @throws Error that gives the position of a wrong word but does not repeat it, because it may be a misplaced key
 */
export function parseScopes(words: string[]): Scope[] {
  if (words.length === 0) throw new Error(`a key needs a scope; the scopes are ${scopes.join(', ')}`)
  const wrongIndex = words.findIndex((word) => !isScope(word))
  if (wrongIndex >= 0) throw new Error(`scope ${wrongIndex + 1} does not exist; the scopes are ${scopes.join(', ')}`)
  return [...new Set(words.filter(isScope))]
}

export interface NewApiKey {
  /** The whole key. It is shown once and never stored. */
  text: string
  /** What the ledger stores: the hash, and what the key may do. */
  stored: ApiKey
}

/** What a key may do, and how it is listed. */
export interface ApiKeyOptions {
  scopes: Scope[]
  label: string
  /** Ids of the queues that the key may transfer to; null: all. */
  queues: string[] | null
  /** The time of its creation, epoch ms. */
  now: number
}

/** Creates a key with a random id and secret. */
export function createApiKey(options: ApiKeyOptions): NewApiKey {
  const text = `hk_${randomBytes(6).toString('hex')}_${randomBytes(32).toString('base64url')}`
  return { text, stored: toStoredKey(text, options) }
}

/** @param text the whole key */
function toStoredKey(text: string, { scopes: grantedScopes, label, queues, now }: ApiKeyOptions): ApiKey {
  return {
    id: String(parseKeyId(text)),
    hash: hashKey(text),
    scopes: grantedScopes,
    queues,
    label,
    createdAt: new Date(now).toISOString(),
    revokedAt: null,
  }
}

function parseSeedKey(entry: string, position: number, now: number): ApiKey {
  const [text = '', ...rest] = entry.split(':')
  if (!keyPattern.test(text))
    throw new Error(
      `entry ${position} must be <key>:<scope>+<scope> with a key hk_<id>_<secret> whose secret has at least 16 visible characters, none of them , : " or \\`,
    )
  try {
    return toStoredKey(text, { scopes: parseScopes(rest.join(':').split('+')), label: 'API_KEYS', queues: null, now })
  } catch (error) {
    throw new Error(`entry ${position}: ${(error as Error).message}`, { cause: error })
  }
}

/**
 * Parses the API_KEYS setting: `<key>:<scope>+<scope>`, comma-separated.
 * @param now epoch ms
 * @throws Error that names the wrong entry by its position, without repeating the key
 */
export function parseSeedKeys(setting: string, now: number): ApiKey[] {
  const keys = setting
    .split(',')
    .map((entry) => entry.trim())
    .filter(Boolean)
    .map((entry, index) => parseSeedKey(entry, index + 1, now))
  const duplicateIndex = keys.findIndex(({ id }, index) => keys.findIndex((other) => other.id === id) < index)
  if (duplicateIndex >= 0)
    throw new Error(`entry ${duplicateIndex + 1}: its id (the middle part of hk_<id>_<secret>) is taken by an earlier entry`)
  return keys
}

/** Whether the text is this key and the key is not revoked. The hashes are compared in constant time. */
export const matchesActiveKey = (text: string, key: ApiKey): boolean =>
  key.revokedAt === null && timingSafeEqual(Buffer.from(hashKey(text)), Buffer.from(key.hash))
