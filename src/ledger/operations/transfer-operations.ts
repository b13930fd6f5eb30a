/** Which tables the operations on transfers use, each in one transaction, and when each transaction must be on disk. */
import type { Change, TransferStore } from '../contract/transfers.ts'
import type { Engine, FlushTiming } from '../engine/engine.ts'
import { summarizeTransfers } from '../tables/summary.ts'
import { summarizeGroups } from '../tables/summary-groups.ts'
import type { Tables } from '../tables/tables.ts'
import { findLastMoved, findOpenTransfers, findTransfer, listTransfers } from '../tables/transfer-queries.ts'
import type { LongReads } from './long-reads.ts'
import type { QueueListeners } from './queue-listeners.ts'
import { createWriteRest } from './write-change.ts'

/** How many idempotency keys one transaction deletes. */
const keysPerDeletion = 1_000

/**
 * `executing` must be on disk before the command is sent, and a response before the caller gets it. The platform's acceptance (`executing` to
 * `initiated`) may be flushed later: if a power cut loses it, Handoff asks the platform, because `executing` is on disk.
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
  const { transfers, idempotencyKeys } = tables
  const writeRest = createWriteRest(tables)

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
    async updateTransfer(id, decide) {
      const { stored, change } = await engine.write(function* (auditDrafts) {
        const before = yield* transfers.findForUpdate(id)
        const decided = before && decide(before)
        if (!decided) return { stored: before, change: undefined }
        const record = { ...decided.record, fence: before.fence + 1 }
        yield* transfers.replace(record)
        yield* writeRest(decided, auditDrafts)
        return { stored: record, change: decided }
      })
      if (change && hasEvents(change)) queueListeners.notify('fresh')
      return stored
    },

    findTransfer: (id) => engine.read(() => findTransfer(id)),
    findStoredResponse: (transferId) => engine.read(() => idempotencyKeys.findResponse(transferId)),
    listTransfers: (filter) => longReads.read(() => listTransfers(filter, engine.dialect)),
    findOpenTransfers: (conversationId) => engine.read(() => findOpenTransfers(conversationId)),
    findLastMoved: (conversationId) => engine.read(() => findLastMoved(conversationId)),
    summarize: (since, until, visibleTo) => longReads.read(() => summarizeTransfers({ since, until, visibleTo }, engine.dialect)),
    summarizeGroups: (groupBy, limit, since, until, visibleTo) =>
      longReads.read(() => summarizeGroups(groupBy, limit, { since, until, visibleTo }, engine.dialect)),

    async deleteOldIdempotencyKeys(usedBefore) {
      while ((await engine.write(() => idempotencyKeys.deleteOld(usedBefore, keysPerDeletion))) === keysPerDeletion);
    },
    deleteOldTransfers: (createdBefore, limit) => engine.write(() => transfers.deleteOld(createdBefore, limit)),
  }
}
