/**
 * Moves an unanswered call on to the next hop: runs execution again, with the next candidate that can take the call
 * (docs/architecture.md#overflow).
 */
import type { Conversation } from '../../conversations/conversation.ts'
import { findReplaceableQueue } from '../../conversations/replaceable-queue.ts'
import { takeSnapshot } from '../../conversations/snapshot.ts'
import { ConversationLocked } from '../../ledger/contract/errors.ts'
import type { LeaseStore } from '../../ledger/contract/lease.ts'
import type { TransferStore } from '../../ledger/contract/transfers.ts'
import { snapshotOf, type TransferRecord } from '../../model/transfer.ts'
import type { CommandRunner } from '../command.ts'
import { beginHop, type NextHop } from '../hops/hop-changes.ts'
import { destinationOf, observe } from '../hops/observe.ts'
import type { Detail } from '../patch.ts'
import { problemOf } from '../platform-problem.ts'
import type { Recorder } from '../recorder.ts'
import { logFields, type CreateStageContext, type Log, type Rules, type StageContext } from '../stage-context.ts'
import { readConversation } from '../stages/validation.ts'
import { annotate, stayAtEarlierHop } from '../transition.ts'
import { findNewerTransfer } from './newer-transfer.ts'
import { findNextHop } from './next-hop.ts'

/** How long the platform has to answer the reads before the command, ms. */
const readTimeoutMs = 4_000

export interface OverflowDependencies {
  ledger: Pick<TransferStore, 'findOpenTransfers'> & Pick<LeaseStore, 'currentLease'>
  recorder: Pick<Recorder, 'write' | 'writeWithRetry'>
  rules: Pick<Rules, 'deadlineMs' | 'writesLoopGuardAttributes'>
  /** Epoch ms. */
  clock: () => number
  createStageContext: CreateStageContext
  commands: Pick<CommandRunner, 'begin' | 'send'>
  log: Log
  /** Subscribes to events about the next hop. Called before the command is sent, so that no event is missed. */
  subscribe: (record: TransferRecord) => void
}

/**
 * `sent`: the command was sent; the state of the record says whether its outcome is known. `blocked`: the call stays where it is for now.
 * `read_again`: the call is no longer where it was, or the platform refused the command. Reading the conversation shows why.
 */
export interface OverflowResult {
  result: 'sent' | 'blocked' | 'read_again'
  record: TransferRecord
}

/**
 * Moves on a call that still waits at its hop.
 * @param record of an `initiated` transfer
 * @param bounces how many offers were declined so far
 * @throws StaleRecord, StoreUnavailable, Problem if the conversation cannot be read
 */
export type Overflow = (record: TransferRecord, bounces: number) => Promise<OverflowResult>

const describeNewer = (id: string): string => `transfer ${id} of this conversation is newer`

export function createOverflow(dependencies: OverflowDependencies): Overflow {
  const { ledger, recorder, rules, clock, createStageContext, commands, log, subscribe } = dependencies

  /** Records that the call stays where it is. There is an audit entry only if the reason differs from the last one. */
  async function stay(record: TransferRecord, bounces: number, blockedBy: string): Promise<OverflowResult> {
    const hop = { ...record.hop, triedAt: clock(), blockedBy }
    const status = blockedBy === record.hop.blockedBy ? undefined : 'overflow_blocked'
    const change = annotate(record, { bounces, hop }, status, 'verification', { blockedBy })
    return { result: 'blocked', record: await recorder.write(change) }
  }

  /** Commits `executing`, and sends the command. */
  async function send(
    record: TransferRecord,
    bounces: number,
    next: NextHop & { detail: Detail },
    conversation: Conversation,
  ): Promise<OverflowResult> {
    const holder = findReplaceableQueue(conversation, snapshotOf(record), destinationOf(record))
    if (!holder) return stay(record, bounces, 'no participant of the call can be replaced while it rings')
    const lease = ledger.currentLease()
    const patch = beginHop(record, next, bounces, takeSnapshot(conversation, holder, clock()), clock(), rules)
    const executing = await commands.begin({ ...record, attempt: 0 }, patch, {
      detail: { ...next.detail, overflowFrom: record.transferPath.at(-1) ?? null },
    })
    subscribe(executing)
    const sent = await commands.send(executing, lease, conversation)
    if (sent.result === 'initiated') return { result: 'sent', record: sent.record }
    if (sent.result === 'unknown') return { result: 'sent', record: executing }
    const problem = problemOf(sent.error)
    if (!problem) throw sent.error
    log.warn({ ...logFields(record), stage: 'execution', outcome: problem.code, reason: problem.message }, 'the call could not move on')
    const reason = { returned: `${problem.code}: ${problem.message}`, isRefused: !problem.retryable }
    return { result: 'read_again', record: await recorder.writeWithRetry(stayAtEarlierHop(executing, clock(), reason)) }
  }

  return async (record, bounces) => {
    const context: StageContext = createStageContext(record, clock() + readTimeoutMs)
    const next = await findNextHop(record, context)
    if ('blockedBy' in next) return stay(record, bounces, next.blockedBy)
    context.genesys.prepareCommand()
    // The conversation is read again, because it may have changed while queues and agents were read.
    const conversation = await readConversation(record, context, 'execution')
    const seen = observe(record, conversation, clock())
    if (seen.record !== record || (seen.progress.status !== 'waiting' && seen.progress.status !== 'ringing'))
      return { result: 'read_again', record }
    const newer = await findNewerTransfer(ledger, record)
    if (newer) return stay(record, bounces, describeNewer(newer.id))
    try {
      return await send(record, seen.progress.bounces, next, conversation)
    } catch (error) {
      if (!(error instanceof ConversationLocked)) throw error
      return stay(record, bounces, describeNewer(error.otherId))
    }
  }
}
