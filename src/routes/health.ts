/** /health: the process answers. /ready: the ledger takes writes and the platform gives us a token. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import Type from 'typebox'
import { answer, problems } from './schemas/shared.ts'

const tags = ['health']
/** Readiness is asked often; its answer is this old at most, ms. */
const fresh = 1_000
const platformTimeoutMs = 3_000

export const healthRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const part = (proof: Promise<void>): Promise<string> =>
    proof.then(
      () => 'ready',
      (error: unknown) => (error as Error).message,
    )
  let judged: { at: number; parts: Promise<{ ledger: string; platform: string }> } | undefined
  function judge() {
    if (!judged || Date.now() - judged.at > fresh) {
      const ledger = part(app.ledger.probe())
      const platform = part(app.genesys.client.ready(Date.now() + platformTimeoutMs))
      judged = { at: Date.now(), parts: Promise.all([ledger, platform]).then(([one, other]) => ({ ledger: one, platform: other })) }
    }
    return judged.parts
  }

  app.get(
    '/health',
    {
      config: { whileStopping: true },
      schema: {
        operationId: 'health',
        tags,
        summary: 'Is the process alive',
        response: {
          200: answer(
            'Alive',
            Type.Object({ status: Type.Literal('alive'), watching: Type.Integer({ description: 'Transfers under watch' }) }),
          ),
          ...problems,
        },
      },
    },
    () => ({ status: 'alive' as const, watching: app.transfers.watching }),
  )

  const Readiness = Type.Object({
    status: Type.Enum(['ready', 'not_ready', 'stopping'], { type: 'string' }),
    ledger: Type.String(),
    platform: Type.String(),
  })
  app.get(
    '/ready',
    {
      config: { whileStopping: true },
      schema: {
        operationId: 'ready',
        tags,
        summary: 'Can it transfer calls now',
        response: { 200: answer('Ready', Readiness), 503: answer('Not now', Readiness), ...problems },
      },
    },
    async (_request, reply) => {
      const { ledger, platform } = await judge()
      const ready = ledger === 'ready' && platform === 'ready' && !app.isDraining
      return reply.code(ready ? 200 : 503).send({ status: app.isDraining ? 'stopping' : ready ? 'ready' : 'not_ready', ledger, platform })
    },
  )
}
