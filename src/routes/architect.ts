/**
 * /v1/architect/transfers: requests and reads transfers in the flat form that Architect's data actions need. Whatever a flow can react to
 * is answered with 200, even a refusal, because a flow cannot read the body of an error (docs/genesys-cloud.md rule 87).
 */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '../model/json-schema.ts'
import { normalizeFlatRequest, toFlatProblem } from '../architect/flat-request.ts'
import { FlatRequestSchema } from '../architect/flat-request-schema.ts'
import { FlatAnswerSchema, toFlatRefusal } from '../architect/flat-response.ts'
import { createFlatTransfers, isFailure } from '../architect/flat-transfers.ts'
import { isUuid } from '../model/formats/patterns.ts'
import { Problem } from '../model/problems.ts'
import type { Rules } from '../transfers/stage-context.ts'
import { requireCaller } from './caller.ts'
import { statusOf } from './problem-response.ts'
import { jsonResponse, ref } from './schemas/responses.ts'
import { epochMs } from '../model/clock.ts'

export interface ArchitectRoutesOptions {
  rules: Rules
  /** The only Genesys Cloud organization whose requests are accepted; undefined: any. */
  organizationId: string | undefined
}

const tags = ['architect']
const response = { 200: jsonResponse('The answer, even if it is a refusal', ref(FlatAnswerSchema)) }

export const architectRoutes: FastifyPluginAsyncTypebox<ArchitectRoutesOptions> = async (app, { rules, organizationId }) => {
  const flatTransfers = createFlatTransfers({
    transfers: app.transfers,
    ledger: app.ledger,
    rules,
    clock: epochMs,
  })

  app.addHook('onRequest', async (request) => {
    if (organizationId === undefined || String(request.headers['inin-organization-id']).toLowerCase() === organizationId) return
    await app.auth.rejectAndAudit(
      request,
      new Problem('FORBIDDEN', 'ININ-Organization-Id does not name the organization that this service accepts.'),
    )
  })
  app.setErrorHandler((error, request, reply) => {
    // As on every other route, an error status is the answer to a caller that is not authorized, to a body that is not JSON, and to an outage.
    const isAuthorized = request.routeOptions.config.scopes?.some((scope) => request.caller?.scopes.includes(scope))
    if (!(error instanceof Problem) || !isAuthorized || isFailure(error) || statusOf(error) === 415) throw error
    request.problem = error
    return reply.code(200).type('application/json; charset=utf-8').send(toFlatRefusal(error))
  })

  app.post(
    '',
    {
      config: { scopes: ['transfers:write'], canMoveCall: true, echoesPlatformHeaders: true },
      // The handler answers an invalid request itself, because that is a refusal with status 200.
      attachValidation: true,
      schema: {
        operationId: 'requestArchitectTransfer',
        tags,
        summary: 'Request a transfer (flat request and response)',
        description:
          'For data actions. Answers 200 within 8 s with every field, also when the transfer is refused: see ok and code. 4xx and 5xx only for bad credentials, a body that is not JSON, and an outage of Handoff itself. A repeat after a timeout is answered with the same transfer.',
        body: ref(FlatRequestSchema),
        response,
      },
    },
    async (request, reply) => {
      const receivedAt = epochMs() - Math.round(reply.elapsedTime)
      const [violation] = request.validationError?.validation ?? []
      if (violation) throw toFlatProblem(violation, request.body)
      // A flow cannot leave a header out, so an empty key counts as no key.
      const key = request.headers['idempotency-key'] || undefined
      const normalized = normalizeFlatRequest(
        request.body,
        { key: typeof key === 'string' ? key : undefined, traceparent: request.traceparent },
        rules,
      )
      const submission = await flatTransfers.submit({ ...normalized, origin: request.platformOrigin }, requireCaller(request), receivedAt)
      request.transferId = submission.transferId
      request.problem = submission.problem
      if (submission.isReplay) void reply.header('idempotent-replayed', 'true')
      return submission.answer
    },
  )

  app.get(
    '/:id',
    {
      config: { scopes: ['transfers:read'], echoesPlatformHeaders: true },
      schema: {
        operationId: 'getArchitectTransfer',
        tags,
        summary: 'Read a transfer (flat response)',
        description: 'For data actions, as it is now. An unknown id is answered with 200, too: see ok and code.',
        // An id that is not a UUID is answered like an unknown id. Without an id, the address itself is invalid.
        params: Type.Object({ id: Type.String({ description: 'The transfer', pattern: '\\S' }) }),
        response,
      },
    },
    async (request) => {
      const id = request.params.id.toLowerCase()
      const answer = isUuid(id) ? await flatTransfers.find(id, requireCaller(request)) : undefined
      if (!answer) throw new Problem('NOT_FOUND', 'There is no such transfer.', { field: 'transferId' })
      request.transferId = id
      return answer
    },
  )
}
