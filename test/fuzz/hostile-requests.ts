/** Hostile requests from the OpenAPI document: every route, with parts that are wrong in type, size, form or meaning. The same seed gives the same requests. */
import type { Operation, ServedDocument } from '../routes/served-document.ts'

export interface HostileRequest {
  operation: Operation & { method: string; path: string }
  method: string
  path: string
  headers: Record<string, string>
  body?: string
}

/** Creates a generator of pseudo-random numbers from 0 to less than 1 (mulberry32). */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const uuid = 'ca110000-0000-4000-8000-000000000001'
const oddValues: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1e21,
  0.5,
  '',
  ' ',
  '\u0000',
  '٣١٧٥٥٥٠٣٠٣',
  '👋'.repeat(40),
  'x'.repeat(5_000),
  '__proto__',
  '../../etc/passwd',
  "' OR 1=1 --",
  '+13175550123',
  uuid,
  '1000-01-01T00:00:00Z',
  '0000-01-01T00:00:00+00:01',
  '9999-12-31T23:59:59-00:01',
  '+275760-09-13T00:00:00Z',
  '9999-12-31T23:59:60Z',
  [],
  [[[]]],
  {},
  { type: 'queue' },
  { __proto__x: {} },
]
const oddPaths = [uuid, uuid.toUpperCase(), 'x', '%00', '%ff', '..%2f..', 'a'.repeat(400), '%F0%9F%91%8B', '0', `${uuid}%20`, '%7B%7D']
const oddContentTypes = [
  'application/json',
  'application/json; charset=utf-16',
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data',
  '',
]
const oddBodies = [
  '',
  '{',
  'null',
  '[]',
  '"text"',
  '{"a":1,"a":2}',
  '{"__proto__":{"type":"queue"}}',
  '\ufeff{}',
  '['.repeat(2_000),
  `{"a":"${'x'.repeat(70_000)}"}`,
]
const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']

/**
 * Creates a source of requests.
 * @param keys credentials that a request may have, as values of Authorization
 */
export function createHostileRequests({ examplesOf, operations }: ServedDocument, keys: readonly string[], random: () => number) {
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T
  const chance = (probability: number): boolean => random() < probability
  const examples = operations.flatMap(({ requestBody }) =>
    Object.values(requestBody?.content ?? {}).flatMap((media) => Object.values(examplesOf(media))),
  )

  /** The value with one or more of its parts replaced, removed, added or repeated. */
  function mutate(value: unknown): unknown {
    if (chance(0.15)) return pick(oddValues)
    if (Array.isArray(value))
      return chance(0.2) ? Array.from({ length: 30 }, () => value[0]) : value.map((item) => (chance(0.5) ? mutate(item) : item))
    if (value === null || typeof value !== 'object') return chance(0.5) ? pick(oddValues) : value
    const entries = Object.entries(value).filter(() => !chance(0.1))
    const changed = entries.map(([name, item]) => [chance(0.03) ? `${name}X` : name, chance(0.4) ? mutate(item) : item] as const)
    return { ...Object.fromEntries(changed), ...(chance(0.1) && { [String(pick(oddValues))]: pick(oddValues) }) }
  }

  function createQuery(operation: Operation): string {
    const names = (operation.parameters ?? []).filter(({ in: place }) => place === 'query').map(({ name }) => name)
    const chosen = [...names, 'unknown'].filter(() => chance(0.3))
    const pairs = chosen.map(
      (name) => `${encodeURIComponent(name)}=${chance(0.1) ? '%' : encodeURIComponent(String(pick(oddValues)).toWellFormed())}`,
    )
    return pairs.length === 0 ? '' : `?${pairs.join('&')}`
  }

  return function nextRequest(): HostileRequest {
    const operation = pick(operations)
    const method = chance(0.05) ? pick(methods) : operation.method
    const path = operation.path.replaceAll(/\{\w+\}/g, () => pick(oddPaths)) + createQuery(operation)
    const hasBody = method !== 'GET' && !chance(0.1)
    const body = chance(0.2) ? pick(oddBodies) : JSON.stringify(mutate(pick(examples)))
    const headers: Record<string, string> = {
      ...(chance(0.9) && {
        authorization: chance(0.9) ? String(keys[0]) : pick([...keys, 'Basic Og==', 'Bearer ', 'Bearer eyJ.e30.x', 'hk_x']),
      }),
      ...(hasBody && { 'content-type': chance(0.85) ? 'application/json' : pick(oddContentTypes) }),
      ...(chance(0.2) && { 'idempotency-key': pick(['k', 'x'.repeat(255), 'x'.repeat(256), 'a b', 'é']) }),
      ...(chance(0.1) && { 'inin-correlation-id': pick(['x', uuid, '317-555-0303', 'x'.repeat(300)]) }),
      ...(chance(0.05) && { traceparent: pick(['00-x', `00-${'0'.repeat(32)}-${'0'.repeat(16)}-00`, 'x'.repeat(9_000)]) }),
      ...(chance(0.02) && { 'x-filler': 'x'.repeat(20_000) }),
    }
    return { operation, method, path, headers, ...(hasBody && { body }) }
  }
}
