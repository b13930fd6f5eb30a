/** Receives webhooks of Handoff in Fastify: `app.register(handoffWebhooks, { secrets, onEvent })`. */
import type { FastifyPluginAsync } from 'fastify'
import { isFromHandoff } from './handoff-webhooks.ts'

export interface WebhookOptions {
  /** The secrets that you accept, `whsec_…`. */
  secrets: readonly string[]
  /** Stores the event. When it resolves, Handoff is told that the event was received; when it rejects, Handoff sends it again later. */
  onEvent: (id: string, event: { type: string; timestamp: string; data: Record<string, unknown> }) => Promise<void>
}

export const handoffWebhooks: FastifyPluginAsync<WebhookOptions> = async (app, { secrets, onEvent }) => {
  // Fastify parses JSON before a route sees it. In this plugin, and only here, a body stays the bytes that were signed.
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))

  app.post<{ Body?: Buffer }>('/webhooks/handoff', async ({ headers, body }, reply) => {
    if (!body || !isFromHandoff(headers, body, secrets)) return reply.code(400).send()
    await onEvent(String(headers['webhook-id']), JSON.parse(body.toString()))
    return reply.code(204).send()
  })
}
