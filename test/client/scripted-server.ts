/** An HTTP server on loopback that answers each request as a test has planned, and keeps what it was sent. */
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Problem } from '../../client/src/types.ts'
import type { TestContext } from '../support/build.ts'

export interface ScriptedAnswer {
  status: number
  headers?: Record<string, string>
  /** Sent as JSON, unless it is text. */
  body?: unknown
}
/** An answer, or what is done with the response instead of answering. */
export type Step = ScriptedAnswer | ((response: ServerResponse) => void)

export interface ScriptedServer {
  url: string
  requests: Array<{ method: string; url: string; headers: IncomingHttpHeaders; body: string; atMs: number }>
}

/** Breaks the connection without an answer. */
export const reset: Step = (response) => void response.socket?.destroy()
/** Never answers. */
export const hang: Step = () => {}

/** A refusal as Handoff sends it, with the members that the client reads. */
export function refuse(
  code: Problem['code'],
  retryable: boolean,
  more: Partial<Problem> = {},
  headers: Record<string, string> = {},
): ScriptedAnswer {
  const body = { type: `urn:handoff:problem:${code}`, title: code, status: 503, detail: `It is ${code}.`, code, retryable, ...more }
  return { status: body.status, headers: { 'content-type': 'application/problem+json; charset=utf-8', ...headers }, body }
}

/** Starts a server that takes one step for each request; the last one also for all further requests. */
export async function startScriptedServer(t: TestContext, ...steps: Step[]): Promise<ScriptedServer> {
  const requests: ScriptedServer['requests'] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      requests.push({ method: String(request.method), url: String(request.url), headers: request.headers, body, atMs: performance.now() })
      const step = steps[Math.min(requests.length, steps.length) - 1] as Step
      if (typeof step === 'function') return step(response)
      const text = typeof step.body === 'string' ? step.body : JSON.stringify(step.body)
      return response.writeHead(step.status, { 'content-type': 'application/json; charset=utf-8', ...step.headers }).end(text)
    })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests }
}
