/**
 * /mcp: tools for AI agents (Model Context Protocol over streamable HTTP, stateless). Only with MCP=on; src/app.ts loads this file only then.
 * A request has one message, so whatever limits requests limits calls of tools (docs/mcp.md).
 */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { localhostAllowedOrigins, validateOriginHeader } from '@modelcontextprotocol/server'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { normalizeFlatRequest, toFlatProblem } from '../architect/flat-request.ts'
import { FlatRequestSchema } from '../architect/flat-request-schema.ts'
import { createFlatTransfers } from '../architect/flat-transfers.ts'
import type { ApiKey } from '../ledger/contract/api-keys.ts'
import { runTool, type CallerOfTools } from '../mcp/run-tool.ts'
import { answerMessage } from '../mcp/server.ts'
import { createSubmitRequest } from '../mcp/submit-request.ts'
import { epochMs } from '../model/clock.ts'
import { Problem } from '../model/problems.ts'
import { targetTypes, type TargetType } from '../model/target-schema.ts'
import type { Rules } from '../transfers/stage-context.ts'
import { requireCaller } from './caller.ts'
import { toJsonRpcError } from './mcp-errors.ts'
import { HttpProblem, problemContentType } from './problem-response.ts'
import { ref } from './schemas/responses.ts'

export interface McpRoutesOptions {
  rules: Rules
}

/** The types of target that are offered to a caller. The pipeline refuses what else the caller may not use. */
function offeredTargetTypes({ queues }: ApiKey, { allowedNumbers }: Rules): readonly TargetType[] {
  if (queues !== null) return ['queue', 'skill', 'callback']
  return allowedNumbers.length > 0 ? targetTypes : targetTypes.filter((type) => type !== 'number')
}

/** The headers that the protocol reads. Others, such as the key, are none of its business. */
function pickProtocolHeaders({ headers }: FastifyRequest): Headers {
  const picked = new Headers()
  for (const [name, value] of Object.entries(headers))
    if (/^(?:accept|content-type|mcp-.*)$/.test(name) && typeof value === 'string') picked.set(name, value)
  return picked
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null && !Array.isArray(value)

/** The one message of a request. @throws Problem INVALID_REQUEST */
function requireMessage(body: unknown): object {
  if (!isObject(body))
    throw new Problem('INVALID_REQUEST', 'Send one JSON-RPC message with each request; the protocol has no batches any more.')
  // The protocol handler would answer with the text of its own validator.
  if ('params' in body && isObject(body.params) && 'arguments' in body.params && !isObject(body.params.arguments))
    throw new Problem('INVALID_REQUEST', 'arguments must be an object.', { field: 'arguments' })
  return body
}

export const mcpRoutes: FastifyPluginAsyncTypebox<McpRoutesOptions> = async (app, { rules }) => {
  const flatTransfers = createFlatTransfers({ transfers: app.transfers, ledger: app.ledger, rules, clock: epochMs })
  const submitRequest = createSubmitRequest({ flatTransfers, ledger: app.ledger, rules })
  // One object, because Fastify keeps the compiled validator by it.
  const flatRequestSchema: Record<string, unknown> = { ...ref(FlatRequestSchema) }

  // A page of another site, or one whose name was made to lead to this machine, must not reach the tools (DNS rebinding).
  app.addHook('onRequest', async (request) => {
    if (validateOriginHeader(request.headers.origin, localhostAllowedOrigins()).ok) return
    await app.auth.rejectAndAudit(request, new Problem('FORBIDDEN', 'The header Origin names a web page that is not of this machine.'))
  })
  // Refusals before there is a message to answer, such as those of keys and limits, are errors of the protocol, too.
  app.addHook('onSend', (request, reply, payload, next) => {
    if (typeof payload !== 'string' || reply.getHeader('content-type') !== problemContentType) return next(null, payload)
    void reply.type('application/json; charset=utf-8')
    next(null, toJsonRpcError(payload, request.body))
  })

  /** The caller of a request, and what tools may do for it. */
  function createCaller(request: FastifyRequest, reply: FastifyReply): CallerOfTools {
    const receivedAt = epochMs() - Math.round(reply.elapsedTime)
    const key = requireCaller(request)
    return {
      async requireScope(scope) {
        if (key.scopes.includes(scope)) return
        await app.auth.rejectAndAudit(request, new Problem('FORBIDDEN', `The key lacks the scope ${scope}.`))
      },
      async submit(flatRequest) {
        const isValid = request.compileValidationSchema(flatRequestSchema)
        if (!isValid(flatRequest)) throw toFlatProblem(isValid.errors![0]!, flatRequest)
        const normalized = normalizeFlatRequest(flatRequest, { traceparent: request.traceparent }, rules)
        const submission = await submitRequest({ ...normalized, origin: request.platformOrigin }, key, receivedAt)
        request.transferId = submission.transferId
        request.problem = submission.problem
        if (submission.isReplay) void reply.header('idempotent-replayed', 'true')
        return submission
      },
      async find(transferId) {
        const answer = await flatTransfers.find(transferId, key)
        if (answer) request.transferId = transferId
        return answer
      },
      onRefusal(problem) {
        request.problem = problem
      },
      onUnexpectedError: (error) => request.log.error({ err: error }, 'an unexpected error in a tool'),
    }
  }

  app.post(
    '',
    { config: { scopes: ['transfers:write', 'transfers:read'], canMoveCall: true }, schema: { hide: true } },
    async (request, reply) => {
      const message = requireMessage(request.body)
      const caller = createCaller(request, reply)
      let failure: Error | undefined
      const response = await answerMessage(
        pickProtocolHeaders(request),
        message,
        {
          targetTypes: offeredTargetTypes(requireCaller(request), rules),
          runTool: (tool, values) => runTool(tool, values, caller),
        },
        (error) => (failure = error),
      )
      if (response.status >= 500) throw failure ?? new Error('the protocol handler failed')
      if (response.status >= 400) request.problem ??= new HttpProblem('INVALID_REQUEST', 'The message is not valid.', response.status)
      const contentType = response.headers.get('content-type')
      if (contentType) void reply.type(contentType)
      // As text, because the auth plugin's onSend hook hides the places that a limited key may not see in text only.
      return reply.code(response.status).send(await response.text())
    },
  )
}
