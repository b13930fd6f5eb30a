/** The pipeline, wired to the platform and the ledger; what an earlier run or a dead node left is taken up. */
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import type { Rules } from '../transfers/stage-context.ts'
import { createTransferService, type TransferService } from '../transfers/transfer-service.ts'

/** How often work without a living owner is looked for, ms. */
const claimEveryMs = 2_000
const claimAtOnce = 500
/** A transfer of this node that is not under way this long after its deadline was left by a write whose fate was unclear, ms. */
const strayAfterMs = 5_000

export interface TransfersPluginOptions {
  rules: Rules
}

async function transfersPlugin(app: FastifyInstance, { rules }: TransfersPluginOptions): Promise<void> {
  const { client: genesys, directory, feed } = app.genesys
  const transfers = createTransferService({
    ledger: app.ledger,
    rules,
    clock: Date.now,
    log: app.log,
    audience: (type) => app.crmWebhooks.audience(type),
    feed,
    observers: app.metrics.pipeline,
    createStageContext: (record, deadline) => ({
      genesys,
      directory,
      rules,
      clock: Date.now,
      log: app.log,
      deadline,
      allowedQueues: record.allowedQueues,
      traceparent: record.traceparent,
    }),
  })

  async function takeUp(): Promise<void> {
    transfers.resume(await app.ledger.strays(Date.now() - rules.deadlineMs - strayAfterMs))
    const orphans = await app.ledger.claim(claimAtOnce)
    if (orphans.length > 0) app.log.info({ transfers: orphans.length }, 'transfers without an owner taken up')
    transfers.resume(orphans)
    if (orphans.length === claimAtOnce && !stopping) await takeUp()
  }
  let stopping = false
  let taking: Promise<void> | undefined
  const turn = (): void => {
    taking ??= takeUp()
      .catch((error: unknown) => app.log.error({ reason: (error as Error).message }, 'work could not be taken up'))
      .finally(() => {
        taking = undefined
      })
  }
  // Not waited for: a node that takes up ten thousand transfers serves requests meanwhile.
  turn()
  const claiming = setInterval(turn, claimEveryMs)

  app.decorate('transfers', transfers)
  app.addHook('preClose', async () => {
    stopping = true
    clearInterval(claiming)
    await taking
  })
  app.addHook('onClose', () => transfers.close())
}

declare module 'fastify' {
  interface FastifyInstance {
    transfers: TransferService
  }
}
export default fp(transfersPlugin, { name: 'transfers', dependencies: ['ledger', 'genesys', 'crm-webhooks'], fastify: '5.x' })
