/** JSON over HTTP for the load, with enough keep-alive connections that the client is not the bottleneck, and the login to the simulator. */
import { Agent, request } from 'undici'

export interface JsonResponse {
  status: number
  body: Record<string, unknown>
  /** The value of the header Retry-After; 0 without it. */
  retryAfterSeconds: number
}

/** Creates a pool of up to 512 connections for each server. */
export const createDispatcher = (): Agent => new Agent({ connections: 512, keepAliveTimeout: 60_000 })

/** Sends a request, with a JSON body if there is one. @throws when the connection fails or the response is not JSON */
export async function sendJson(
  dispatcher: Agent,
  method: 'GET' | 'POST',
  url: string,
  headers: Record<string, string>,
  body?: unknown,
): Promise<JsonResponse> {
  const response = await request(url, {
    method,
    dispatcher,
    headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const text = await response.body.text()
  return {
    status: response.statusCode,
    body: (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>,
    retryAfterSeconds: Number(response.headers['retry-after'] ?? 0),
  }
}

/** Logs in to the simulator with its client credentials. Returns a token. */
export async function logIn(simulatorUrl: string): Promise<string> {
  const response = await fetch(`${simulatorUrl}/oauth/token`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from('handoff-demo:handoff-demo-secret').toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: 'grant_type=client_credentials',
  })
  return ((await response.json()) as { access_token: string }).access_token
}
