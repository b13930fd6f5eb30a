/** /health: the process is alive. /ready: the ledger can be written and the platform issues tokens. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import Type from 'typebox'
import { jsonResponse, problemResponses } from './schemas/responses.ts'

const tags = ['health']
/** Load balancers probe often: a result of the checks is reused for this time, ms. */
const reuseMs = 1_000
const platformTimeoutMs = 3_000

const Readiness = Type.Object({
  status: Type.Enum(['ready', 'not_ready', 'stopping'], { type: 'string' }),
  ledger: Type.String(),
  platform: Type.String(),
})

/** 'ready', or the message of the error. */
const checkResult = (check: Promise<void>): Promise<string> =>
  check.then(
    () => 'ready',
    (error: unknown) => (error as Error).message,
  )

export const healthRoutes: FastifyPluginAsyncTypebox = async (app) => {
  let latest: { startedAt: number; results: Promise<{ ledger: string; platform: string }> } | undefined

  async function runChecks(): Promise<{ ledger: string; platform: string }> {
    const [ledger, platform] = await Promise.all([
      checkResult(app.ledger.checkWritable()),
      checkResult(app.genesys.client.waitForToken(Date.now() + platformTimeoutMs)),
    ])
    return { ledger, platform }
  }
  function recentResults(): Promise<{ ledger: string; platform: string }> {
    if (!latest || Date.now() - latest.startedAt > reuseMs) latest = { startedAt: Date.now(), results: runChecks() }
    return latest.results
  }

  app.get(
    '/health',
    {
      config: { isServedWhileClosing: true },
      schema: {
        operationId: 'health',
        tags,
        summary: 'Is the process alive',
        response: {
          200: jsonResponse(
            'Alive',
            Type.Object({
              status: Type.Literal('alive'),
              watching: Type.Integer({ description: 'Transfers that are watched for their pickup or outcome' }),
            }),
          ),
          ...problemResponses,
        },
      },
    },
    () => ({ status: 'alive' as const, watching: app.transfers.watching }),
  )

  app.get(
    '/ready',
    {
      config: { isServedWhileClosing: true },
      schema: {
        operationId: 'ready',
        tags,
        summary: 'Can it transfer calls now',
        response: { 200: jsonResponse('Ready', Readiness), 503: jsonResponse('Not ready', Readiness), ...problemResponses },
      },
    },
    async (_request, reply) => {
      const { ledger, platform } = await recentResults()
      const isReady = ledger === 'ready' && platform === 'ready' && !app.isDraining
      const status = app.isDraining ? 'stopping' : isReady ? 'ready' : 'not_ready'
      return reply.code(isReady ? 200 : 503).send({ status, ledger, platform })
    },
  )
}
