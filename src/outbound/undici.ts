/** The parts of undici that the service uses, without its main module, which loads 60 others: 10 MB. */
import type { Dispatcher, WebSocket } from 'undici'
import sendRequest from 'undici/lib/api/api-request.js'
import buildConnector from 'undici/lib/core/connect.js'
import errors from 'undici/lib/core/errors.js'
import Agent from 'undici/lib/dispatcher/agent.js'

export { Agent, buildConnector, errors }

type RequestOptions = Omit<Dispatcher.RequestOptions, 'origin' | 'path'> & { dispatcher: Dispatcher }

/** undici's `request`: sends a request with the dispatcher. The body of the response must be read or dumped. */
export function request(url: URL | string, { dispatcher, ...options }: RequestOptions): Promise<Dispatcher.ResponseData> {
  const { origin, pathname, search } = new URL(url)
  return sendRequest.call(dispatcher, { ...options, origin, path: pathname + search })
}

/** Loads undici's WebSocket, which needs all of its `fetch`: only the first notification channel does. */
export async function loadWebSocket(): Promise<typeof WebSocket> {
  const { default: exports } = await import('undici/lib/web/websocket/websocket.js')
  return exports.WebSocket
}
