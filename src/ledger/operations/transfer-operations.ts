/** Which tables the operations on transfers use, each in one transaction, and when each transaction must be on disk. */
import type { Change, TransferStore } from '../contract/transfers.ts'
import type { AuditDraft } from '../contract/audit.ts'
import type { Engine, FlushTiming } from '../engine/engine.ts'
import type { QueryGenerator } from '../engine/query.ts'
import { summarizeTransfers } from '../tables/summary.ts'
import type { Tables } from '../tables/tables.ts'
import { findLastMoved, findOpenTransfers, findTransfer, listTransfers } from '../tables/transfer-queries.ts'
import type { LongReads } from './long-reads.ts'
import type { QueueListeners } from './queue-listeners.ts'

/** How many idempotency keys one transaction deletes. */
const keysPerDeletion = 1_000

/**
 * `executing` must be on disk before the command is sent, and a response before the caller gets it. The platform's acceptance (`executing` to
 * `initiated`) need not be: after a power cut Handoff finds it out again, because `executing` is on disk.
 */
function chooseFlush({ from, record: { state }, response }: Change): FlushTiming {
  if (from === 'executing' && state === 'initiated') return 'next'
  return response !== undefined || state === 'executing' ? 'now' : 'soon'
}

const hasEvents = ({ events = [] }: Change): boolean => events.length > 0

export function createTransferOperations(
  engine: Engine,
  tables: Tables,
  queueListeners: QueueListeners,
  longReads: LongReads,
): TransferStore {
  const { transfers, keys, outbox } = tables

  /** Writes what belongs to a change besides the record: audit entries, webhooks, the response to its key. */
  function* writeRest(
    { record, audit, additionalAudit = [], events = [], response }: Change,
    auditDrafts: AuditDraft[],
  ): QueryGenerator<void> {
    if (audit) auditDrafts.push(audit)
    auditDrafts.push(...additionalAudit)
    for (const event of events) yield* outbox.queue(event, record.id, record.conversationId)
    if (response) yield* keys.storeResponse(record.id, response)
  }

  return {
    // The next change of the transfer makes it durable: until then its caller has no response, and no command was sent.
    openTransfer: (transfer) =>
      engine.write(function* (auditDrafts) {
        const result = yield* transfers.open(transfer)
        if (result.outcome === 'accepted') auditDrafts.push({ ...transfer.audit, depth: result.record.transferDepth })
        return result
      }, 'next'),
    async writeChange(change, others = []) {
      await engine.write(function* (auditDrafts) {
        if (others.length > 0) yield* transfers.lockRows([change, ...others].map(({ record }) => record.id))
        if (!(yield* transfers.change(change))) return
        const written = [change]
        for (const other of others) if (yield* transfers.forceChange(other)) written.push(other)
        for (const each of written) yield* writeRest(each, auditDrafts)
      }, chooseFlush(change))
      if ([change, ...others].some(hasEvents)) queueListeners.notify('fresh')
    },
    async forceChange(change) {
      const isWritten = await engine.write(function* (auditDrafts) {
        const hasChanged = yield* transfers.forceChange(change)
        if (hasChanged) yield* writeRest(change, auditDrafts)
        return hasChanged
      })
      if (isWritten && hasEvents(change)) queueListeners.notify('fresh')
      return isWritten
    },

    findTransfer: (id) => engine.read(() => findTransfer(id)),
    findStoredResponse: (transferId) => engine.read(() => keys.findResponse(transferId)),
    listTransfers: (filter) => longReads.read(() => listTransfers(filter, engine.dialect)),
    findOpenTransfers: (conversationId) => engine.read(() => findOpenTransfers(conversationId)),
    findLastMoved: (conversationId) => engine.read(() => findLastMoved(conversationId)),
    summarize: (since, until, visibleTo) => longReads.read(() => summarizeTransfers({ since, until, visibleTo }, engine.dialect)),

    async deleteOldIdempotencyKeys(usedBefore) {
      while ((await engine.write(() => keys.deleteOld(usedBefore, keysPerDeletion))) === keysPerDeletion);
    },
    deleteOldTransfers: (createdBefore, limit) => engine.write(() => transfers.deleteOld(createdBefore, limit)),
  }
}
