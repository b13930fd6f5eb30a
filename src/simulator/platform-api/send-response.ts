/** How a response is sent, with or without a fault. */
import type { FastifyReply } from 'fastify'
import { limitNames } from '../model/limits.ts'
import { createErrorForStatus, PlatformError } from '../model/platform-error.ts'
import type { PlatformResponse } from '../operations/operation.ts'
import { createErrorBody } from './error-body.ts'
import type { FaultEffect } from './fault-effect.ts'
import type { LoggedRequest } from './request-log.ts'

const htmlBody = '<html><head><title>Error</title></head><body><h1>The server returned an error</h1></body></html>'
const wrongShapeBody = { unexpected: ['not', 'what', 'was', 'promised'] }

/**
 * Sends the response, or applies the fault to the response or the connection.
 *
 * @param entry The request's entry in the log, which gets the status that is sent.
 * @param response The response without the fault.
 */
export function sendResponse(
  reply: FastifyReply,
  entry: LoggedRequest,
  response: PlatformResponse,
  effect: FaultEffect | undefined,
): FastifyReply {
  if (effect === undefined) return send(reply, entry, response)
  void reply.headers(effect.headers)
  switch (effect.response.kind) {
    case 'reset':
      reply.hijack()
      reply.raw.socket?.resetAndDestroy()
      return reply
    case 'no-response':
      // The connection stays open, so that the client waits until its own deadline.
      return reply.hijack()
    case 'half-response':
      return sendHalf(reply, entry, response)
    case 'respond-with':
      return send(reply, entry, effect.response)
    case 'respond': {
      const { status: faultStatus, body: bodyKind, limitScope = 'token' } = effect.response
      const status = faultStatus === 'normal' ? response.status : faultStatus
      if (bodyKind === 'html') void reply.type('text/html')
      return send(reply, entry, { status, body: createBody(bodyKind, reply, response, { status, limitScope }) })
    }
  }
}

type BodyKind = Extract<FaultEffect['response'], { kind: 'respond' }>['body']

function createBody(
  kind: BodyKind,
  reply: FastifyReply,
  response: PlatformResponse,
  { status, limitScope }: { status: number; limitScope: keyof typeof limitNames },
): unknown {
  if (kind === 'normal') return response.body
  if (kind === 'empty') return undefined
  if (kind === 'html') return htmlBody
  if (kind === 'wrong-shape') return wrongShapeBody
  const { code } = createErrorForStatus(status)
  const error = new PlatformError(code, { values: [String(reply.getHeader('retry-after') ?? '')], limit: limitNames[limitScope] })
  return { ...createErrorBody(error, String(reply.getHeader('inin-correlation-id'))), status }
}

function send(reply: FastifyReply, entry: LoggedRequest, { status, body }: PlatformResponse): FastifyReply {
  entry.status = status
  void reply.code(status)
  if (body === undefined) return reply.send()
  if (!reply.hasHeader('content-type')) void reply.type('application/json; charset=utf-8')
  return reply.send(typeof body === 'string' ? body : JSON.stringify(body))
}

/** Announces the whole body, sends half of it, and closes the connection. */
function sendHalf(reply: FastifyReply, entry: LoggedRequest, { status, body }: PlatformResponse): FastifyReply {
  entry.status = status
  const bytes = Buffer.from(JSON.stringify(body ?? {}))
  reply.hijack()
  reply.raw.writeHead(status, { 'content-type': 'application/json', 'content-length': bytes.length })
  reply.raw.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => reply.raw.destroy())
  return reply
}
