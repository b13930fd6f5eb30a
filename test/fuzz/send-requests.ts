/** Sends hostile requests and checks every response against the OpenAPI document. */
import { Pool, type Dispatcher } from 'undici'
import type { ServedDocument } from '../routes/served-document.ts'
import type { HostileRequest } from './hostile-requests.ts'

export interface FuzzResult {
  sent: number
  /** How many responses had each status; `closed` where the connection was closed without one. */
  statuses: Record<string, number>
  /** Each kind of fault, with the first request that showed it. */
  findings: Map<string, string>
}

/** Whether the HTTP client itself refused to send the request. */
const isRefusedByClient = (error: unknown): boolean => (error as { code?: string }).code === 'UND_ERR_INVALID_ARG'

/** The body as text; of an event stream, which does not end by itself, only what arrives first. The connection is closed then. */
async function readText({ headers, body }: Dispatcher.ResponseData): Promise<string> {
  if (!String(headers['content-type']).startsWith('text/event-stream')) return body.text()
  for await (const chunk of body) return String(chunk)
  return ''
}

/** The faults of a response. */
function findFaults(
  served: ServedDocument,
  { operation, method }: HostileRequest,
  status: number,
  contentType: string,
  text: string,
): string[] {
  if (status === 500) return ['500']
  if (!/json/.test(contentType) || /ndjson/.test(contentType) || text === '')
    return status < 400 || status === 431 ? [] : [`${status} without problem details`]
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    return ['the body is not JSON']
  }
  if (method === operation.method && ![404, 405, 431].includes(status))
    return served.responseViolations(operation.operationId, status, contentType, body)
  return contentType.startsWith('application/problem+json') ? served.violations('Problem', body) : []
}

/**
 * Sends `count` requests over several connections.
 * @param afterEach called with the number of requests answered so far
 */
export async function sendRequests(
  url: string,
  served: ServedDocument,
  nextRequest: () => HostileRequest,
  count: number,
  afterEach: (answered: number) => void = () => {},
): Promise<FuzzResult> {
  const pool = new Pool(url, { connections: 8, headersTimeout: 60_000, bodyTimeout: 60_000 })
  const result: FuzzResult = { sent: 0, statuses: {}, findings: new Map() }
  const countStatus = (status: string): void => void (result.statuses[status] = (result.statuses[status] ?? 0) + 1)
  let remaining = count

  async function send(request: HostileRequest): Promise<void> {
    const { method, path, headers, body } = request
    try {
      const response = await pool.request({ method, path, headers, ...(body !== undefined && { body }) })
      const text = await readText(response)
      countStatus(String(response.statusCode))
      for (const fault of findFaults(served, request, response.statusCode, String(response.headers['content-type'] ?? ''), text))
        result.findings.set(
          `${method} ${request.operation.path}: ${response.statusCode}: ${fault}`,
          result.findings.get(`${method} ${request.operation.path}: ${response.statusCode}: ${fault}`) ??
            JSON.stringify({ path: path.slice(0, 300), headers, body: body?.slice(0, 500), response: text.slice(0, 500) }),
        )
    } catch (error) {
      if (isRefusedByClient(error)) return
      countStatus('closed')
      // The service may respond and close the connection before a request that is too large was sent completely.
      if ((body?.length ?? 0) < 64 * 1024 && !headers['x-filler'] && (headers['traceparent']?.length ?? 0) < 8_000)
        result.findings.set(
          `${method} ${request.operation.path}: ${(error as Error).message}`,
          JSON.stringify({ path, headers, body: body?.slice(0, 500) }),
        )
    }
  }
  async function work(): Promise<void> {
    while (remaining-- > 0) {
      await send(nextRequest())
      afterEach(++result.sent)
    }
  }
  await Promise.all(Array.from({ length: 16 }, work))
  await pool.close()
  return result
}
