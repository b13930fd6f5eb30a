/** Bulk transfers behind the routes: requested, read, paused, resumed and cancelled; and run by this node or taken over from another one. */
import { v7 as uuid } from 'uuid'
import { canSeeBulk } from '../../../auth/restriction.ts'
import type { GenesysClient } from '../../../genesys/client.ts'
import type { Directory } from '../../../genesys/directory.ts'
import type { BulkTransferDetails, BulkTransferStore } from '../../../ledger/contract/bulk-transfers.ts'
import { StoreUnavailable } from '../../../ledger/contract/errors.ts'
import { asBulkTransfer, maxBulkCalls, type BulkDryRun, type BulkTransfer, type BulkTransferRecord } from '../../../model/bulk-transfer.ts'
import type { BulkTransferRequest } from '../../../model/bulk-transfer.ts'
import { Problem } from '../../../model/problems.ts'
import { platformProblem, problemOf } from '../../platform-problem.ts'
import { readIdempotencyKey } from '../../request/fingerprint.ts'
import type { Requester } from '../../request/new-transfer.ts'
import type { Log, Rules } from '../../stage-context.ts'
import type { Submit } from '../running-transfers.ts'
import { applyAction, startBulk, type BulkAction } from './bulk-changes.ts'
import { checkCalls } from './bulk-dry-run.ts'
import { checkBulkRequest, idForKey, requireSameRequest } from './bulk-request.ts'
import { createBulkRunner } from './bulk-runner.ts'
import { orderCalls } from './call-order.ts'
import type { FindKey } from './requester-rights.ts'

/**
 * A call is begun when there is room for so many requests: a read, the attributes and its command, and those of other lanes that follow the
 * calls before it. With less room it would be refused halfway, and what it has read would be read again.
 */
const requestsPerCall = 6

export interface BulkTransferServiceDependencies {
  ledger: BulkTransferStore & { nodeId: string }
  genesys: Pick<GenesysClient, 'waitingCalls' | 'waitMs'>
  directory: Pick<Directory, 'queue'>
  submit: Submit
  findKey: FindKey
  rules: Pick<Rules, 'defaultQueueId' | 'fallbackQueueId' | 'deadlineMs'>
  /** Epoch ms. */
  clock: () => number
  log: Log
}

/** Every method throws Problem. Bulk transfers that the requester's key may not see do not exist for it. */
export interface BulkTransferService {
  /**
   * Reads which calls wait, and begins to move them; or only says what would happen to each.
   * @param headers the Idempotency-Key, with which a repeat gets the bulk transfer of the first request, and the trace context
   */
  request(
    request: BulkTransferRequest,
    requester: Requester,
    headers: { key: string | undefined; traceparent: string },
  ): Promise<{ bulk: BulkTransfer; isReplayed: boolean } | { dryRun: BulkDryRun }>
  find(id: string, requester: Requester): Promise<BulkTransfer>
  /** Does nothing if it is in that state already. */
  change(id: string, action: BulkAction, requester: Requester): Promise<BulkTransfer>
  /** Takes over the bulk transfers whose node is gone, and runs all that this node owns. @throws StoreUnavailable */
  takeOver(): Promise<void>
  close(): Promise<void>
}

export function createBulkTransferService(dependencies: BulkTransferServiceDependencies): BulkTransferService {
  const { ledger, genesys, directory, submit, rules, clock } = dependencies
  const optionsIn = (lane: 'read' | 'bulk') => ({ deadline: clock() + rules.deadlineMs, lane })
  const runner = createBulkRunner({
    ...dependencies,
    laneWaitMs: () => genesys.waitMs('bulk', requestsPerCall),
    readWaitingCalls: (queueId) => genesys.waitingCalls(queueId, optionsIn('bulk')),
  })
  /** Bulk transfers whose requester was told that nothing was done, because the ledger reported the write as failed. */
  const disowned = new Set<string>()
  /** Paused bulk transfers that this node has seen: there is nothing to do for them. */
  const seenPaused = new Set<string>()

  const notFound = (id: string): Problem => new Problem('NOT_FOUND', `There is no bulk transfer ${id}.`)

  async function asProblem<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      throw problemOf(error) ?? error
    }
  }

  async function find(id: string, requester: Requester): Promise<BulkTransfer> {
    const found = await ledger.findBulkTransfer(id)
    if (!found || !canSeeBulk(requester, found.record)) throw notFound(id)
    return asBulkTransfer(found.record, found.calls, clock())
  }

  /** The calls that wait in a queue that exists. @throws Problem TARGET_NOT_FOUND, PERMISSION_MISSING, or what a failure of the platform means */
  async function readWaitingCalls(queueId: string) {
    try {
      const [, waiting] = await Promise.all([directory.queue(queueId, optionsIn('read')), genesys.waitingCalls(queueId, optionsIn('read'))])
      return waiting
    } catch (error) {
      throw platformProblem(error, 'validation', { code: 'TARGET_NOT_FOUND', detail: `The platform has no queue ${queueId}.` })
    }
  }

  /** @returns the bulk transfer that is stored: an equal request with the same key may have been faster */
  async function add(record: BulkTransferRecord, calls: ReturnType<typeof orderCalls>): Promise<BulkTransferDetails> {
    try {
      const stored = await ledger.addBulkTransfer(startBulk(record, calls.length), calls)
      if (stored.record.owner === ledger.nodeId) runner.start(stored.record)
      return stored
    } catch (error) {
      if (error instanceof StoreUnavailable) disowned.add(record.id)
      throw error
    }
  }

  /** The bulk transfer that an earlier request with the same key has made. @throws Problem IDEMPOTENCY_KEY_REUSED */
  async function findEarlier(requested: BulkTransferRecord): Promise<BulkTransferDetails | undefined> {
    const found = await ledger.findBulkTransfer(requested.id)
    if (!found) return undefined
    requireSameRequest(found.record, requested)
    // Whoever sends the request again wants the calls moved.
    disowned.delete(requested.id)
    return found
  }

  /** Cancels a bulk transfer whose write was reported as failed but had been committed. */
  async function disown(id: string): Promise<void> {
    await ledger.updateBulkTransfer(id, (stored) => applyAction(stored, 'cancel', stored.requestedBy, clock()))
    disowned.delete(id)
  }

  return {
    request: (request, requester, headers) =>
      asProblem(async () => {
        const targets = checkBulkRequest(request, requester, rules)
        const key = request.dryRun === true ? undefined : readIdempotencyKey(headers.key, undefined)
        const fromQueueId = request.fromQueueId.toLowerCase()
        const requestedAt = clock()
        const createdAt = new Date(requestedAt).toISOString()
        const requested: BulkTransferRecord = {
          id: key === undefined ? uuid() : idForKey(requester.id, key),
          state: 'running',
          code: null,
          message: null,
          fromQueueId,
          ...targets,
          limit: request.limit ?? maxBulkCalls,
          reason: request.reason,
          requestedBy: requester.id,
          createdAt,
          updatedAt: createdAt,
          allowedQueues: requester.queues,
          traceparent: headers.traceparent,
          isTruncated: false,
          owner: ledger.nodeId,
          fence: 1,
        }
        const earlier = key === undefined ? undefined : await findEarlier(requested)
        if (earlier) return { bulk: asBulkTransfer(earlier.record, earlier.calls, clock()), isReplayed: true }
        const { calls: waiting, isTruncated } = await readWaitingCalls(fromQueueId)
        const record = { ...requested, isTruncated }
        const calls = orderCalls(waiting, requestedAt, record.limit)
        if (request.dryRun === true) {
          const { target, fallback, limit, reason } = record
          const checked = await checkCalls(record, calls, requester, { submit, rules, clock })
          return { dryRun: { fromQueueId, target, fallback, limit, reason, isTruncated, calls: checked } }
        }
        const stored = await add(record, calls)
        requireSameRequest(stored.record, record)
        return { bulk: asBulkTransfer(stored.record, stored.calls, clock()), isReplayed: stored.record.createdAt !== createdAt }
      }),
    find: (id, requester) => asProblem(() => find(id, requester)),
    change: (id, action, requester) =>
      asProblem(async () => {
        const stored = await ledger.updateBulkTransfer(id, (current) => {
          if (!canSeeBulk(requester, current)) throw notFound(id)
          return applyAction(current, action, requester.id, clock())
        })
        if (!stored) throw notFound(id)
        if (stored.owner === ledger.nodeId) runner.start(stored)
        return find(id, requester)
      }),
    async takeOver() {
      for (const record of await ledger.claimBulkTransfers()) {
        const seen = `${record.id} ${record.fence}`
        if (record.state !== 'paused') seenPaused.delete(seen)
        else if (seenPaused.has(seen)) continue
        else seenPaused.add(seen)
        if (record.owner !== ledger.nodeId) continue
        if (disowned.has(record.id)) await disown(record.id)
        runner.start(record)
      }
    },
    close: () => runner.close(),
  }
}
