import type { FastifyReply } from 'fastify'
import type { LoggedCall } from '../platform/call-log.ts'
import type { Trouble } from '../platform/faults.ts'
import { errorBody, errorForStatus, PlatformError } from '../platform/platform-errors.ts'
import type { PlatformAnswer } from '../platform/platform-operation.ts'

const HTML = '<html><head><title>Error</title></head><body><h1>The server returned an error</h1></body></html>'
const SURPRISE = { unexpected: ['not', 'what', 'was', 'promised'] }

/** Sends the answer, or does to the connection what the trouble says. Nothing is sent for a silence: the client waits. */
export function deliver(reply: FastifyReply, entry: LoggedCall, answer: PlatformAnswer, trouble: Trouble | undefined): FastifyReply {
  if (trouble === undefined) return send(reply, entry, answer)
  const { mishap } = trouble
  void reply.headers(trouble.headers)
  switch (mishap.how) {
    case 'resets':
      reply.hijack()
      reply.raw.socket?.resetAndDestroy()
      return reply
    case 'keeps-silent':
      return reply.hijack()
    case 'breaks-off':
      return breakOff(reply, entry, answer)
    case 'answers-with':
      return send(reply, entry, mishap)
    case 'answers': {
      const status = mishap.status === 'usual' ? answer.status : mishap.status
      if (mishap.body === 'html') void reply.type('text/html')
      return send(reply, entry, { status, body: bodyOf(mishap.body, reply, answer, status) })
    }
  }
}

type Kind = Extract<Trouble['mishap'], { how: 'answers' }>['body']

function bodyOf(kind: Kind, reply: FastifyReply, answer: PlatformAnswer, status: number): unknown {
  if (kind === 'usual') return answer.body
  if (kind === 'empty') return undefined
  if (kind === 'html') return HTML
  if (kind === 'wrong-shape') return SURPRISE
  const { code } = errorForStatus(status)
  const error = new PlatformError(code, { values: [String(reply.getHeader('retry-after') ?? '')] })
  return { ...errorBody(error, String(reply.getHeader('inin-correlation-id'))), status }
}

function send(reply: FastifyReply, entry: LoggedCall, { status, body }: PlatformAnswer): FastifyReply {
  entry.status = status
  void reply.code(status)
  if (body === undefined) return reply.send()
  if (!reply.hasHeader('content-type')) void reply.type('application/json; charset=utf-8')
  return reply.send(typeof body === 'string' ? body : JSON.stringify(body))
}

/** The head promises a whole body; half of it comes, then the connection closes. */
function breakOff(reply: FastifyReply, entry: LoggedCall, { status, body }: PlatformAnswer): FastifyReply {
  entry.status = status
  const text = Buffer.from(JSON.stringify(body ?? {}))
  reply.hijack()
  reply.raw.writeHead(status, { 'content-type': 'application/json', 'content-length': text.length })
  reply.raw.write(text.subarray(0, Math.floor(text.length / 2)), () => reply.raw.destroy())
  return reply
}
