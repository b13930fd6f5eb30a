/** What a request shows of itself: the key or token in its headers, in each form that Architect's data actions can send (reliability §8). */
import { idOf } from './api-key.ts'

/** User name and password of an Authorization header with the Basic scheme; undefined where it is none (RFC 7617 §2). */
export function basicOf(authorization: string | undefined): { user: string; password: string } | undefined {
  const [, encoded] = /^basic +([A-Za-z0-9+/]+={0,2})$/i.exec(authorization ?? '') ?? []
  if (encoded === undefined) return undefined
  const text = Buffer.from(encoded, 'base64').toString()
  const colon = text.indexOf(':')
  return colon < 0 ? undefined : { user: text.slice(0, colon), password: text.slice(colon + 1) }
}

/** Whether what stands where a key may stand is rather one of our tokens: a JWT in its compact form. */
export const isToken = (text: string): boolean => /^eyJ[\w-]+\.[\w-]+\.[\w-]*$/.test(text)

/**
 * The key or token that a request came with, as it was sent, and whether it may be a token: only a bearer may. Where both headers carry
 * one, Authorization counts (RFC 6750 §2.1: its scheme in any case). With Basic the password is the whole key, whatever the user name;
 * a password that is no key is meant for somebody else on the way, so that X-API-Key counts beside it.
 */
export function readCredentials(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): { text: string; mayBeToken: boolean } | undefined {
  const { authorization, 'x-api-key': header } = headers
  const scheme = typeof authorization === 'string' ? authorization : undefined
  const [, bearer] = /^bearer +(\S+)$/i.exec(scheme ?? '') ?? []
  if (bearer !== undefined) return { text: bearer, mayBeToken: true }
  const password = basicOf(scheme)?.password ?? ''
  const beside = typeof header === 'string' ? header : ''
  const text = idOf(password) === undefined ? beside || password : password
  return text === '' ? undefined : { text, mayBeToken: false }
}
