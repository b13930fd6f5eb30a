/** How texts of the platform are redacted for logs and errors: they may repeat phone numbers, credentials and request bodies. */
import { isUuid } from '../../model/formats/patterns.ts'
import { maskNumbers } from '../../telemetry/mask-numbers.ts'

const address = /\b(?:tel|sips?):[^\s,;"'\]]+/gi
const credential = /\b(?:bearer|basic)\s+[\w\-.~+/=]+/gi
const maximumLength = 300

/**
 * Replaces phone numbers, SIP and tel addresses, credentials and each of `secrets` by `***`, and cuts the text at 300 characters.
 * UUIDs stay: an id is not a phone number, however many digits it has.
 */
export function redactText(text: string, secrets: readonly string[] = []): string {
  const withoutSecrets = secrets
    .filter(Boolean)
    .reduce((rest, secret) => rest.replaceAll(secret, '***'), text.replaceAll(credential, '***'))
    .replaceAll(address, '***')
  // Masking may make the text shorter, so more than the final length is masked. The first cut bounds the work.
  return maskNumbers(withoutSecrets.slice(0, 4 * maximumLength), '***').slice(0, maximumLength)
}

/**
 * Collects every text of a request body that an error response might repeat, also as escaped for JSON. UUIDs may be shown, and texts of one
 * or two characters would match harmless parts of a message.
 */
export function collectStrings(body: unknown): string[] {
  if (typeof body === 'string') return body.length < 3 || isUuid(body) ? [] : [body, JSON.stringify(body).slice(1, -1)]
  return typeof body === 'object' && body !== null ? Object.values(body).flatMap(collectStrings) : []
}
