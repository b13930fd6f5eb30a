/** A small CRM on loopback that accepts a webhook only if both of its signatures are valid. It verifies them with node:crypto alone. */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A verified event. */
export interface ReceivedEvent {
  /** Epoch ms. */
  receivedAt: number
  type: string
  conversationId: string
  transferId: string
  data: Record<string, unknown>
}

export interface Crm {
  url: string
  /** The `whsec_…` secret that the sender must sign with. */
  secret: string
  /** In order of arrival. A repeated delivery (same webhook-id) is listed once. */
  events: ReceivedEvent[]
  /** Why deliveries were rejected. */
  rejections: string[]
  onEvent(listener: (event: ReceivedEvent) => void): void
  close(): Promise<void>
}

/** A timestamp that is further from now may be a replay (Standard Webhooks, "Verifying signatures"). */
const toleranceSeconds = 300
const maxBodyLength = 256 * 1024

const isEqual = (a: string, b: string): boolean => a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b))
const readHeader = (headers: IncomingHttpHeaders, name: string): string => String(headers[name] ?? '')

/**
 * Verifies a delivery (docs/webhooks.md#verify-the-signature).
 * @param key the bytes that the secret encodes
 * @param now epoch ms
 * @returns why the delivery must be rejected; undefined if both signatures are valid and recent
 */
function verify(headers: IncomingHttpHeaders, body: string, key: Buffer, now: number): string | undefined {
  const id = readHeader(headers, 'webhook-id')
  const seconds = readHeader(headers, 'webhook-timestamp')
  if (!/^\d+$/.test(seconds) || Math.abs(now / 1000 - Number(seconds)) > toleranceSeconds)
    return 'webhook-timestamp is missing or too far from now'
  const standardSignature = `v1,${createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64')}`
  const signatures = readHeader(headers, 'webhook-signature').split(' ')
  if (!signatures.some((signature) => isEqual(signature, standardSignature))) return 'webhook-signature does not match'
  const plainSignature = `sha256=${createHmac('sha256', key).update(`${seconds}.${body}`).digest('hex')}`
  return isEqual(readHeader(headers, 'x-transfer-signature'), plainSignature) ? undefined : 'x-transfer-signature does not match'
}

function parseEvent(body: string, receivedAt: number): ReceivedEvent {
  const { type, data } = JSON.parse(body) as { type: string; data: Record<string, unknown> }
  return { receivedAt, type, conversationId: String(data['conversationId']), transferId: String(data['actionId']), data }
}

/** Starts the CRM on any free port of 127.0.0.1. */
export async function startCrm(): Promise<Crm> {
  const key = randomBytes(32)
  const receivedIds = new Set<string>()
  const events: ReceivedEvent[] = []
  const rejections: string[] = []
  const listeners: Array<(event: ReceivedEvent) => void> = []

  /** @returns the HTTP status to answer with */
  function receive(headers: IncomingHttpHeaders, body: string): number {
    const now = Date.now()
    const rejection = verify(headers, body, key, now)
    if (rejection !== undefined) {
      rejections.push(rejection)
      return 401
    }
    const id = readHeader(headers, 'webhook-id')
    if (!receivedIds.has(id)) {
      receivedIds.add(id)
      const event = parseEvent(body, now)
      events.push(event)
      for (const listener of listeners) listener(event)
    }
    return 204
  }

  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8')
    request.on('data', (part: string) => {
      body += part
      if (body.length > maxBodyLength) request.destroy()
    })
    request.on('end', () => response.writeHead(receive(request.headers, body)).end())
  })
  const port = await listen(server)
  return {
    url: `http://127.0.0.1:${port}/crm/transfers`,
    secret: `whsec_${key.toString('base64')}`,
    events,
    rejections,
    onEvent: (listener) => void listeners.push(listener),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** Listens on any free port. @returns the port */
const listen = (server: Server): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })
