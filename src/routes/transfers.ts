/** /v1/transfers: request a transfer, read it, settle it. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import Type from 'typebox'
import { Problem, type ProblemDetails } from '../model/problems.ts'
import { normalizeRequest } from '../transfers/request/normalize-request.ts'
import type { Rules } from '../transfers/stage-context.ts'
import { asTransfer, DryRunSchema, TransferRequestSchema, TransferSchema } from '../model/transfer.ts'
import { settlements } from '../transfers/unknown-outcome/operator-settlement.ts'
import { answer, AuditEntrySchema, problems, ref, security, uuid } from './schemas/shared.ts'

const tags = ['transfers']
const Id = Type.Object({ id: Type.String({ description: 'The transfer', pattern: uuid }) })
/** The refusal that a stored answer tells, for the log. */
function problemIn(body: string): Problem {
  const { code, detail, transferId } = JSON.parse(body) as ProblemDetails
  return new Problem(code, detail, transferId ? { transferId } : {})
}

export interface TransferRoutesOptions {
  rules: Rules
}

export const transferRoutes: FastifyPluginAsyncTypebox<TransferRoutesOptions> = async (app, { rules }) => {
  const found = async (id: string) => {
    const record = await app.ledger.transfer(id.toLowerCase())
    if (!record) throw new Problem('INVALID_REQUEST', `There is no transfer ${id}.`, { status: 404 })
    return record
  }

  app.post(
    '/v1/transfers',
    {
      config: { scopes: ['transfers:write'] },
      schema: {
        operationId: 'requestTransfer',
        tags,
        security,
        summary: 'Request a transfer',
        description:
          'Answers as soon as the platform has accepted the transfer; pickup, abandonment and the rest follow by webhook and GET. The same Idempotency-Key and body give the same answer; without a key a transfer of the same conversation to the same target that is not final is that transfer.',
        headers: Type.Object({
          'Idempotency-Key': Type.Optional(Type.String({ description: '1 to 255 visible ASCII characters; kept for at least 72 h' })),
        }),
        body: ref(TransferRequestSchema),
        response: {
          200: answer('dryRun: what would be done', Type.Unsafe<string>(ref(DryRunSchema))),
          202: {
            ...answer('Accepted by the platform (execute) or decided (decide)', Type.Unsafe<string>(ref(TransferSchema))),
            headers: {
              Location: { type: 'string', description: 'The transfer' },
              'Idempotent-Replayed': { type: 'string', description: 'true: the answer of an earlier request' },
            },
          },
          ...problems,
        },
      },
    },
    async (request, reply) => {
      const caller = request.caller
      if (!caller) throw new Problem('UNAUTHENTICATED', 'No key.')
      const asked = normalizeRequest(request.body, { key: request.headers['idempotency-key'], traceparent: request.traceparent }, rules)
      const told = await app.transfers.submit(asked, { id: caller.id, queues: caller.queues }, Date.now() - Math.round(reply.elapsedTime))
      request.transferId = told.transferId
      if (told.status >= 400) request.problem = problemIn(told.body)
      if (told.replayed) void reply.header('idempotent-replayed', 'true')
      if (told.transferId && told.status === 202) void reply.header('location', `/v1/transfers/${told.transferId}`)
      return reply
        .code(told.status as 200 | 202)
        .type(`application/${told.status < 400 ? 'json' : 'problem+json'}; charset=utf-8`)
        .send(told.body)
    },
  )

  app.get(
    '/v1/transfers/:id',
    {
      config: { scopes: ['transfers:read'] },
      schema: {
        operationId: 'getTransfer',
        tags,
        security,
        summary: 'Read a transfer',
        params: Id,
        response: { 200: answer('The transfer', ref(TransferSchema)), ...problems },
      },
    },
    async (request) => {
      request.transferId = request.params.id
      return asTransfer(await found(request.params.id))
    },
  )

  app.get(
    '/v1/transfers/:id/audit',
    {
      config: { scopes: ['transfers:read', 'audit:read'] },
      schema: {
        operationId: 'auditOfTransfer',
        tags,
        security,
        summary: 'The audit entries of a transfer, in order',
        params: Id,
        response: { 200: answer('Its entries', Type.Object({ entries: Type.Array(ref(AuditEntrySchema)) })), ...problems },
      },
    },
    async (request) => {
      const { id } = await found(request.params.id)
      request.transferId = id
      return { entries: await app.ledger.auditOf(id) }
    },
  )

  app.post(
    '/v1/transfers/:id/settle',
    {
      config: { scopes: ['transfers:settle'] },
      schema: {
        operationId: 'settleTransfer',
        tags,
        security,
        summary: 'Settle an indeterminate transfer',
        description:
          'For an operator who has found out what the platform does not tell: the call moved (initiated: it is watched on), it did not (rejected), the caller had hung up (abandoned), or it went wrong (failed). Written to the audit trail with the reason.',
        params: Id,
        body: Type.Object(
          {
            state: Type.Enum([...settlements], { type: 'string' }),
            reason: Type.String({ minLength: 3, maxLength: 500, description: "Why, in the operator's words" }),
          },
          {
            additionalProperties: false,
            examples: [{ state: 'rejected', reason: 'The recording shows that the caller stayed in the IVR' }],
          },
        ),
        response: { 200: answer('As it is now', ref(TransferSchema)), ...problems },
      },
    },
    async (request) => {
      request.transferId = request.params.id
      return asTransfer(
        await app.transfers.settle(request.params.id.toLowerCase(), request.body.state, request.body.reason, String(request.caller?.id)),
      )
    },
  )
}
