/** Which refusals an operation can be answered with, and how the document describes them: by status, with an example for each code. */
import type { Problem, RefusalCode } from '../../model/problems.ts'
import { problemDetails, statusOf } from '../../routes/problem-response.ts'
import type { Examples, OpenApiDocument, ResponseObject } from './document-types.ts'
import {
  exampleOf,
  forbiddenExample,
  notFoundExample,
  unexpectedErrorExample,
  unreadableExample,
  type RefusalExample,
} from './examples/problems.ts'
import type { RouteFacts } from './route-facts.ts'

/** The statuses with which a body that cannot be read is refused: too large, and not JSON. */
const bodyStatuses = [413, 415]
/** The status with which an address is refused whose parameter is too long. */
const addressStatus = 414

/** An example of each refusal of a route: its own, and those that follow from what it is. */
function listRefusals({ method, url, scopes, refusals, canMoveCall, isServedWhileClosing }: RouteFacts): RefusalExample[] {
  const codes: RefusalCode[] = [
    'INVALID_REQUEST',
    ...(scopes ? (['UNAUTHENTICATED', 'TOO_MANY_REQUESTS'] as const) : []),
    ...refusals,
    ...(isServedWhileClosing ? [] : (['OVERLOADED'] as const)),
    ...(scopes ? (['STORE_UNAVAILABLE'] as const) : []),
  ]
  const unreadableStatuses = [...(method === 'GET' ? [] : bodyStatuses), ...(url.includes('/:') ? [addressStatus] : [])]
  return [
    ...codes.map((code) => (code === 'NOT_FOUND' ? notFoundExample(url) : exampleOf(code))),
    ...(scopes ? [forbiddenExample(scopes)] : []),
    ...unreadableStatuses.map(unreadableExample),
    unexpectedErrorExample({ canMoveCall, canRetry: method === 'GET' }),
  ]
}

/** What a code means; with a status that it does not usually have, why it has this one. */
function describeProblem(problem: Problem): string {
  const isUsual = statusOf(problem) === statusOf(exampleOf(problem.code).problem)
  return `\`${problem.code}\`: ${isUsual ? problem.title : problem.message.replace(/\.$/, '')}`
}

/** A response that lists its codes, with references to their examples. */
function describeResponse(status: number, refusals: readonly RefusalExample[]): ResponseObject {
  const problems = refusals.map(({ problem }) => problem)
  const headers = {
    ...(status === 401 && { 'WWW-Authenticate': { $ref: '#/components/headers/WWW-Authenticate' } }),
    ...(problems.some(({ retryable, retryAfterSeconds }) => retryable && retryAfterSeconds !== undefined) && {
      'Retry-After': { $ref: '#/components/headers/Retry-After' },
    }),
  }
  return {
    description: problems.map(describeProblem).join('\n\n'),
    ...(Object.keys(headers).length > 0 && { headers }),
    content: {
      'application/problem+json': {
        schema: { $ref: '#/components/schemas/Problem' },
        examples: Object.fromEntries(refusals.map(({ name, problem }) => [problem.code, { $ref: `#/components/examples/${name}` }])),
      },
    },
  }
}

const headers = {
  'Retry-After': { description: 'Seconds after which the same request may be sent again', schema: { type: 'integer', minimum: 0 } },
  'WWW-Authenticate': { description: 'How a caller can authenticate', schema: { type: 'string', examples: ['Bearer'] } },
}

/** Adds to every operation the responses for its refusals. A response that the route itself describes stays. */
export function addRefusals({ paths, components }: OpenApiDocument, routes: ReadonlyMap<string, RouteFacts>): void {
  const examples: Examples = {}
  for (const operation of Object.values(paths).flatMap((item) => Object.values(item))) {
    const route = routes.get(operation.operationId)
    if (!route) continue
    for (const [status, refusals] of Map.groupBy(listRefusals(route), ({ problem }) => statusOf(problem))) {
      if (status in operation.responses) continue
      operation.responses[status] = describeResponse(status, refusals)
      for (const { name, problem } of refusals) examples[name] = { summary: problem.title, value: problemDetails(problem) }
    }
  }
  const sorted = Object.entries(examples).toSorted(([a], [b]) => a.localeCompare(b))
  components.examples = { ...components.examples, ...Object.fromEntries(sorted) }
  components.headers = headers
}
