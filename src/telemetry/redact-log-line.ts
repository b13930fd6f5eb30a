/**
 * What is masked in a log line before it is written. The finished line is searched, because redaction by field name would miss most places
 * where a number or a secret can appear (docs/reliability.md#personal-data).
 */
import { maskNumbers } from './mask-numbers.ts'

type Replacements = ReadonlyArray<[pattern: RegExp, replacement: string]>

/** Phone numbers, as far as they can be distinguished from other numbers in a log line. */
const numbers: Replacements = [
  // A number in international form, with or without separators, "+" possibly percent-encoded.
  [/(?:\+|%2[Bb])[1-9](?:[ .()/-]{0,2}\d){6,14}/g, '+[number]'],
  // A string that consists of a number only, also in JSON within JSON.
  [/"\d{7,15}(?=\\?")/g, '"[number]'],
]
const addresses: Replacements = [[/\b(?:tel|sips?):[^\s"@;,<>\\]{3,}/g, '[address]']]
/** The at sign as a character, or as a word in brackets; its percent-encoded form is decoded before. */
const at = String.raw`\s{0,9}(?:[@\uff20\ufe6b]|[([{<]\s{0,9}at\s{0,9}[)\]}>])\s{0,9}`
/** A word in place of the dot, or a dot in brackets. */
const dot = String.raw`(?:\s{1,9}dot\s{1,9}|\s{0,9}[([{]\s{0,9}(?:dot|\.)\s{0,9}[)\]}]\s{0,9})`
/** A character of an address. Numbers are masked first, so a whole `[number]` counts as one. */
const char = String.raw`(?:\[number\]|[^\s@\uff20\ufe6b<>"'()[\]{},;:])`
const localPart = `(?:"[^"]{1,64}"|${char}{1,64})`
const domain = String.raw`(?:\[(?:${char}|:){1,255}\]|${char}{1,255})`
const mailAddresses: Replacements = [
  [new RegExp(`${localPart}${at}${domain}(?:${dot}${char}{1,63}){0,9}`, 'giu'), '[address]'],
  // The bare word "at" needs the word "dot" behind it.
  [new RegExp(`${localPart}\\s{1,9}at\\s{1,9}${char}{1,63}(?:${dot}${char}{1,63}){1,9}`, 'giu'), '[address]'],
]
/** API keys, webhook secrets, tokens and credentials in URLs. */
const secretPatterns: Replacements = [
  [/\b(?:hk_[A-Za-z0-9-]{1,32}_|whsec_|[Bb]earer |[Bb]asic )[^\s",\\]{8,}/g, '[secret]'],
  // A JSON Web Token.
  [/\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g, '[secret]'],
  // User name and password in a URL.
  [/:\/\/[^/\s:@"]*:[^/\s@"]+@/g, '://[secret]@'],
  [/\b(access_token|client_secret|password)(\\?"?[=:]\s*\\?"?)[^\s"&,\\]{4,}/g, '$1$2[secret]'],
]

const replaceAll = (text: string, replacements: Replacements): string =>
  replacements.reduce((rest, [pattern, replacement]) => rest.replaceAll(pattern, replacement), text)

/** Replaces every recognizable phone number, SIP or tel address, and secret in a log line. */
export const redact = (line: string): string => replaceAll(line, [...numbers, ...addresses, ...secretPatterns])

/**
 * Masks secrets, addresses and possible phone numbers in what a caller wrote. No rule recognizes all personal data: what is masked is kept
 * only where it can be erased (docs/reliability.md#personal-data).
 */
export const maskFreeText = (text: string): string =>
  replaceAll(maskNumbers(replaceAll(text.replaceAll('%40', '@'), secretPatterns)), [...mailAddresses, ...addresses])

/** Shorter values are not searched for: they would match harmless text. */
const minSecretLength = 8

/** Creates a `redact` that also replaces these secrets, in plain text, percent-encoded or escaped for JSON. */
export function createRedactor(secrets: readonly string[]): (line: string) => string {
  const forms = new Set(
    secrets
      .filter(({ length }) => length >= minSecretLength)
      .flatMap((secret) => [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)]),
  )
  return (line) => [...forms].reduce((text, form) => text.replaceAll(form, '[secret]'), redact(line))
}
