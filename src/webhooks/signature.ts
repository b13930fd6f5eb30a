import { createHmac } from 'node:crypto'

const MIN_BYTES = 24

/**
 * Reads `whsec_<base64>[,whsec_<base64>…]` into keys, the newest first (Standard Webhooks 1.0.0; design §8).
 * Throws an Error that says which secret is wrong and why, and never what stands there.
 */
export function parseSecrets(text: string): Buffer[] {
  return text.split(',').map((entry, index) => {
    const which = `webhook secret ${index + 1}`
    const [, encoded] = /^whsec_([^\s]*)$/.exec(entry.trim()) ?? []
    if (encoded === undefined) throw new Error(`${which} does not start with whsec_`)
    const key = Buffer.from(encoded, 'base64')
    // Buffer skips what is not base64; the receiver's library would not, and no signature would ever match.
    if (key.toString('base64') !== encoded) throw new Error(`${which} is not base64 after whsec_`)
    if (key.length < MIN_BYTES) throw new Error(`${which} encodes ${key.length} bytes, at least ${MIN_BYTES} are needed`)
    return key
  })
}

/**
 * The headers that prove who sent this body and when: Standard Webhooks, one signature a secret so that a receiver
 * can change secrets without a gap, and the tutorial's X-Transfer-Signature with the first secret.
 * `id` stays the same over all attempts of a delivery, `atSeconds` (Unix time) is the attempt's own. Throws an Error on what cannot be signed.
 */
export function signatureHeaders(id: string, atSeconds: number, body: string, secrets: Buffer[]): Record<string, string> {
  const [first] = secrets
  if (first === undefined) throw new Error('a webhook cannot be signed without a secret')
  // With a dot in the id, the signed text of one message could be read as that of another.
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
