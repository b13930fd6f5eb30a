/** Which tables the operations on bulk transfers use, each in one transaction. */
import type { BulkTransferDetails, BulkTransferStore } from '../contract/bulk-transfers.ts'
import type { Engine } from '../engine/engine.ts'
import type { QueryGenerator } from '../engine/query.ts'
import { listBulkTransfers } from '../tables/bulk/bulk-transfer-list.ts'
import type { Tables } from '../tables/tables.ts'
import type { LongReads } from './long-reads.ts'

export function createBulkTransferOperations(
  engine: Engine,
  { nodes, bulkTransfers, bulkCalls }: Tables,
  longReads: LongReads,
): BulkTransferStore {
  function* find(id: string): QueryGenerator<BulkTransferDetails | undefined> {
    const record = yield* bulkTransfers.find(id)
    return record && { record, calls: yield* bulkCalls.list(id) }
  }
  return {
    addBulkTransfer: ({ record, audit }, calls) =>
      engine.write(function* (auditDrafts) {
        if (!(yield* bulkTransfers.add(record))) {
          const stored = yield* find(record.id)
          if (stored) return stored
        }
        yield* bulkCalls.add(record.id, calls)
        auditDrafts.push(audit)
        return { record, calls: calls.map((call) => ({ ...call, transferState: null })) }
      }),
    findBulkTransfer: (id) => engine.read(() => find(id)),
    listBulkTransfers: (filter) => longReads.read(() => listBulkTransfers(filter, engine.dialect)),
    updateBulkTransfer: (id, decide) =>
      engine.write(function* (auditDrafts) {
        const stored = yield* bulkTransfers.findForUpdate(id)
        const change = stored && decide(stored)
        if (!change) return stored
        yield* bulkTransfers.replace(change.record)
        if ('audit' in change) auditDrafts.push(change.audit)
        return change.record
      }),
    claimBulkTransfers: () =>
      engine.write(function* () {
        yield* nodes.deleteExpiredNodes()
        return yield* bulkTransfers.claim()
      }, 'soon'),
    takeBulkStep: (running, now, createEnd) =>
      engine.write(function* (auditDrafts) {
        const { id } = running
        const found = yield* bulkTransfers.findRunning(running)
        const isWaiting = typeof found.waitsUntil === 'string'
        const stored = isWaiting ? { ...found, waitsUntil: null } : found
        if (isWaiting) yield* bulkTransfers.replace(stored)
        const call = yield* bulkCalls.findNext(id, now, stored.state === 'running')
        if (call) {
          const moving = { ...call, state: 'moving' as const }
          if (call.state !== 'moving') yield* bulkCalls.write(id, moving)
          return { next: 'move', call: moving }
        }
        if (stored.state === 'paused') return { next: 'stop' }
        if (stored.state === 'cancelled') yield* bulkCalls.cancelRest(id)
        else {
          // The calls behind those that wait do not wait, too.
          const calls = stored.isTruncated ? yield* bulkCalls.list(id) : []
          if (stored.isTruncated && calls.length < stored.limit) return { next: 'read', calls }
          const nextTime = yield* bulkCalls.findNextTime(id)
          if (nextTime !== undefined) return { next: 'wait', ms: Math.max(0, nextTime - now) }
        }
        const end = createEnd(stored, yield* bulkCalls.count(id))
        yield* bulkTransfers.replace(end.record, false)
        auditDrafts.push(end.audit)
        return { next: 'stop' }
      }, 'now'),
    writeBulkCall: (running, call, pause) =>
      engine.write(function* (auditDrafts) {
        const stored = yield* bulkTransfers.findRunning(running)
        yield* bulkCalls.write(running.id, call)
        if (!pause || stored.state !== 'running') return
        const { record, audit } = pause(stored)
        yield* bulkTransfers.replace(record)
        auditDrafts.push(audit)
      }, 'soon'),
    addBulkCalls: (running, calls, isTruncated) =>
      engine.write(function* () {
        const stored = yield* bulkTransfers.findRunning(running)
        yield* bulkCalls.add(running.id, calls)
        yield* bulkTransfers.replace({ ...stored, isTruncated })
      }, 'soon'),
    deleteOldBulkTransfers: (createdBefore, limit) => engine.write(() => bulkTransfers.deleteOld(createdBefore, limit)),
  }
}
