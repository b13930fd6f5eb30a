/** /health: the process is alive. /ready: the ledger can be written, and the platform issues tokens and answers. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '../model/json-schema.ts'
import { describeLedgerFailure, describePlatformFailure } from './not-ready-reasons.ts'
import { jsonResponse } from './schemas/responses.ts'
import { epochMs, monotonicMs } from '../model/clock.ts'

const tags = ['health']
/** Load balancers probe often, so the result of the platform's check is reused for this time, ms. The ledger's check limits itself. */
const reuseMs = 1_000
const platformTimeoutMs = 3_000

const partStatuses = ['ready', 'not available'] as const
type PartStatus = (typeof partStatuses)[number]
const PartStatus = Type.Enum([...partStatuses], { type: 'string' })

const Readiness = Type.Object(
  {
    status: Type.Enum(['ready', 'not_ready', 'stopping'], { type: 'string' }),
    ledger: PartStatus,
    platform: PartStatus,
    reasons: Type.Optional(
      Type.Array(Type.String(), { description: 'What is not available, and what to do; the details are in the log of the service' }),
    ),
  },
  { title: 'Readiness' },
)

type Part = 'ledger' | 'platform'
/** The parts that are not available, each with the reason in words that anyone may read. */
type Failures = Partial<Record<Part, string>>
const statusOf = (failure: string | undefined): PartStatus => (failure === undefined ? 'ready' : 'not available')

export const healthRoutes: FastifyPluginAsyncTypebox = async (app) => {
  let latest: { startedAt: number; result: Promise<void> } | undefined
  /** The error message of each part that was not available at the last check. */
  const lastErrors = new Map<Part, string>()

  /** Whether the log has a warning or an error about it: then this is no news. The ledger logs every failure itself. */
  const isOutageLogged = (part: Part): boolean => part === 'ledger' || app.genesys.isOutageLogged()

  /** Anyone may read the response, so the error itself is only logged, and only when it is a new one. */
  async function check(part: Part, result: Promise<void>, describe: (error: unknown) => string): Promise<Failures> {
    try {
      await result
      if (lastErrors.delete(part)) app.log.info({ part }, 'ready again')
      return {}
    } catch (error) {
      const reason = (error as Error).message
      if (lastErrors.get(part) !== reason) app.log[isOutageLogged(part) ? 'info' : 'warn']({ part, reason }, 'not ready')
      lastErrors.set(part, reason)
      return { [part]: describe(error) }
    }
  }
  async function checkPlatform(): Promise<void> {
    const { client } = app.genesys
    await client.waitForToken(epochMs() + platformTimeoutMs)
    await client.checkReachable()
    // The check may have found out that the token was revoked.
    await client.waitForToken(epochMs() + platformTimeoutMs)
  }
  function checkPlatformSometimes(): Promise<void> {
    if (!latest || monotonicMs() - latest.startedAt > reuseMs) latest = { startedAt: monotonicMs(), result: checkPlatform() }
    return latest.result
  }
  async function findFailures(): Promise<Failures> {
    const [ledger, platform] = await Promise.all([
      check('ledger', app.checkLedger(), describeLedgerFailure),
      check('platform', checkPlatformSometimes(), describePlatformFailure),
    ])
    return { ...ledger, ...platform }
  }

  app.get(
    '/health',
    {
      config: { isServedWhileClosing: true },
      schema: {
        operationId: 'health',
        tags,
        summary: 'Is the process alive',
        description: 'For the liveness probe of a container: it asks neither the ledger nor the platform.',
        response: {
          200: jsonResponse(
            'Alive',
            Type.Object(
              {
                status: Type.Literal('alive'),
                watching: Type.Integer({ description: 'Transfers that are watched for their pickup or outcome' }),
              },
              { title: 'Liveness' },
            ),
          ),
        },
      },
    },
    () => ({ status: 'alive' as const, watching: app.transfers.watchedTransfers }),
  )

  app.get(
    '/ready',
    {
      config: { isServedWhileClosing: true },
      schema: {
        operationId: 'ready',
        tags,
        summary: 'Can it transfer calls now',
        description: 'For the readiness probe of a load balancer: the ledger can be written, and the platform answers.',
        response: { 200: jsonResponse('Ready', Readiness), 503: jsonResponse('Not ready', Readiness) },
      },
    },
    async (_request, reply) => {
      const failures = await findFailures()
      const reasons = Object.values(failures)
      const isReady = reasons.length === 0 && !app.isDraining
      const status = app.isDraining ? 'stopping' : isReady ? 'ready' : 'not_ready'
      const parts = { ledger: statusOf(failures.ledger), platform: statusOf(failures.platform) }
      return reply.code(isReady ? 200 : 503).send({ status, ...parts, ...(reasons.length > 0 && { reasons }) })
    },
  )
}
