/** Requests to the service's API with the key of the session. */
import { rememberNames } from './names.js'
import { currentKey, serviceAddress, signOut } from './session.js'

/** The query by which a route adds the names of queues, skills and agents. */
export const withNames = { expand: 'names' }

/** An answer that is an error, or no answer: `message` is for people; `field` is what a request has wrong. */
export class ApiError extends Error {
  constructor(message, { status = 0, code = 'UNREACHABLE', retryable = true, field } = {}) {
    super(message)
    Object.assign(this, { status, code, retryable, field })
  }
}

const withoutEmpty = (query) => Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== '')

/** The address of a route. Values of the query that are lists are separated by commas. */
function addressOf(path, query = {}) {
  const address = new URL(path, serviceAddress)
  for (const [name, value] of withoutEmpty(query)) address.searchParams.set(name, String(value))
  return address
}

/** A service that has not begun to answer after this time is taken to be gone, ms. */
export const answerMs = 30_000

/** Sends a request. @returns the response, whose status is below 400. @throws ApiError; the DOMException of `signal` when it is aborted */
export async function send(path, { method = 'GET', query, body, headers = {}, signal } = {}) {
  const sent = { authorization: `Bearer ${currentKey()}`, ...headers, ...(body && { 'content-type': 'application/json' }) }
  const overdue = new AbortController()
  const timer = setTimeout(() => overdue.abort(), answerMs)
  let response
  try {
    response = await fetch(addressOf(path, query), {
      method,
      headers: sent,
      cache: 'no-store',
      ...(body && { body: JSON.stringify(body) }),
      signal: AbortSignal.any([overdue.signal, ...(signal ? [signal] : [])]),
    })
  } catch (error) {
    if (signal?.aborted) throw error
    throw new ApiError('The service does not answer. It may be restarting.')
  } finally {
    clearTimeout(timer)
  }
  if (response.ok) return response
  const problem = await response.json().catch(() => ({}))
  if (response.status === 401) signOut('You were signed out: the key is unknown, has expired or was revoked.')
  throw new ApiError(problem.detail ?? problem.title ?? `The service answered ${response.status}.`, { status: response.status, ...problem })
}

/** Sends a request. @returns the JSON of its answer; names in it are remembered */
export async function request(path, options) {
  const response = await send(path, options)
  const answer = await response.json().catch((error) => {
    if (options?.signal?.aborted) throw error
    throw new ApiError('The connection broke before the answer was complete.')
  })
  rememberNames(answer)
  return answer
}

/** Lists transfers, a page at a time. @param onPage gets the transfers of each page; when it returns false, no more pages are read */
export async function readPages(query, onPage, signal) {
  let cursor
  do {
    const page = await request('v1/transfers', { query: { ...query, limit: 200, ...withNames, cursor }, ...(signal && { signal }) })
    cursor = page.nextCursor
    if (onPage(page.transfers, cursor !== null) === false) return
  } while (cursor)
}

/** An idempotency key. Without TLS a browser has no `randomUUID`. */
export const createKey = () => crypto.randomUUID?.() ?? `console-${Date.now()}-${Math.random().toString(36).slice(2)}`
