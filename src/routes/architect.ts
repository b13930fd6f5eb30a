/** /v1/architect/transfers: the flat twin for Architect's data actions. What is decided is answered with 200, whatever it is (design §2). */
import { setTimeout } from 'node:timers/promises'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import Type from 'typebox'
import { Problem, type ProblemDetails, type RefusalCode } from '../model/problems.ts'
import { answerOf, FlatAnswerSchema, FlatRequestSchema, currentAnswer, refusalOf, type FlatAnswer } from '../architect/flat-response.ts'
import { requestOf } from '../architect/flat-request.ts'
import { normalizeRequest, type NormalizedRequest } from '../transfers/request/normalize-request.ts'
import type { Rules } from '../transfers/stage-context.ts'
import type { Reply } from '../transfers/transfer-service.ts'
import type { Transfer, TransferRecord } from '../model/transfer.ts'
import { answer, problems, ref, security, uuid } from './schemas/shared.ts'

/** Until the transfer's own deadline, and until the answer goes out whatever is under way (architect-and-peers §1.6: at most 8 s). */
const deadlineMs = 7_200
const answerMs = 8_000
/** How often the answer of a request with the same key is asked for while that one is running, ms. */
const againMs = 100
/** For finding out what is under way when time is up, ms. */
const lookMs = 300

/** What is no business answer: our own outage and bad credentials. */
const failures: readonly RefusalCode[] = ['STORE_UNAVAILABLE', 'UNAUTHENTICATED', 'FORBIDDEN']
/** Refusals that name another request's transfer. */
const others: readonly RefusalCode[] = ['TRANSFER_IN_PROGRESS', 'IDEMPOTENCY_KEY_REUSED']

const uuidForm = new RegExp(uuid)
const headerForms = { 'inin-correlation-id': /^[\w.:-]{1,128}$/, 'inin-organization-id': uuidForm }
/** What the platform calls the request and whose it is; what has another form is left aside. */
const platformHeaders = ({ headers }: FastifyRequest): Array<[name: string, value: string]> =>
  Object.entries(headerForms).flatMap(([name, form]) => {
    const value = headers[name]
    return typeof value === 'string' && form.test(value) ? [[name, value]] : []
  })
const facts: Readonly<Record<string, string>> = { 'inin-correlation-id': 'correlationId', 'inin-organization-id': 'organizationId' }
const originOf = (request: FastifyRequest): Record<string, string> =>
  Object.fromEntries(platformHeaders(request).map(([name, value]) => [facts[name], value]))

export interface ArchitectRoutesOptions {
  rules: Rules
  /** The only organisation that may ask; undefined: any. */
  organizationId: string | undefined
}

const summary = { tags: ['architect'], security }
const answers = { 200: answer('What was decided, also where that is a refusal', ref(FlatAnswerSchema)), ...problems }

export const architectRoutes: FastifyPluginAsyncTypebox<ArchitectRoutesOptions> = async (app, { rules, organizationId }) => {
  // Flows send what they have: everything that is JSON is read, and what does not fit is told with 200.
  app.setValidatorCompiler(() => () => true)

  app.addHook('onRequest', async (request, reply) => {
    marked(request, reply)
    if (organizationId === undefined || originOf(request)['organizationId']?.toLowerCase() === organizationId) return
    await app.auth.rejectAndAudit(
      request,
      new Problem('FORBIDDEN', 'ININ-Organization-Id does not name the organisation that this service is for.'),
    )
  })
  app.addHook('onSend', async (request, reply) => marked(request, reply))
  app.setErrorHandler((error, request, reply) => {
    const allowed = request.routeOptions.config.scopes?.some((scope) => request.caller?.scopes.includes(scope))
    if (!(error instanceof Problem) || !allowed || failures.includes(error.code)) throw error
    request.problem = error
    return reply.code(200).type('application/json; charset=utf-8').send(refusalOf(error))
  })

  /** The transfer that a refusal is about, for what is known of it; undefined also where the ledger does not tell now. */
  const refused = async ({ code, particulars: { transferId } }: Problem): Promise<TransferRecord | undefined> =>
    transferId === undefined || others.includes(code) ? undefined : app.ledger.transfer(transferId).catch(() => undefined)

  /** The switchboard's answer; a request with the same key that is still running is waited for: the flow would take the call away from it. */
  async function reached(asked: NormalizedRequest, request: FastifyRequest, receivedAt: number): Promise<Reply> {
    const { id = '', queues = null } = request.caller ?? {}
    for (;;) {
      try {
        return await app.transfers.submit(asked, { id, queues }, receivedAt)
      } catch (error) {
        const running = error instanceof Problem && error.code === 'IDEMPOTENCY_KEY_IN_USE'
        if (!running || Date.now() + againMs >= receivedAt + answerMs) throw error
        await setTimeout(againMs)
      }
    }
  }

  async function told(asked: NormalizedRequest, request: FastifyRequest, reply: FastifyReply, receivedAt: number): Promise<FlatAnswer> {
    try {
      const { status, body, transferId, replayed } = await reached(asked, request, receivedAt)
      request.transferId = transferId
      if (replayed) void reply.header('idempotent-replayed', 'true')
      if (status < 400) return answerOf(JSON.parse(body) as Transfer)
      const { code, detail, retryAfterSeconds } = JSON.parse(body) as ProblemDetails
      throw new Problem(code, detail, { ...(transferId && { transferId }), ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) })
    } catch (error) {
      if (!(error instanceof Problem) || failures.includes(error.code)) throw error
      request.problem = error
      return refusalOf(error, await refused(error))
    }
  }

  const here = () => ({ node: app.ledger.node, now: Date.now() })

  /** What is known when time is up: somebody else's slower transfer that this one was to be, or nothing, as the ledger is silent. */
  async function late(asked: NormalizedRequest): Promise<FlatAnswer> {
    const open = await Promise.race([app.ledger.openTransfers(asked.conversationId).catch(() => []), setTimeout(lookMs, [])])
    const same = open.find(({ mode, target }) => mode === asked.mode && JSON.stringify(target) === JSON.stringify(asked.target))
    if (same) return currentAnswer(same, here())
    throw new Problem('STORE_UNAVAILABLE', 'No answer was found in time.')
  }

  app.post(
    '/v1/architect/transfers',
    {
      config: { scopes: ['transfers:write'] },
      schema: {
        ...summary,
        operationId: 'requestArchitectTransfer',
        summary: 'Request a transfer, flat in and out',
        description:
          'For data actions. Answers 200 within 8 s with every field, also where the transfer is refused: ok and code tell. 4xx and 5xx only for bad credentials, a body that is no JSON, and an outage of Handoff itself. Asked again after a timeout it answers about the same transfer.',
        body: ref(FlatRequestSchema),
        response: answers,
      },
    },
    async (request, reply) => {
      const receivedAt = Date.now() - Math.round(reply.elapsedTime)
      const key = request.headers['idempotency-key']
      const asked: NormalizedRequest = {
        ...normalizeRequest(
          requestOf(request.body),
          { key: typeof key === 'string' && key !== '' ? key : undefined, traceparent: request.traceparent },
          rules,
        ),
        deadlineMs: Math.min(rules.deadlineMs, deadlineMs),
        origin: originOf(request),
      }
      const bell = new AbortController()
      const timeUp = setTimeout(receivedAt + answerMs - lookMs - Date.now(), undefined, { signal: bell.signal })
      try {
        return await Promise.race([told(asked, request, reply, receivedAt), timeUp.then(() => late(asked))])
      } finally {
        bell.abort()
      }
    },
  )

  app.get(
    '/v1/architect/transfers/:id',
    {
      config: { scopes: ['transfers:read'] },
      schema: {
        ...summary,
        operationId: 'getArchitectTransfer',
        summary: 'Read a transfer, flat',
        params: Type.Object({ id: Type.String({ description: 'The transfer' }) }),
        response: answers,
      },
    },
    async (request) => {
      const id = request.params.id.toLowerCase()
      const record = uuidForm.test(id) ? await app.ledger.transfer(id) : undefined
      if (!record) throw new Problem('INVALID_REQUEST', 'There is no such transfer.', { status: 404, field: 'transferId' })
      request.transferId = id
      return currentAnswer(record, here())
    },
  )
}

/** Names the platform's request in the log and in the answer. */
function marked(request: FastifyRequest, reply: FastifyReply): void {
  const known = platformHeaders(request)
  if (known.every(([name]) => reply.hasHeader(name))) return
  for (const [name, value] of known) void reply.header(name, value)
  request.log = request.log.child(originOf(request))
}
