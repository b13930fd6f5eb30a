/**
 * What is removed from a log line before it is written. Redaction by field path misses most of the places where a number or a secret
 * can appear, so the finished line is searched (docs/reliability.md#personal-data).
 */
import { maskNumbers } from './mask-numbers.ts'

type Replacements = ReadonlyArray<[pattern: RegExp, replacement: string]>

/** Phone numbers, as far as they can be distinguished from other numbers in a log line. */
const numbers: Replacements = [
  // A number in international form, with or without separators, "+" possibly percent-encoded.
  [/(?:\+|%2[Bb])[1-9](?:[ .()/-]{0,2}\d){6,14}/g, '+[number]'],
  // A string that consists of a number only.
  [/"\d{10,15}"/g, '"[number]"'],
]
const addresses: Replacements = [[/\b(?:tel|sips?):[^\s"@;,<>\\]{3,}/g, '[address]']]
const mailAddresses: Replacements = [[/[^\s@＠<>"'()[\],;:]{1,64}[@＠][^\s@＠<>"'()[\],;:]{1,255}/gu, '[address]']]
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

/** The line with every phone number and every secret replaced. */
export const redact = (line: string): string => replaceAll(line, [...numbers, ...addresses, ...secretPatterns])

/**
 * Free text that a person wrote, as it may be logged and kept in the audit trail, from which nothing can be erased: without secrets,
 * addresses and whatever could be a phone number.
 */
export const maskFreeText = (text: string): string =>
  replaceAll(maskNumbers(replaceAll(text, secretPatterns)), [...mailAddresses, ...addresses])

/** Shorter values are not searched for: they would match harmless text. */
const minSecretLength = 8

/** A function that also replaces the given secrets, whether they appear as they are, percent-encoded or escaped for JSON. */
export function createRedactor(secrets: readonly string[]): (line: string) => string {
  const forms = new Set(
    secrets
      .filter(({ length }) => length >= minSecretLength)
      .flatMap((secret) => [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)]),
  )
  return (line) => [...forms].reduce((text, form) => text.replaceAll(form, '[secret]'), redact(line))
}
