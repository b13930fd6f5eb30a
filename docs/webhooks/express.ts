/** Receives webhooks of Handoff in Express 5: `app.use(handoffWebhooks({ secrets, onEvent }))`, before any `app.use(express.json())`. */
import express, { type Router } from 'express'
import { isFromHandoff } from './handoff-webhooks.ts'

export interface WebhookOptions {
  /** The secrets that you accept, `whsec_…`. */
  secrets: readonly string[]
  /** Stores the event. When it resolves, Handoff is told that the event was received; when it rejects, Handoff sends it again later. */
  onEvent: (id: string, event: { type: string; timestamp: string; data: Record<string, unknown> }) => Promise<void>
}

export function handoffWebhooks({ secrets, onEvent }: WebhookOptions): Router {
  const router = express.Router()
  // express.json() would leave an object. express.raw() keeps the bytes that were signed, as a Buffer.
  router.post('/webhooks/handoff', express.raw({ type: 'application/json' }), async ({ headers, body }, response) => {
    if (!Buffer.isBuffer(body) || !isFromHandoff(headers, body, secrets)) return void response.sendStatus(400)
    await onEvent(String(headers['webhook-id']), JSON.parse(body.toString()))
    response.sendStatus(204)
  })
  return router
}
