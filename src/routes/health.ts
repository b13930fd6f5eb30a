/** /health: the process is alive. /ready: the ledger can be written, and the platform issues tokens and answers. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import Type from 'typebox'
import { jsonResponse, problemResponses } from './schemas/responses.ts'
import { epochMs, monotonicMs } from '../model/clock.ts'

const tags = ['health']
/** Load balancers probe often: a result of the checks is reused for this time, ms. */
const reuseMs = 1_000
const platformTimeoutMs = 3_000

const partStatuses = ['ready', 'not available'] as const
type PartStatus = (typeof partStatuses)[number]
const PartStatus = Type.Enum([...partStatuses], { type: 'string', description: 'Why it is not available is in the log of the service' })

const Readiness = Type.Object({
  status: Type.Enum(['ready', 'not_ready', 'stopping'], { type: 'string' }),
  ledger: PartStatus,
  platform: PartStatus,
})

interface Parts {
  ledger: PartStatus
  platform: PartStatus
}

export const healthRoutes: FastifyPluginAsyncTypebox = async (app) => {
  let latest: { startedAt: number; results: Promise<Parts> } | undefined
  /** Why a part was not available at the last check. */
  const reasons = new Map<keyof Parts, string>()

  /** Strangers may ask, so the reason is only logged: once, until it is another one. */
  async function check(part: keyof Parts, checked: Promise<void>): Promise<PartStatus> {
    try {
      await checked
      if (reasons.delete(part)) app.log.info({ part }, 'ready again')
      return 'ready'
    } catch (error) {
      const reason = (error as Error).message
      if (reasons.get(part) !== reason) app.log.warn({ part, reason }, 'not ready')
      reasons.set(part, reason)
      return 'not available'
    }
  }
  async function checkPlatform(): Promise<void> {
    await app.genesys.client.waitForToken(epochMs() + platformTimeoutMs)
    await app.genesys.client.checkReachable()
  }
  async function runChecks(): Promise<Parts> {
    const [ledger, platform] = await Promise.all([check('ledger', app.checkLedger()), check('platform', checkPlatform())])
    return { ledger, platform }
  }
  function recentResults(): Promise<Parts> {
    if (!latest || monotonicMs() - latest.startedAt > reuseMs) latest = { startedAt: monotonicMs(), results: runChecks() }
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
