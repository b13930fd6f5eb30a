/** The floor: bare Fastify with Handoff's schemas and two upstream calls by undici; nothing is checked, stored or watched. */
import Fastify from 'fastify'
import { Agent, request } from 'undici'
import { TransferRequestSchema, TransferSchema, type TransferRequest } from '../../src/model/transfer.ts'

const [upstream = '', token = ''] = process.argv.slice(2)
const dispatcher = new Agent({ connections: 512, keepAliveTimeout: 60_000 })
const headers = { authorization: `Bearer ${token}` }

const app = Fastify({ ajv: { customOptions: { removeAdditional: false, discriminator: true, coerceTypes: false } } })
app.addSchema(TransferRequestSchema)
app.addSchema(TransferSchema)
app.post<{ Body: TransferRequest }>(
  '/v1/transfers',
  { schema: { body: { $ref: 'TransferRequest#' }, response: { 202: { $ref: 'Transfer#' } } } },
  async ({ body: { conversationId, target, priority = 0 } }, reply) => {
    const began = Date.now()
    const seen = await request(`${upstream}/api/v2/conversations/${conversationId}`, { dispatcher, headers })
    const { participants } = (await seen.body.json()) as { participants: Array<{ id: string; purpose: string }> }
    const holder = participants.find(({ purpose }) => purpose === 'ivr')
    const queueId = 'queueId' in target ? target.queueId : undefined
    const moved = await request(`${upstream}/api/v2/conversations/${conversationId}/participants/${holder?.id}/replace/queue`, {
      method: 'POST',
      dispatcher,
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify({ queueId, transferType: 'Unattended' }),
    })
    await moved.body.dump()
    const at = new Date().toISOString()
    return reply.code(moved.statusCode === 202 ? 202 : 502).send({
      id: conversationId,
      conversationId,
      state: 'initiated',
      code: null,
      message: null,
      mode: 'execute',
      target,
      resolvedTarget: null,
      priority,
      transferDepth: 1,
      transferPath: [],
      latencyMs: Date.now() - began,
      pickupTime: null,
      pickupMs: null,
      agentUserId: null,
      bounces: 0,
      requestedBy: 'floor',
      createdAt: at,
      updatedAt: at,
      correlationIds: [],
    })
  },
)
process.stdout.write(`floor: ${await app.listen({ host: '127.0.0.1', port: 0 })}\n`)
