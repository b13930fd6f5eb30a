/** A small CRM on loopback that believes nothing until both signatures are verified; a receiver needs no more than node:crypto. */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What the CRM was told, once it was verified. */
export interface Heard {
  /** Arrival, epoch ms. */
  at: number
  type: string
  conversationId: string
  transferId: string
  data: Record<string, unknown>
}
export interface Crm {
  url: string
  /** The `whsec_…` secret that the sender is to sign with. */
  secret: string
  /** In order of arrival; a repeated delivery (same webhook-id) is heard once. */
  heard: Heard[]
  /** Why deliveries were turned away. */
  refused: string[]
  onHeard(listener: (heard: Heard) => void): void
  close(): Promise<void>
}

/** An older or newer timestamp may be a replay, s (Standard Webhooks, "Verifying signatures"). */
const toleranceSeconds = 300
const largestBody = 256 * 1024

const same = (one: string, other: string): boolean => one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other))
const header = (headers: IncomingHttpHeaders, name: string): string => String(headers[name] ?? '')

/**
 * Why a delivery is not to be believed, or undefined when it is: both signatures hold and it is fresh.
 * `key` is what the secret encodes, `now` is epoch ms (design §8).
 */
function distrust(headers: IncomingHttpHeaders, body: string, key: Buffer, now: number): string | undefined {
  const id = header(headers, 'webhook-id')
  const seconds = header(headers, 'webhook-timestamp')
  if (!/^\d+$/.test(seconds) || Math.abs(now / 1000 - Number(seconds)) > toleranceSeconds)
    return 'webhook-timestamp is missing or too far from now'
  const standard = `v1,${createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64')}`
  if (
    !header(headers, 'webhook-signature')
      .split(' ')
      .some((given) => same(given, standard))
  )
    return 'webhook-signature does not match'
  const plain = `sha256=${createHmac('sha256', key).update(`${seconds}.${body}`).digest('hex')}`
  return same(header(headers, 'x-transfer-signature'), plain) ? undefined : 'x-transfer-signature does not match'
}

function eventIn(body: string, at: number): Heard {
  const { type, data } = JSON.parse(body) as { type: string; data: Record<string, unknown> }
  return { at, type, conversationId: String(data['conversationId']), transferId: String(data['actionId']), data }
}

/** Starts the CRM on any free port of 127.0.0.1. */
export async function startCrm(): Promise<Crm> {
  const key = randomBytes(32)
  const known = new Set<string>()
  const heard: Heard[] = []
  const refused: string[] = []
  const listeners: Array<(heard: Heard) => void> = []

  function receive(headers: IncomingHttpHeaders, body: string): number {
    const at = Date.now()
    const why = distrust(headers, body, key, at)
    if (why !== undefined) {
      refused.push(why)
      return 401
    }
    const id = header(headers, 'webhook-id')
    if (!known.has(id)) {
      known.add(id)
      const event = eventIn(body, at)
      heard.push(event)
      for (const listener of listeners) listener(event)
    }
    return 204
  }

  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8')
    request.on('data', (part: string) => {
      body += part
      if (body.length > largestBody) request.destroy()
    })
    request.on('end', () => response.writeHead(receive(request.headers, body)).end())
  })
  const port = await listening(server)
  return {
    url: `http://127.0.0.1:${port}/crm/transfers`,
    secret: `whsec_${key.toString('base64')}`,
    heard,
    refused,
    onHeard: (listener) => void listeners.push(listener),
    close: () =>
      new Promise((closed) => {
        server.close(() => closed())
        server.closeAllConnections()
      }),
  }
}

const listening = (server: Server): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })
