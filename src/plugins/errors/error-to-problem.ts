/** Which refusal an error becomes: our own error, the ledger's, Fastify's, or an unexpected one. */
import type { FastifyError, FastifyRequest } from 'fastify'
import { LedgerBusy, StoreUnavailable } from '../../ledger/contract/errors.ts'
import { Problem } from '../../model/problems.ts'
import { hasHungUp } from '../../routes/hung-up.ts'
import { bodyTooLarge, HttpProblem } from '../../routes/problem-response.ts'
import { validationProblem } from './validation-problem.ts'

/** Texts for requests that Fastify and Node refuse, by status. Their own messages repeat addresses and bodies, which may contain phone numbers. */
export const transportDetails: Readonly<Record<number, string>> = {
  408: 'The request did not arrive in time.',
  413: bodyTooLarge,
  414: 'The address is too long.',
  415: 'The body must be application/json.',
  416: 'There is nothing in this range.',
  431: 'The headers are too large.',
}
const detailsByErrorCode: Readonly<Record<string, string>> = {
  FST_ERR_CTP_INVALID_JSON_BODY: 'The body is not valid JSON.',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'The body is empty.',
  FST_ERR_BAD_URL: 'The address is not well-formed.',
}

/** The refusal that an error becomes. For an unexpected error it says nothing about the cause. */
export function errorToProblem(error: unknown, request: FastifyRequest): Problem {
  if (error instanceof Problem) return error
  if (error instanceof LedgerBusy) return new Problem('OVERLOADED', 'Too many lists, summaries and exports are being read now.')
  if (error instanceof StoreUnavailable) return new Problem('STORE_UNAVAILABLE', 'The ledger cannot be read or written now.')
  const {
    code = '',
    statusCode = 500,
    validation: [violation] = [],
    validationContext = 'body',
    expose,
  } = (error ?? {}) as Partial<FastifyError> & { expose?: boolean }
  if (violation) return validationProblem(violation, validationContext, request.params)
  if (hasHungUp(request)) return new HttpProblem('INVALID_REQUEST', 'The connection was closed before the request was complete.', 400)
  // `expose` is how http-errors marks an error of the client. The status of any other error says nothing about our caller's request.
  if (statusCode >= 400 && statusCode < 500 && (code.startsWith('FST_') || expose)) {
    const detail = detailsByErrorCode[code] ?? transportDetails[statusCode] ?? 'The request cannot be read.'
    return new HttpProblem('INVALID_REQUEST', detail, statusCode)
  }
  const detail = 'Something went wrong in Handoff itself.'
  // It is not known how far the request got: the platform may have been asked to move the call.
  if (request.routeOptions.config.canMoveCall) return new HttpProblem('OUTCOME_UNKNOWN', detail, 500)
  return new Problem('INTERNAL_ERROR', detail, { retryable: request.method === 'GET' })
}
