/** How webhooks are signed: Standard Webhooks 1.0.0, and the simpler X-Transfer-Signature (docs/webhooks.md#verify-the-signature). */
import { createHmac } from 'node:crypto'

/** The shortest secret that Standard Webhooks allows. */
const minSecretBytes = 24

/**
 * Parses `whsec_<base64>[,whsec_<base64>…]` into keys, the newest first.
 * @throws Error that says which secret is wrong and why, without repeating it
 */
export function parseSecrets(text: string): Buffer[] {
  return text.split(',').map((entry, index) => {
    const name = `webhook secret ${index + 1}`
    const [, encoded] = /^whsec_([^\s]*)$/.exec(entry.trim()) ?? []
    if (encoded === undefined) throw new Error(`${name} does not start with whsec_`)
    const key = Buffer.from(encoded, 'base64')
    // Buffer skips characters that are not base64. The receiver's library would not, so no signature would ever match.
    if (key.toString('base64') !== encoded) throw new Error(`${name} is not base64 after whsec_`)
    if (key.length < minSecretBytes) throw new Error(`${name} encodes ${key.length} bytes, at least ${minSecretBytes} are needed`)
    return key
  })
}

/**
 * Creates the headers with which a receiver verifies the sender and the time. `webhook-signature` has one signature for each secret, so
 * that a secret can be rotated without an interruption; `x-transfer-signature` uses the first secret only.
 * @param id the same for all attempts of a delivery
 * @param atSeconds Unix time of this attempt, seconds
 * @throws Error if there is no secret, or the id or the time cannot be signed
 */
export function createSignatureHeaders(id: string, atSeconds: number, body: string, secrets: Buffer[]): Record<string, string> {
  const [first] = secrets
  if (first === undefined) throw new Error('a webhook cannot be signed without a secret')
  // With a dot in the id, the signed text of one message could be read as the text of another.
  if (!/^[!-\-/-~]+$/.test(id)) throw new Error('a webhook id is visible ASCII without a dot')
  if (!Number.isSafeInteger(atSeconds) || atSeconds < 0) throw new Error('a webhook timestamp is a whole number of seconds')
  const signatures = secrets.map((key) => `v1,${createHmac('sha256', key).update(`${id}.${atSeconds}.${body}`).digest('base64')}`)
  return {
    'webhook-id': id,
    'webhook-timestamp': `${atSeconds}`,
    'webhook-signature': signatures.join(' '),
    'x-transfer-signature': `sha256=${createHmac('sha256', first).update(`${atSeconds}.${body}`).digest('hex')}`,
  }
}
