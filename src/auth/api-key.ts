/** API keys: how they look, what they may do, how a presented one is judged (design §10). */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { ApiKey } from '../ledger/ledger.ts'

export const scopes = ['transfers:write', 'transfers:read', 'transfers:settle', 'audit:read', 'webhooks:write'] as const
export type Scope = (typeof scopes)[number]
const isScope = (word: string): word is Scope => (scopes as readonly string[]).includes(word)

/** `hk_<id>_<secret>`: the id is looked up, the secret is 256 random bits. Commas and colons part seeds, quotes and backslashes part log fields. */
const form = /^hk_([A-Za-z0-9-]{1,32})_[\x21\x23-\x2b\x2d-\x39\x3b-\x5b\x5d-\x7e]{16,}$/
const hashOf = (key: string): string => createHash('sha256').update(key).digest('hex')

/** The id inside a key, or undefined for what is no key. */
export const idOf = (key: string): string | undefined => form.exec(key)?.[1]

/** @throws Error that says which word is no scope, and does not repeat it: it may be a misplaced key */
export function parseScopes(words: string[]): Scope[] {
  if (words.length === 0) throw new Error(`a key needs a scope; there are ${scopes.join(', ')}`)
  const wrong = words.findIndex((word) => !isScope(word))
  if (wrong >= 0) throw new Error(`scope ${wrong + 1} is none; there are ${scopes.join(', ')}`)
  return [...new Set(words.filter(isScope))]
}

/** A new key: its text, to be shown once, and what is kept of it. */
export function makeKey(granted: Scope[], label: string, queues: string[] | null, now: number): { text: string; kept: ApiKey } {
  const text = `hk_${randomBytes(6).toString('hex')}_${randomBytes(32).toString('base64url')}`
  return { text, kept: keep(text, granted, label, queues, now) }
}

const keep = (text: string, granted: Scope[], label: string, queues: string[] | null, now: number): ApiKey => ({
  id: String(idOf(text)),
  hash: hashOf(text),
  scopes: granted,
  queues,
  label,
  createdAt: new Date(now).toISOString(),
  revokedAt: null,
})

/**
 * Reads the API_KEYS setting: `<key>:<scope>+<scope>`, comma-separated.
 * @throws Error that says which entry does not fit, without repeating the key
 */
export function parseSeeds(text: string, now: number): ApiKey[] {
  const seeds = text
    .split(',')
    .map((entry) => entry.trim())
    .filter(Boolean)
    .map((entry, index) => {
      const [key = '', ...rest] = entry.split(':')
      const granted = rest.join(':')
      if (!form.test(key))
        throw new Error(
          `entry ${index + 1} must be <key>:<scope>+<scope> with a key hk_<id>_<secret> whose secret has at least 16 visible characters, none of them , : " or \\`,
        )
      try {
        return keep(key, parseScopes(granted.split('+')), 'API_KEYS', null, now)
      } catch (error) {
        throw new Error(`entry ${index + 1}: ${(error as Error).message}`, { cause: error })
      }
    })
  const twice = seeds.findIndex(({ id }, index) => seeds.findIndex((other) => other.id === id) < index)
  if (twice >= 0) throw new Error(`entry ${twice + 1}: its id (the middle part of hk_<id>_<secret>) is taken by an entry before it`)
  return seeds
}

/** Whether a presented key is this one, in constant time. */
export const matches = (presented: string, key: ApiKey): boolean =>
  key.revokedAt === null && timingSafeEqual(Buffer.from(hashOf(presented)), Buffer.from(key.hash))
