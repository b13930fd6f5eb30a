/** Sends one HTTP request to a node, as any client would. */
import { operationsKey } from '../../support/settings.ts'

export interface NodeResponse<T> {
  status: number
  headers: Headers
  body: T
  /** The body as it was received. */
  text: string
}

export interface NodeRequest {
  body?: unknown
  headers?: Record<string, string>
  /** How long to wait for the response, ms. */
  timeoutMs?: number
}

const isJson = (headers: Headers): boolean => /[/+]json/.test(headers.get('content-type') ?? '')

/** @throws when the connection is lost or the response does not come in time */
export async function requestNode<T>(
  url: string,
  method: string,
  path: string,
  { body, headers = {}, timeoutMs = 10_000 }: NodeRequest = {},
): Promise<NodeResponse<T>> {
  const response = await fetch(url + path, {
    method,
    signal: AbortSignal.timeout(timeoutMs),
    headers: { authorization: `Bearer ${operationsKey}`, ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: (isJson(response.headers) ? JSON.parse(text) : text) as T,
  }
}
