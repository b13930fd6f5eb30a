/** /v1/transfers: requests a transfer, reads it and its audit entries, changes it while its call waits, and settles it. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { Type } from '../model/json-schema.ts'
import { limitedToReadable } from '../auth/restriction.ts'
import { uuidPattern } from '../model/formats/patterns.ts'
import { Problem } from '../model/problems.ts'
import { asTransfer, DryRunSchema, TransferRequestSchema, TransferSchema, type TransferRequest } from '../model/transfer.ts'
import { normalizeChange } from '../transfers/changes/routing-change.ts'
import { normalizeRequest } from '../transfers/request/normalize-request.ts'
import type { Rules } from '../transfers/stage-context.ts'
import { settlements } from '../transfers/unknown-outcome/operator-settlement.ts'
import { requireCaller } from './caller.ts'
import { expandNames, expandParameter, namesField } from './transfer-history/expand-names.ts'
import { findTransfer } from './transfer-history/find-transfer.ts'
import { responseCodec } from './transfer-response.ts'
import { AuditEntrySchema } from './schemas/audit.ts'
import { pipelineRefusals, platformRefusals } from './schemas/pipeline-refusals.ts'
import { TransferChangeSchema } from './schemas/transfer-change.ts'
import { parseList } from './schemas/query.ts'
import { jsonResponse, ref } from './schemas/responses.ts'
import { epochMs } from '../model/clock.ts'

const tags = ['transfers']
const TransferParams = Type.Object({ id: Type.String({ description: 'The transfer', pattern: uuidPattern }) })
const SettlementSchema = Type.Object(
  {
    state: Type.Enum([...settlements], { type: 'string', description: 'What has become of the call' }),
    reason: Type.String({
      minLength: 3,
      maxLength: 500,
      description: "Why, in the operator's words; what could be a phone number or an address is masked",
    }),
  },
  {
    additionalProperties: false,
    title: 'Settlement',
  },
)

export interface TransferRoutesOptions {
  rules: Rules
}

export const transferRoutes: FastifyPluginAsyncTypebox<TransferRoutesOptions> = async (app, { rules }) => {
  /** @throws Problem FORBIDDEN, with an audit entry, if the request skips checks and the key may not do that */
  async function requireOverrideScope(request: FastifyRequest, { override = [] }: TransferRequest): Promise<void> {
    if (override.length === 0 || requireCaller(request).scopes.includes('transfers:override')) return
    await app.auth.rejectAndAudit(request, new Problem('FORBIDDEN', 'The key lacks the scope transfers:override.', { field: 'override' }))
  }
  // The log line of the request names the transfer, once its id is known to be valid.
  app.addHook('preHandler', async (request) => {
    const { id } = request.params as { id?: string }
    if (id !== undefined) request.transferId = id
  })

  app.post(
    '',
    {
      config: { scopes: ['transfers:write'], refusals: pipelineRefusals, canMoveCall: true },
      schema: {
        operationId: 'requestTransfer',
        tags,
        summary: 'Request a transfer',
        description:
          'Answers as soon as the platform has accepted the transfer; pickup, abandonment and other outcomes follow by webhook and GET. A repeat with the same Idempotency-Key and body gets the same answer; without a key, a request for the same conversation and target joins the transfer that is not final yet.',
        headers: Type.Object({
          'Idempotency-Key': Type.Optional(Type.String({ description: '1 to 255 visible ASCII characters; kept for at least 72 h' })),
        }),
        body: ref(TransferRequestSchema),
        response: {
          200: jsonResponse('dryRun: what would be done', Type.Unsafe<string>(ref(DryRunSchema))),
          202: {
            ...jsonResponse('Accepted by the platform (execute) or decided (decide)', Type.Unsafe<string>(ref(TransferSchema))),
            headers: {
              Location: { type: 'string', description: 'The transfer' },
              'Idempotent-Replayed': { type: 'string', description: 'true: this is the response to an earlier request' },
            },
          },
        },
      },
    },
    async (request, reply) => {
      const receivedAt = epochMs() - Math.round(reply.elapsedTime)
      await requireOverrideScope(request, request.body)
      const headers = { key: request.headers['idempotency-key'], traceparent: request.traceparent }
      const normalized = normalizeRequest(request.body, headers, rules)
      const { outcome, replayed, transferId } = await app.transfers.submit(normalized, requireCaller(request), receivedAt)
      request.transferId = transferId
      if (replayed) void reply.header('idempotent-replayed', 'true')
      if ('problem' in outcome) throw outcome.problem
      const { status, body } = responseCodec.encode(outcome)
      if (transferId && status === 202) void reply.header('location', `/v1/transfers/${transferId}`)
      return reply
        .code(status as 200 | 202)
        .type('application/json; charset=utf-8')
        .send(body)
    },
  )

  app.get(
    '/:id',
    {
      config: { scopes: ['transfers:read'], refusals: ['NOT_FOUND'] },
      preValidation: parseList('expand'),
      schema: {
        operationId: 'getTransfer',
        tags,
        summary: 'Read a transfer',
        description: 'As it is now: `state` and `code` say how far it is, or how it ended.',
        params: TransferParams,
        querystring: Type.Object(expandParameter, { additionalProperties: false }),
        response: {
          200: jsonResponse('The transfer', Type.Intersect([ref(TransferSchema), Type.Object(namesField)], { title: 'TransferWithNames' })),
        },
      },
    },
    async (request) => {
      const transfer = asTransfer(await findTransfer(app, request, request.params.id))
      return { ...transfer, ...(await expandNames(app, [transfer], request.query.expand)) }
    },
  )

  app.patch(
    '/:id',
    {
      config: {
        scopes: ['transfers:write'],
        refusals: ['NOT_FOUND', 'STATE_CONFLICT', 'TARGET_NOT_FOUND', 'TARGET_INACTIVE', ...platformRefusals],
      },
      schema: {
        operationId: 'changeTransfer',
        tags,
        summary: 'Change a transfer whose call waits in a queue',
        description:
          'For a transfer that is initiated and whose call is at a queue or a skill; otherwise STATE_CONFLICT. The answer comes once the change is stored; then the platform is asked to put it on the call, and asked again after failures that pass. The audit trail says what came of it. The change is for the place where the call waits now: if the call moves on, the next place has the skills that the request said, and the priority goes along. The same change again changes nothing.',
        params: TransferParams,
        body: ref(TransferChangeSchema),
        response: {
          202: jsonResponse(
            'The transfer as it is to be: `resolvedTarget` has the change, and `priority` stays the one that was requested',
            ref(TransferSchema),
          ),
        },
      },
    },
    async (request, reply) => {
      const change = normalizeChange(request.body)
      const caller = limitedToReadable(requireCaller(request))
      return reply.code(202).send(asTransfer(await app.transfers.change(request.params.id.toLowerCase(), change, caller)))
    },
  )

  app.get(
    '/:id/audit',
    {
      config: { scopes: ['transfers:read', 'audit:read'], refusals: ['NOT_FOUND'] },
      schema: {
        operationId: 'auditOfTransfer',
        tags,
        summary: 'Read the audit entries of a transfer, in order',
        description: 'What was requested, by whom, what was done, and what the CRM was told.',
        params: TransferParams,
        response: {
          200: jsonResponse('Its entries', Type.Object({ entries: Type.Array(ref(AuditEntrySchema)) }, { title: 'AuditEntryList' })),
        },
      },
    },
    async (request) => {
      const { id } = await findTransfer(app, request, request.params.id)
      return { entries: await app.ledger.findAuditEntries(id) }
    },
  )

  app.post(
    '/:id/settle',
    {
      config: { scopes: ['transfers:settle'], refusals: ['NOT_FOUND', 'STATE_CONFLICT'] },
      schema: {
        operationId: 'settleTransfer',
        tags,
        summary: 'Settle an indeterminate transfer',
        description:
          'For an operator who knows what the platform does not report: the call was moved (initiated: it is watched for the pickup), it was not (rejected), the caller had hung up (abandoned), or the transfer failed (failed). Recorded in the audit trail with the reason.',
        params: TransferParams,
        body: SettlementSchema,
        response: { 200: jsonResponse('The settled transfer', ref(TransferSchema)) },
      },
    },
    async (request) => {
      const { state, reason } = request.body
      return asTransfer(await app.transfers.settle(request.params.id.toLowerCase(), state, reason, requireCaller(request)))
    },
  )
}
