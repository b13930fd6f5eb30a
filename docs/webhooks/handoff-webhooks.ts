/** Verifies webhooks of Handoff. Needs nothing but Node.js; the headers of Express, Fastify and node:http all fit. */
import { createHmac, timingSafeEqual } from 'node:crypto'

type Headers = Readonly<Record<string, string | string[] | undefined>>

const toleranceSeconds = 300
const minSecretBytes = 24

/** Compares two texts in a time that does not tell where they differ. */
function isSame(expected: string, given: string): boolean {
  const [a, b] = [Buffer.from(expected), Buffer.from(given)]
  return a.length === b.length && timingSafeEqual(a, b)
}

/** Whether the time is at most five minutes off. An attacker could send an older webhook again. */
const isRecent = (timestamp: string): boolean =>
  /^\d{1,12}$/.test(timestamp) && Math.abs(Date.now() / 1000 - Number(timestamp)) <= toleranceSeconds

/** @throws Error for a secret that is missing or cut off: anybody could sign with an empty key */
function sign(secret: string, prefix: string, body: Uint8Array): Buffer {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
  if (key.length < minSecretBytes) throw new Error('a webhook secret encodes at least 24 bytes')
  return createHmac('sha256', key).update(prefix).update(body).digest()
}

/**
 * Verifies the Standard Webhooks signature, over webhook-id, webhook-timestamp and body. During a rotation it has one signature for each
 * secret of Handoff, so that the old secret and the new one are both accepted.
 * @param body as it was received, before it is parsed
 * @param secrets the secrets that you accept, `whsec_…`
 */
export function isFromHandoff(headers: Headers, body: Uint8Array, secrets: readonly string[]): boolean {
  const [id, timestamp] = [String(headers['webhook-id']), String(headers['webhook-timestamp'])]
  const signatures = String(headers['webhook-signature']).split(' ')
  return (
    isRecent(timestamp) &&
    secrets.some((secret) => {
      const expected = `v1,${sign(secret, `${id}.${timestamp}.`, body).toString('base64')}`
      return signatures.some((signature) => isSame(expected, signature))
    })
  )
}

/** Verifies the simpler X-Transfer-Signature, over webhook-timestamp and body, made with the newest secret of Handoff alone. */
export function hasTransferSignature(headers: Headers, body: Uint8Array, secrets: readonly string[]): boolean {
  const timestamp = String(headers['webhook-timestamp'])
  const signature = String(headers['x-transfer-signature'])
  return isRecent(timestamp) && secrets.some((secret) => isSame(`sha256=${sign(secret, `${timestamp}.`, body).toString('hex')}`, signature))
}
