/** Starts the service on loopback for a test, and sends requests to it. */
import type { AddressInfo } from 'node:net'
import type { AppOverrides } from '../../src/app.ts'
import type { Transfer } from '../../src/model/transfer.ts'
import type { ProblemDetails } from '../../src/routes/problem-response.ts'
import type { Rules } from '../../src/transfers/stage-context.ts'
import { build, type BuiltService, type TestContext } from './build.ts'
import { requireDocumentedRefusal } from './documented-refusals.ts'
import { operationsKey } from './settings.ts'
import { waitFor } from './wait-for.ts'

/** A body may be a transfer, a problem or anything else; a test knows which. */
type AnyBody = Transfer & ProblemDetails & Record<string, unknown>

export interface ServiceResponse<T = AnyBody> {
  status: number
  headers: Headers
  body: T
}

export interface Service extends BuiltService {
  url: string
  /** Sends a request with the operations key, unless `headers` say otherwise. A body that is not a string is sent as JSON. */
  request<T = AnyBody>(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<ServiceResponse<T>>
  /** Sends `POST /v1/transfers`. */
  postTransfer(body: object, headers?: Record<string, string>): Promise<ServiceResponse>
  /** Waits until a transfer is in one of the states. */
  waitForState(id: string, ...states: string[]): Promise<Transfer & { id: string }>
}

function parseBody(text: string, contentType: string): unknown {
  return /json/.test(contentType) && !/ndjson/.test(contentType) ? JSON.parse(text) : text
}

/**
 * Builds the service, listens on a free port, and closes it after the test.
 * @param settings environment variables, see `testSettings`
 * @param rules pipeline rules that differ from the settings
 */
export async function startService(
  t: TestContext,
  settings: Record<string, string>,
  rules: Partial<Rules> = {},
  overrides: AppOverrides = {},
): Promise<Service> {
  const built = await build(t, settings, rules, overrides)
  await built.app.listen({ host: '127.0.0.1', port: 0 })
  const url = `http://127.0.0.1:${(built.app.server.address() as AddressInfo).port}`

  const request: Service['request'] = async (method, path, body, headers = {}) => {
    const response = await fetch(url + path, {
      method,
      headers: { authorization: `Bearer ${operationsKey}`, ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const answer = parseBody(await response.text(), response.headers.get('content-type') ?? '')
    requireDocumentedRefusal(built.app, method, path, response.status, answer)
    return { status: response.status, headers: response.headers, body: answer as never }
  }
  return {
    ...built,
    url,
    request,
    postTransfer: (body, headers) => request('POST', '/v1/transfers', body, headers),
    waitForState: (id, ...states) =>
      waitFor(
        async () => {
          const { body } = await request<Transfer & { id: string }>('GET', `/v1/transfers/${id}`)
          return states.includes(body.state) && body
        },
        `state ${states.join(' or ')} of ${id}`,
      ),
  }
}
