/** Verifies a webhook of Handoff: who sent it, that it is not changed, and that it is not an old one sent again. */
import type { WebhookEvent } from './types.ts'

/** The headers of a request, as `Headers` or as the object that node:http, Express and Fastify have. */
export type WebhookHeaders = { get(name: string): string | null } | Readonly<Record<string, string | readonly string[] | undefined>>

export interface WebhookDelivery {
  headers: WebhookHeaders
  /** The body as it was received, before anything has parsed it. Frameworks give none for a request without one: that is refused. */
  body: string | Uint8Array | ArrayBuffer | null | undefined
  /** The secret of the endpoint (`whsec_…`); several while it is rotated, as a list or separated by commas. */
  secrets: string | readonly string[]
  /**
   * The signature that is checked. `webhook-signature` (Standard Webhooks) is the default. `x-transfer-signature` does not cover the id, and is
   * made with the newest secret only: for receivers that do not get the other one.
   */
  signature?: 'webhook-signature' | 'x-transfer-signature'
  /** How old an attempt may be, and how far ahead the sender's clock, seconds; default 300. */
  toleranceSeconds?: number
}

export interface VerifiedWebhook {
  /** The same for all attempts of an event: remember it to recognize an event that comes twice. */
  id: string
  /** When this attempt was sent. */
  sentAt: Date
  event: WebhookEvent
}

/** Why a webhook was not accepted. */
export type WebhookErrorCode = 'MISSING_HEADER' | 'MISSING_BODY' | 'WRONG_TIME' | 'WRONG_SIGNATURE' | 'INVALID_BODY'

/** A webhook that must not be trusted. Answer it with 400. */
export class WebhookError extends Error {
  readonly code: WebhookErrorCode

  constructor(code: WebhookErrorCode, message: string) {
    super(message)
    this.name = 'WebhookError'
    this.code = code
  }
}

/** The shortest secret that Standard Webhooks allows. A shorter one is empty or cut off, and anybody could sign with an empty key. */
const minSecretBytes = 24

const textEncoder = new TextEncoder()

function decodeBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
  } catch {
    return undefined
  }
}

function decodeHex(text: string): Uint8Array<ArrayBuffer> | undefined {
  return /^([0-9a-f]{2})+$/i.test(text) ? Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16)) : undefined
}

/** The bytes that each secret encodes. @throws TypeError that does not contain the secret */
function parseSecrets(secrets: string | readonly string[]): Uint8Array<ArrayBuffer>[] {
  const texts = (typeof secrets === 'string' ? secrets.split(',') : secrets).map((text) => text.trim())
  if (texts.length === 0) throw new TypeError('there is no secret')
  return texts.map((text) => {
    const key = text.startsWith('whsec_') ? decodeBase64(text.slice('whsec_'.length)) : undefined
    if (key === undefined || key.length < minSecretBytes)
      throw new TypeError(`a secret must be whsec_ followed by the Base64 of at least ${minSecretBytes} bytes`)
    return key
  })
}

/** The header's only value. @throws WebhookError MISSING_HEADER if there is none, or more than one */
function readHeader(headers: WebhookHeaders, name: string): string {
  const value =
    typeof headers.get === 'function' ? headers.get(name) : Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1]
  const text = typeof value === 'object' && value?.length === 1 ? value[0] : value
  if (typeof text !== 'string' || text === '') throw new WebhookError('MISSING_HEADER', `There is no header ${name}, or more than one.`)
  return text
}

function readBody(body: WebhookDelivery['body']): Uint8Array<ArrayBuffer> {
  if (body === undefined || body === null) throw new WebhookError('MISSING_BODY', 'There is no body, or the framework has not kept it.')
  if (typeof body === 'string') return textEncoder.encode(body)
  // Not `instanceof`, because test runners have classes of their own. Copied, because Web Crypto takes no memory that threads share.
  if (ArrayBuffer.isView(body)) return new Uint8Array(body.buffer, body.byteOffset, body.byteLength).slice()
  if (Object.prototype.toString.call(body) === '[object ArrayBuffer]') return new Uint8Array(body)
  throw new TypeError('body must be the text or the bytes that were received, not what a parser has made of them')
}

function concatenate(prefix: string, body: Uint8Array): Uint8Array<ArrayBuffer> {
  const start = textEncoder.encode(prefix)
  const bytes = new Uint8Array(start.length + body.length)
  bytes.set(start)
  bytes.set(body, start.length)
  return bytes
}

/** Whether one of the signatures was made with one of the keys. Web Crypto compares in constant time. */
async function isSigned(
  signed: Uint8Array<ArrayBuffer>,
  signatures: Uint8Array<ArrayBuffer>[],
  keys: Uint8Array<ArrayBuffer>[],
): Promise<boolean> {
  for (const bytes of keys) {
    const key = await crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['verify'])
    for (const signature of signatures) if (await crypto.subtle.verify('HMAC', key, signature, signed)) return true
  }
  return false
}

/** The signatures in the header's value: `v1,<Base64> v1,<Base64>`, or `sha256=<hex>`. Those of other versions are skipped. */
function parseSignatures(name: string, value: string): Uint8Array<ArrayBuffer>[] {
  const isStandard = name === 'webhook-signature'
  const prefix = isStandard ? 'v1,' : 'sha256='
  return (isStandard ? value.split(' ') : [value])
    .filter((text) => text.startsWith(prefix))
    .map((text) => (isStandard ? decodeBase64 : decodeHex)(text.slice(prefix.length)))
    .filter((signature) => signature !== undefined)
}

function parseEvent(body: Uint8Array): WebhookEvent {
  let event: Partial<WebhookEvent> | null
  try {
    event = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)) as Partial<WebhookEvent> | null
  } catch {
    event = null
  }
  if (typeof event?.type !== 'string' || typeof event.data !== 'object' || event.data === null)
    throw new WebhookError('INVALID_BODY', 'The body is not an event of Handoff.')
  return event as WebhookEvent
}

/**
 * Verifies a webhook, and returns its event. Handoff may have events that this version of the client does not know: ignore a `type` that you do
 * not handle.
 * @throws WebhookError if it must not be trusted; TypeError if a secret or the body is not what it should be
 */
export async function verifyWebhook(delivery: WebhookDelivery): Promise<VerifiedWebhook> {
  const { headers, secrets, signature: name = 'webhook-signature', toleranceSeconds = 300 } = delivery
  const keys = parseSecrets(secrets)
  const body = readBody(delivery.body)
  const id = readHeader(headers, 'webhook-id')
  const timestamp = readHeader(headers, 'webhook-timestamp')
  const signatures = parseSignatures(name, readHeader(headers, name))
  const sentAtMs = /^\d{1,12}$/.test(timestamp) ? Number(timestamp) * 1_000 : Number.NaN
  // The condition is written so that NaN does not pass.
  if (!(Math.abs(Date.now() - sentAtMs) <= toleranceSeconds * 1_000))
    throw new WebhookError('WRONG_TIME', `The webhook was not sent within the last ${toleranceSeconds} s.`)
  const prefix = name === 'webhook-signature' ? `${id}.${timestamp}.` : `${timestamp}.`
  if (!(await isSigned(concatenate(prefix, body), signatures, keys)))
    throw new WebhookError('WRONG_SIGNATURE', `No signature in ${name} was made with a secret of this endpoint.`)
  return { id, sentAt: new Date(sentAtMs), event: parseEvent(body) }
}
