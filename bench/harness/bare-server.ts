/** The server that Handoff is compared with: Fastify with the same schemas and two platform calls, without checks, storage or pickup watching. */
import Fastify from 'fastify'
import { request } from 'undici'
import { TransferRequestSchema, TransferSchema, type Transfer, type TransferRequest } from '../../src/model/transfer.ts'
import { createDispatcher } from './http-client.ts'

const [platformUrl = '', token = ''] = process.argv.slice(2)
const dispatcher = createDispatcher()
const headers = { authorization: `Bearer ${token}` }

/** Reads the conversation and moves the call into the queue. Returns whether the platform accepted that. */
async function moveCall({ conversationId, target }: TransferRequest): Promise<boolean> {
  const conversationUrl = `${platformUrl}/api/v2/conversations/${conversationId}`
  const conversation = await request(conversationUrl, { dispatcher, headers })
  const { participants } = (await conversation.body.json()) as { participants: Array<{ id: string; purpose: string }> }
  const ivr = participants.find(({ purpose }) => purpose === 'ivr')
  const queueId = 'queueId' in target ? target.queueId : undefined
  const command = await request(`${conversationUrl}/participants/${ivr?.id}/replace/queue`, {
    method: 'POST',
    dispatcher,
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify({ queueId, transferType: 'Unattended' }),
  })
  await command.body.dump()
  return command.statusCode === 202
}

const app = Fastify({ ajv: { customOptions: { removeAdditional: false, discriminator: true, coerceTypes: false } } })
app.addSchema(TransferRequestSchema)
app.addSchema(TransferSchema)
app.post<{ Body: TransferRequest }>(
  '/v1/transfers',
  { schema: { body: { $ref: 'TransferRequest#' }, response: { 202: { $ref: 'Transfer#' } } } },
  async ({ body }, reply) => {
    const startedAt = Date.now()
    const isMoved = await moveCall(body)
    const at = new Date().toISOString()
    const transfer: Transfer = {
      id: body.conversationId,
      conversationId: body.conversationId,
      state: 'initiated',
      code: null,
      message: null,
      mode: 'execute',
      target: body.target,
      resolvedTarget: null,
      considered: [],
      hops: [],
      priority: body.priority ?? 0,
      summary: null,
      reason: null,
      transferDepth: 1,
      transferPath: [],
      latencyMs: Date.now() - startedAt,
      pickupTime: null,
      pickupMs: null,
      agentUserId: null,
      callbackConversationId: null,
      bounces: 0,
      requestedBy: 'bare-server',
      createdAt: at,
      updatedAt: at,
      correlationIds: [],
    }
    return reply.code(isMoved ? 202 : 502).send(transfer)
  },
)
process.stdout.write(`bare server: ${await app.listen({ host: '127.0.0.1', port: 0 })}\n`)
