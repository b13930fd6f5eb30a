/** The transfer services, connected to the ledger and the platform. It takes over transfers that an earlier run or a dead node has left unfinished. */
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { StoreUnavailable } from '../ledger/contract/errors.ts'
import { responseCodec } from '../routes/transfer-response.ts'
import type { Rules } from '../transfers/stage-context.ts'
import { createBulkTransferService, type BulkTransferService } from '../transfers/submission/bulk/bulk-transfer-service.ts'
import { createTransferService, type TransferService } from '../transfers/transfer-service.ts'
import { epochMs, monotonicMs } from '../model/clock.ts'

const takeoverIntervalMs = 2_000
const takeoverBatchSize = 500
/**
 * A transfer of this node is stalled if it is still `accepted` or `executing` this long after its deadline, ms. Its opening was reported as
 * failed but had been committed, so the node does not know that it owns the transfer.
 */
const stalledAfterMs = 5_000

export interface TransfersPluginOptions {
  rules: Rules
}

async function transfersPlugin(app: FastifyInstance, { rules }: TransfersPluginOptions): Promise<void> {
  const { client: genesys, directory, conditions, feed } = app.genesys
  const transfers = createTransferService({
    ledger: app.ledger,
    rules,
    clock: epochMs,
    log: app.log,
    findEndpointIds: (eventType) => app.crmWebhooks.endpointIdsFor(eventType),
    codec: responseCodec,
    feed,
    observers: app.metrics.pipeline,
    createStageContext: (record, deadline) => ({
      genesys,
      directory,
      conditions,
      rules,
      clock: epochMs,
      log: app.log,
      deadline,
      traceparent: record.traceparent,
    }),
  })

  const bulkTransfers = createBulkTransferService({
    ledger: app.ledger,
    genesys,
    directory,
    submit: transfers.submit,
    findKey: (id) => app.auth.findKeyById(id),
    rules,
    clock: epochMs,
    log: app.log,
  })

  let isOriginal = false
  /** Before anything is taken over: what was open in a copy may have been done where it was copied from. */
  async function adoptCopy(): Promise<void> {
    if (isOriginal) return
    await transfers.adoptCopy()
    isOriginal = true
  }
  // If the ledger fails now, the first takeover that reaches it does this.
  await adoptCopy().catch((error: unknown) => {
    if (!(error instanceof StoreUnavailable)) throw error
  })

  let isClosing = false
  let runningTakeover: Promise<void> | undefined

  let takenOverAt = monotonicMs()
  /** Resumes the stalled transfers of this node, and all transfers whose owner is gone. */
  async function takeOver(): Promise<void> {
    await adoptCopy()
    transfers.resume(await app.ledger.findStalled(epochMs() - rules.deadlineMs - stalledAfterMs))
    let claimed
    do {
      claimed = await app.ledger.claimTransfers(takeoverBatchSize)
      if (claimed.length > 0) app.log.info({ transfers: claimed.length }, 'took over transfers without an owner')
      transfers.resume(claimed)
    } while (claimed.length === takeoverBatchSize && !isClosing)
    await bulkTransfers.takeOver()
    takenOverAt = monotonicMs()
  }
  function startTakeover(): void {
    runningTakeover ??= takeOver()
      .catch((error: unknown) => {
        if (!(error instanceof StoreUnavailable)) app.log.error({ reason: (error as Error).message }, 'transfers could not be taken over')
      })
      .finally(() => {
        runningTakeover = undefined
      })
  }
  // The first takeover is not awaited, so that a node serves requests even while it takes over thousands of transfers.
  startTakeover()
  const timer = setInterval(startTakeover, takeoverIntervalMs)

  app.decorate('transfers', transfers)
  app.decorate('bulkTransfers', bulkTransfers)
  app.decorate('takeoverAgeMs', () => monotonicMs() - takenOverAt)
  app.addHook('preClose', async () => {
    isClosing = true
    clearInterval(timer)
    await runningTakeover
    await bulkTransfers.close()
  })
  app.addHook('onClose', () => transfers.close())
}

declare module 'fastify' {
  interface FastifyInstance {
    transfers: TransferService
    bulkTransfers: BulkTransferService
    /** Time since this node last took over what nodes without a lease have left, ms. */
    takeoverAgeMs(): number
  }
}
export default fp(transfersPlugin, {
  name: 'transfers',
  dependencies: ['ledger', 'auth', 'genesys', 'crm-webhooks', 'metrics'],
  fastify: '5.x',
})
