/** Every way in which a receiver fails, and how often. */
import type { ServerResponse } from 'node:http'

export interface Way {
  /** How it does, in words for the table. */
  name: string
  /** The receiver took the event: it sent 2xx, or meant to when the connection broke. */
  takes?: true
  /** It took it, and its answer never left. */
  unanswered?: true
  /** Answers before it has read anything. */
  unread?: true
  /** Ends the delivery for good. */
  gone?: true
  /** How often, compared with the others; 1 unless told. */
  weight?: number
  answer(response: ServerResponse, closeListener: () => void): void
}

const halfway = 1_000
const breakAfterMs = 10
const chunk = Buffer.alloc(16 * 1024, 'x')
const aheadMs = 1_000

/** Never ends; more than the sender is willing to read. */
function pour(response: ServerResponse): void {
  while (!response.destroyed && response.write(chunk));
  if (!response.destroyed) response.once('drain', () => pour(response))
}
function half(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'content-length': halfway })
  response.write('{"half":', () => setTimeout(() => response.socket?.resetAndDestroy(), breakAfterMs))
}
const plain = (status: number, headers: Record<string, string> = {}, words = ''): Way => ({
  name: `${status}${words}`,
  answer: (response) => void response.writeHead(status, headers).end('no'),
})

export const fine: Way = { name: '200', takes: true, answer: (response) => void response.writeHead(200).end('{"thanks":true}') }
export const hang: Way = { name: 'no answer', answer() {} }

/** Those that take nothing and do not end the delivery. */
export const refusals: readonly Way[] = [
  plain(500),
  plain(404),
  plain(301, { location: '/hook' }, ', redirect to itself'),
  plain(503, { 'retry-after': '1' }, ', Retry-After in seconds'),
  {
    name: '429, Retry-After as a date',
    answer: (response) => void response.writeHead(429, { 'retry-after': new Date(Date.now() + aheadMs).toUTCString() }).end('too many'),
  },
  hang,
  { name: 'reset, nothing read', unread: true, answer: (response) => void response.socket?.resetAndDestroy() },
  { name: 'reset, all read', answer: (response) => void response.socket?.resetAndDestroy() },
  { name: '500, reset in the body', answer: (response) => half(response, 500) },
  { name: '500, endless body', answer: (response) => pour(response.writeHead(500)) },
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
/** All of them. */
export const failures: readonly Way[] = [
  ...refusals,
  { name: '410', gone: true, weight: 0.1, answer: (response) => void response.writeHead(410).end() },
  { name: '200, lost on the way', takes: true, unanswered: true, answer: (response) => void response.socket?.resetAndDestroy() },
  { name: '200, reset in the body', takes: true, answer: (response) => half(response, 200) },
  { name: '200, endless body', takes: true, answer: (response) => pour(response.writeHead(200)) },
]

/** One of them by weight; `random` in [0, 1). */
export function pick(ways: readonly Way[], random: number): Way {
  let left = random * ways.reduce((sum, { weight = 1 }) => sum + weight, 0)
  return ways.find(({ weight = 1 }) => (left -= weight) < 0) ?? (ways[0] as Way)
}
