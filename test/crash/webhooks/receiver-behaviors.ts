/** Every way in which a webhook receiver answers or fails, and how often. */
import type { ServerResponse } from 'node:http'

export interface ReceiverBehavior {
  /** For the table of results. */
  name: string
  /** The receiver keeps the event: it sent a 2xx, or wanted to when the connection broke. */
  keepsEvent?: true
  /** The receiver keeps the event, but its 2xx is never sent. */
  losesResponse?: true
  /** Answers before it has read the request. */
  skipsBody?: true
  /** Ends the delivery for good. */
  endsDelivery?: true
  /** How often, compared with the others; 1 by default. */
  weight?: number
  /** @param closeListener refuses new connections for a moment */
  answer(response: ServerResponse, closeListener: () => void): void
}

const declaredLength = 1_000
const resetAfterMs = 10
const chunk = Buffer.alloc(16 * 1024, 'x')
const retryAfterMs = 1_000

/** Writes a body that never ends; the sender must stop reading. */
function writeEndlessBody(response: ServerResponse): void {
  while (!response.destroyed && response.write(chunk));
  if (!response.destroyed) response.once('drain', () => writeEndlessBody(response))
}

/** Resets the connection after the first bytes of the body. */
function resetInBody(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'content-length': declaredLength })
  response.write('{"half":', () => setTimeout(() => response.socket?.resetAndDestroy(), resetAfterMs))
}

const refusesWith = (status: number, headers: Record<string, string> = {}, suffix = ''): ReceiverBehavior => ({
  name: `${status}${suffix}`,
  answer: (response) => void response.writeHead(status, headers).end('no'),
})

export const success: ReceiverBehavior = {
  name: '200',
  keepsEvent: true,
  answer: (response) => void response.writeHead(200).end('{"thanks":true}'),
}
export const hang: ReceiverBehavior = { name: 'no answer', answer() {} }

/** Failures that keep no event and do not end the delivery. */
export const retryableFailures: readonly ReceiverBehavior[] = [
  refusesWith(500),
  refusesWith(404),
  refusesWith(301, { location: '/hook' }, ', redirect to itself'),
  refusesWith(503, { 'retry-after': '1' }, ', Retry-After in seconds'),
  {
    name: '429, Retry-After as a date',
    answer: (response) =>
      void response.writeHead(429, { 'retry-after': new Date(Date.now() + retryAfterMs).toUTCString() }).end('too many'),
  },
  hang,
  { name: 'reset, nothing read', skipsBody: true, answer: (response) => void response.socket?.resetAndDestroy() },
  { name: 'reset, all read', answer: (response) => void response.socket?.resetAndDestroy() },
  { name: '500, reset in the body', answer: (response) => resetInBody(response, 500) },
  { name: '500, endless body', answer: (response) => writeEndlessBody(response.writeHead(500)) },
  { name: 'not HTTP', answer: (response) => void response.socket?.end('\u0016\u0003\u0001 garbage\r\n\r\n') },
  {
    name: 'reset, then connections refused for a moment',
    weight: 0.3,
    answer(response, closeListener) {
      response.socket?.resetAndDestroy()
      closeListener()
    },
  },
]

export const failures: readonly ReceiverBehavior[] = [
  ...retryableFailures,
  { name: '410', endsDelivery: true, weight: 0.1, answer: (response) => void response.writeHead(410).end() },
  {
    name: '200, lost on the way',
    keepsEvent: true,
    losesResponse: true,
    answer: (response) => void response.socket?.resetAndDestroy(),
  },
  { name: '200, reset in the body', keepsEvent: true, answer: (response) => resetInBody(response, 200) },
  { name: '200, endless body', keepsEvent: true, answer: (response) => writeEndlessBody(response.writeHead(200)) },
]

/** Picks one behavior by weight. @param random in [0, 1) */
export function pickBehavior(behaviors: readonly ReceiverBehavior[], random: number): ReceiverBehavior {
  let remaining = random * behaviors.reduce((sum, { weight = 1 }) => sum + weight, 0)
  return behaviors.find(({ weight = 1 }) => (remaining -= weight) < 0) ?? (behaviors[0] as ReceiverBehavior)
}
