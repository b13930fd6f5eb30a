/** Answers every error, and every request without a route, with problem details (RFC 9457). */
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { Problem } from '../model/problems.ts'
import { HttpProblem, sendProblem, statusOf } from '../routes/problem-response.ts'
import { recordAllowedMethods } from './errors/allowed-methods.ts'
import { errorToProblem } from './errors/error-to-problem.ts'

/** The path of a request target, which may also be a whole URL (RFC 9112 §3.2.2). */
const pathOf = (target: string): string => target.replace(/^https?:\/\/[^/?]*/i, '').replace(/\?.*/, '')

function problemDetailsPlugin(app: FastifyInstance, _options: object, done: () => void): void {
  app.decorateRequest('problem')
  app.setErrorHandler((error, request, reply) => {
    const problem = errorToProblem(error, request)
    if (statusOf(problem) === 500) request.log.error({ err: error }, 'an unexpected error')
    return sendProblem(request, reply, problem)
  })

  const allowedMethods = recordAllowedMethods(app)
  app.setNotFoundHandler((request, reply) => {
    const path = pathOf(request.url)
    const methods = allowedMethods(path)
    // The router ignores a second slash: to `POST /v1/webhook-deliveries//redeliver` it would answer 405, as if `redeliver` were the id.
    const hasEmptyPart = /[^/]\/\/+[^/]/.test(path)
    if (hasEmptyPart || methods.length === 0 || methods.includes(request.method)) {
      const isFoundWithoutSlash = allowedMethods(path.replace(/\/+$/, '')).includes(request.method)
      const hint = hasEmptyPart ? ' It has two slashes in a row.' : isFoundWithoutSlash ? ' There is, without the slash at its end.' : ''
      return sendProblem(request, reply, new Problem('NOT_FOUND', `There is nothing at this address.${hint}`))
    }
    const allow = methods.join(', ')
    const problem = new HttpProblem('INVALID_REQUEST', `${request.method} is not possible here; ${allow} is.`, 405)
    return sendProblem(request, reply.header('allow', allow), problem)
  })
  done()
}

declare module 'fastify' {
  interface FastifyRequest {
    /** The refusal that the request was answered with. */
    problem: Problem | undefined
  }
  interface FastifyContextConfig {
    /** Requests to this route can move a call, so an unexpected error leaves their outcome unknown. */
    canMoveCall?: boolean
  }
}
export default fp(problemDetailsPlugin, { name: 'problem-details', fastify: '5.x' })
