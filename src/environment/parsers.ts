/** How the text of a setting becomes a value. A parser throws an Error that says what the text must be and never repeats the text. */
import { isUuid } from '../model/formats/patterns.ts'
import { createNumberPattern, type NumberPattern } from './number-pattern.ts'

export type Parser<T> = (text: string) => T

export const parseText: Parser<string> = (text) => text

export const parseOptionalText: Parser<string | undefined> = (text) => text || undefined

/** A parser for whole numbers from `min` to `max`, both included. */
export function integerBetween(min: number, max: number): Parser<number> {
  return (text) => {
    const number = Number(text)
    if (!/^\d+$/.test(text) || number < min || number > max) throw new Error(`must be a whole number from ${min} to ${max}`)
    return number
  }
}

/** A parser for text of at least `minLength` characters. */
export function textOfAtLeast(minLength: number): Parser<string> {
  return (text) => {
    if (text.length < minLength) throw new Error(`must have at least ${minLength} characters`)
    return text
  }
}

/**
 * A parser for a comma-separated list of secrets of at least `minLength` characters each. A comma in a secret is written as %2C.
 */
export function secretsOfAtLeast(minLength: number): Parser<readonly string[]> {
  return (text) => {
    const secrets = text
      .split(',')
      .map((entry) => entry.trim().replaceAll(/%2C/gi, ','))
      .filter(Boolean)
    const tooShort = secrets.findIndex((secret) => secret.length < minLength)
    if (tooShort >= 0) throw new Error(`entry ${tooShort + 1} must have at least ${minLength} characters`)
    if (new Set(secrets).size < secrets.length) throw new Error('has an entry twice')
    return secrets
  }
}

/** A parser for the UUID of a Genesys Cloud object, in lower case. @param owner what the id identifies, for the message: "a queue" */
export function idOf(owner: string): Parser<string | undefined> {
  return (text) => {
    if (text !== '' && !isUuid(text)) throw new Error(`must be the id of ${owner} (a UUID)`)
    return text.toLowerCase() || undefined
  }
}

/** A parser for one of the given words. */
export function oneOf<T extends string>(...words: T[]): Parser<T> {
  return (text) => {
    const word = words.find((candidate) => candidate === text)
    if (!word) throw new Error(`must be one of ${words.join(', ')}`)
    return word
  }
}

function parseHttpUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') throw new Error('must be an http or https address')
  if (url.username || url.password) throw new Error('must not contain a user name or password')
  return text
}

/** An http or https address to which paths are added, without slashes at its end. */
export const parseBaseUrl: Parser<string | undefined> = (text) => {
  if (text === '') return undefined
  const address = parseHttpUrl(text)
  if (/[#?]/.test(address)) throw new Error('must not contain a # or ?')
  return address.replace(/\/+$/, '')
}

const reservedInPassword = 'in user name and password, write # as %23, / as %2F, ? as %3F, @ as %40 and % as %25'

/** `http://host:port` or `https://host:port`, with or without `user:password@`; without a scheme it is http, as for curl. */
export const parseProxyUrl: Parser<URL | undefined> = (text) => {
  if (text === '') return undefined
  const url = URL.parse(/^[a-z\d+.-]+:\/\//i.test(text) ? text : `http://${text}`)
  if ((url?.protocol !== 'http:' && url?.protocol !== 'https:') || !isPlainOrigin(url) || !isDecodable(url))
    throw new Error(`must be the address of an HTTP proxy: http://host:port or http://user:password@host:port; ${reservedInPassword}`)
  return url
}
const isPlainOrigin = ({ pathname, search, hash }: URL): boolean => pathname === '/' && search === '' && hash === ''

/** A list of http or https addresses. An address may contain commas, so the list is split only where another scheme follows. */
export const parseHttpUrls: Parser<readonly string[]> = (text) => {
  const urls = text === '' ? [] : text.split(/[\s,;]+(?=\w+:)/).map(parseHttpUrl)
  if (urls.some((url) => url.includes('#'))) throw new Error('must not contain a #: what follows it is never sent')
  if (new Set(urls).size < urls.length) throw new Error('names an address twice')
  return urls
}

/** @throws Error, with `expected` in its message, if the text is no PostgreSQL URL, or its user name or password must be percent-encoded */
function checkPostgresUrl(text: string, expected: string): void {
  const url = URL.parse(text)
  if (!/^postgres(ql)?:\/\/./.test(text)) throw new Error(`must be ${expected}`)
  // Whatever follows a # in a password would be dropped silently, and whatever follows a / or ? would be taken for the name of the database.
  const hasReservedCharacter = text.includes('#') || (url !== null && `${url.pathname}${url.search}`.includes('@'))
  if (url === null || hasReservedCharacter || !isDecodable(url)) throw new Error(`must be ${expected}; ${reservedInPassword}`)
}
function isDecodable({ username, password }: URL): boolean {
  try {
    decodeURIComponent(username + password)
    return true
  } catch {
    return false
  }
}

/** A PostgreSQL connection URL. */
export const parsePostgresUrl: Parser<string | undefined> = (text) => {
  if (text !== '') checkPostgresUrl(text, 'postgres://<user>:<password>@<host>/<database>')
  return text || undefined
}

/** `sqlite:<path>` or a PostgreSQL connection URL. */
export const parseDatabaseUrl: Parser<string> = (text) => {
  if (!/^sqlite:.+/.test(text))
    checkPostgresUrl(
      text,
      'sqlite:<path> (sqlite::memory: for a ledger that ends with the process) or postgres://<user>:<password>@<host>/<database>',
    )
  return text
}

/** A comma-separated list of E.164 numbers, with `*` for any digits, as patterns for whole numbers. */
export const parseNumberPatterns: Parser<NumberPattern[]> = (text) =>
  text
    .split(',')
    .map((entry) => entry.trim())
    .filter(Boolean)
    .map((entry, index) => {
      if (!/^\+[0-9*]{1,32}$/.test(entry))
        throw new Error(`entry ${index + 1} must be a number in E.164 form, with * for any digits (+4930*)`)
      return createNumberPattern(entry)
    })
