/** Runs the bulk transfers of this node: moves their calls one after another, and remembers in the ledger what has become of each. */
import { setTimeout as wait } from 'node:timers/promises'
import type { WaitingCalls } from '../../../genesys/waiting-calls.ts'
import type { BulkTransferStore } from '../../../ledger/contract/bulk-transfers.ts'
import { StaleBulkTransfer, StoreUnavailable } from '../../../ledger/contract/errors.ts'
import { isLeftToTry, type BulkCallRecord, type BulkTransferRecord } from '../../../model/bulk-transfer.ts'
import { Problem } from '../../../model/problems.ts'
import { problemOf } from '../../platform-problem.ts'
import type { Log, Rules } from '../../stage-context.ts'
import type { Submit } from '../running-transfers.ts'
import { endBulk, markWaiting, pauseForProblem } from './bulk-changes.ts'
import { requestForCall } from './bulk-request.ts'
import { orderCalls } from './call-order.ts'
import { judgeOutcome, tryLater, type Judgment } from './judge-outcome.ts'
import { findLostRight, type FindKey } from './requester-rights.ts'

/** While all pending calls are postponed, the bulk transfer looks this often whether it was paused or cancelled, ms. */
const longestWaitMs = 1_000
/** How long it waits for its lane before it estimates the wait anew, ms. */
const longestLaneWaitMs = 5_000
/** How long a call keeps its turn although no transfer of it is sent in time, and for how long others come first then, ms. */
const keepsTurnForMs = 40_000
const yieldsForMs = 30_000
const storePauseMs = 1_000
/** The pause after a list of waiting calls that had only known ones, ms. */
const rereadPauseMs = 5_000
/** The pause after the waiting calls could not be read, ms. */
const platformPauseMs = 10_000

/** What a run remembers of its calls. */
interface Progress {
  /** By kind of judgment and position, when a call was judged so for the first time, epoch ms. */
  triedSince: Map<string, number>
  /** How long the platform asked for no further call, ms. */
  limitedMs: number
}

export interface BulkRunnerDependencies {
  ledger: Pick<BulkTransferStore, 'takeBulkStep' | 'writeBulkCall' | 'addBulkCalls' | 'updateBulkTransfer'>
  submit: Submit
  findKey: FindKey
  /** How long the requests that move a call would wait in the lane of bulk transfers now, ms. */
  laneWaitMs: () => number
  /** @throws GenesysError */
  readWaitingCalls: (queueId: string) => Promise<WaitingCalls>
  rules: Pick<Rules, 'defaultQueueId' | 'fallbackQueueId'>
  /** Epoch ms. */
  clock: () => number
  log: Log
}

export interface BulkRunner {
  /** Runs a bulk transfer that this node owns, unless it is running it already. */
  start(record: BulkTransferRecord): void
  /** Begins no further call, and waits for those that are being moved. */
  close(): Promise<void>
}

export function createBulkRunner(dependencies: BulkRunnerDependencies): BulkRunner {
  const { ledger, submit, findKey, laneWaitMs, readWaitingCalls, rules, clock, log } = dependencies
  const running = new Map<string, Promise<void>>()
  const closing = new AbortController()
  const { signal } = closing

  /** Resolves after `ms`, or at once when the service closes. */
  const pause = (ms: number): Promise<unknown> => wait(ms, undefined, { signal }).catch(() => {})

  async function judgeCall(bulk: BulkTransferRecord, call: BulkCallRecord): Promise<Judgment> {
    const requester = { id: bulk.requestedBy, queues: bulk.allowedQueues }
    try {
      return judgeOutcome(await submit(requestForCall(bulk, call, 'execute', rules), requester, clock()))
    } catch (error) {
      // The settings may have changed since the bulk transfer was requested, so that its targets are not valid any more.
      if (error instanceof Problem) return judgeOutcome({ outcome: { problem: error }, replayed: false })
      throw error
    }
  }

  /**
   * Moves one call, and writes what has become of it.
   * @returns ms to wait before the next step
   */
  async function moveCall(bulk: BulkTransferRecord, call: BulkCallRecord, progress: Progress): Promise<number> {
    const { triedSince } = progress
    const judgment = await judgeCall(bulk, call)
    const write = (changed: Partial<BulkCallRecord>, problem?: Problem) =>
      ledger.writeBulkCall(bulk, { ...call, ...changed }, problem && ((stored) => pauseForProblem(stored, problem, clock())))
    if (judgment.kind === 'done') {
      await write(judgment.result)
      return 0
    }
    const { kind, problem, afterMs } = judgment
    const { code, message } = problem
    if (kind === 'repeat') return afterMs
    const reason = `${kind} ${call.position}`
    const since = triedSince.get(reason) ?? clock()
    triedSince.set(reason, since)
    // A refusal that is about no transfer was made before the key was looked up, so it tells nothing about an earlier transfer of the call.
    const isStillUnclear = call.code === 'OUTCOME_UNKNOWN' && problem.extensions.transferId === undefined
    const unclear = { state: 'unknown', nextAt: clock() + afterMs } as const
    if (kind === 'pause') {
      await write(isStillUnclear ? unclear : { state: 'pending', code, message, attempt: call.attempt + 1 }, problem)
      return 0
    }
    if (kind === 'postponeAll') {
      const canWait = code === 'EXPIRED' && clock() - since >= keepsTurnForMs
      await write(isStillUnclear ? unclear : { state: 'pending', code, message, nextAt: canWait ? clock() + yieldsForMs : 0 })
      if (code !== 'RATE_LIMITED') return afterMs
      progress.limitedMs = afterMs
      return 0
    }
    await write(tryLater(judgment, call, since, clock()))
    return 0
  }

  /**
   * Adds the calls that the platform had not listed. Calls that arrived after the request are not part of the bulk transfer. While calls are
   * still to be tried, they may be what fills the list, so it is read again.
   * @returns ms to wait before the next step
   */
  async function readMore(bulk: BulkTransferRecord, calls: readonly BulkCallRecord[]): Promise<number> {
    const { calls: waiting, isTruncated } = await readWaitingCalls(bulk.fromQueueId)
    const added = orderCalls(waiting, Date.parse(bulk.createdAt), bulk.limit, calls)
    const mayFillList = added.length === 0 && calls.some(isLeftToTry)
    await ledger.addBulkCalls(bulk, added, isTruncated && (added.length > 0 || mayFillList))
    return mayFillList ? rereadPauseMs : 0
  }

  /** Pauses the bulk transfer if its requester's key may not move these calls any more. A call that is `moving` is still finished. */
  async function checkRequester(bulk: BulkTransferRecord): Promise<void> {
    const problem = findLostRight(bulk, await findKey(bulk.requestedBy))
    if (!problem) return
    await ledger.updateBulkTransfer(bulk.id, (stored) =>
      stored.state === 'running' && stored.fence === bulk.fence ? pauseForProblem(stored, problem, clock()) : undefined,
    )
  }

  /**
   * Tells those who read the bulk transfer, on any node, that it waits for the rate limit.
   * @returns whether it still has calls to move: what was paused or cancelled meanwhile has nothing to wait for
   */
  async function noteWait(bulk: BulkTransferRecord, waitMs: number): Promise<boolean> {
    const stored = await ledger.updateBulkTransfer(bulk.id, (current) =>
      waitMs > longestLaneWaitMs && current.state === 'running' && current.fence === bulk.fence
        ? markWaiting(current, clock() + waitMs)
        : undefined,
    )
    return stored?.state === 'running'
  }

  /** @returns ms to wait before the next step; undefined: there is none */
  async function runStep(bulk: BulkTransferRecord, progress: Progress): Promise<number | undefined> {
    const waitMs = Math.max(laneWaitMs(), progress.limitedMs)
    const stepMs = Math.min(waitMs, longestLaneWaitMs)
    progress.limitedMs = Math.max(0, progress.limitedMs - stepMs)
    if (waitMs > 0 && (await noteWait(bulk, waitMs))) return stepMs
    await checkRequester(bulk)
    const step = await ledger.takeBulkStep(bulk, clock(), (stored, counts) => endBulk(stored, counts, clock()))
    if (step.next === 'stop') return undefined
    if (step.next === 'wait') return Math.min(step.ms, longestWaitMs)
    if (step.next === 'move') return moveCall(bulk, step.call, progress)
    return readMore(bulk, step.calls)
  }

  async function run(bulk: BulkTransferRecord): Promise<void> {
    const progress: Progress = { triedSince: new Map(), limitedMs: 0 }
    while (!signal.aborted) {
      let pauseMs: number | undefined
      try {
        pauseMs = await runStep(bulk, progress)
      } catch (error) {
        // The call stays `moving`, and its key makes sure that it is moved once.
        if (!(error instanceof StoreUnavailable) && problemOf(error) === undefined) throw error
        pauseMs = error instanceof StoreUnavailable ? storePauseMs : platformPauseMs
      }
      if (pauseMs === undefined) return
      if (pauseMs > 0) await pause(pauseMs)
    }
  }

  return {
    start(record) {
      if (running.has(record.id) || signal.aborted) return
      const { id: bulkId } = record
      log.info({ bulkId, state: record.state }, 'runs a bulk transfer')
      const ended = run(record)
        .catch((error: unknown) => {
          if (!(error instanceof StaleBulkTransfer))
            log.error({ bulkId, err: error }, 'a bulk transfer failed unexpectedly; it is tried again')
        })
        .finally(() => running.delete(bulkId))
      running.set(bulkId, ended)
    },
    async close() {
      closing.abort()
      await Promise.all(running.values())
    },
  }
}
