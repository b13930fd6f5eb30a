/** Reads the key or token from a request's headers, in each form that Architect's data actions can send (docs/genesys-cloud.md rule 90). */
import { parseKeyId } from './api-key.ts'

/** The user name and password of an Authorization header with the Basic scheme; undefined for anything else (RFC 7617 §2). */
export function parseBasic(authorization: string | undefined): { user: string; password: string } | undefined {
  const [, encoded] = /^basic +([A-Za-z0-9+/]+={0,2})$/i.exec(authorization ?? '') ?? []
  if (encoded === undefined) return undefined
  const text = Buffer.from(encoded, 'base64').toString()
  const colon = text.indexOf(':')
  return colon < 0 ? undefined : { user: text.slice(0, colon), password: text.slice(colon + 1) }
}

/** Whether the text has the form of a JWT in compact serialization, and so is a token rather than a key. */
export const isJwt = (text: string): boolean => /^eyJ[\w-]+\.[\w-]+\.[\w-]*$/.test(text)

export interface Credentials {
  /** The key or token as it was sent. */
  text: string
  /** Only a bearer credential can be a token. */
  canBeToken: boolean
}

/**
 * The key or token of a request; undefined when it has none. Bearer takes precedence (RFC 6750 §2.1); the scheme may be in upper or lower
 * case. With Basic, the password is the whole key, and the user name does not matter. A Basic password that does not have the format of a key
 * may be meant for a proxy, so X-API-Key takes precedence over it.
 */
export function readCredentials(headers: Readonly<Record<string, string | string[] | undefined>>): Credentials | undefined {
  const authorization = typeof headers['authorization'] === 'string' ? headers['authorization'] : undefined
  const [, bearer] = /^bearer +(\S+)$/i.exec(authorization ?? '') ?? []
  if (bearer !== undefined) return { text: bearer, canBeToken: true }
  const password = parseBasic(authorization)?.password ?? ''
  const apiKeyHeader = typeof headers['x-api-key'] === 'string' ? headers['x-api-key'] : ''
  const text = parseKeyId(password) === undefined ? apiKeyHeader || password : password
  return text === '' ? undefined : { text, canBeToken: false }
}
