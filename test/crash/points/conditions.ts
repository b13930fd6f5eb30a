/** Which of several calls of the same method a crash point means: by the change that is written, or by what is read or sent. */
import type { CallOptions } from '../../../src/genesys/client.ts'
import type { Change } from '../../../src/ledger/contract/transfers.ts'
import type { Routing } from '../../../src/genesys/responses.ts'
import type { State } from '../../../src/model/states.ts'
import { changedPriorities, type Condition, type ObservedCall } from './crash-point.ts'

const changeOf = ({ args }: ObservedCall): Change => args[0] as Change

/** A state change to `state`; with `from`, only from that state. */
export const writesState =
  (state: State, from?: State): Condition =>
  (call) => {
    const change = changeOf(call)
    return change.record.state === state && change.from !== state && (from === undefined || change.from === from)
  }

/** A change that records that the call stays where it is, because the move to the next place failed. */
export const writesReturn: Condition = (call) => changeOf(call).audit?.detail['returned'] !== undefined

/** A change whose audit entry has this status. */
export const writesAuditStatus =
  (status: string): Condition =>
  (call) =>
    changeOf(call).audit?.status === status

/** The transfer's command is about to be sent a second time. */
export const writesSecondAttempt: Condition = (call) => changeOf(call).record.state === 'executing' && changeOf(call).record.attempt === 2

/** A claim that returned at least one item. */
export const returnsItems: Condition = ({ result }) => (result as readonly unknown[]).length > 0

/** A read for a request or for an unknown outcome, not one of the pickup polls. */
export const isReadLane: Condition = ({ args }) => (args[1] as CallOptions).lane === 'read'

/** A read that is to find out what became of a command. */
export const resolvesUnknownOutcome: Condition = (call) => isReadLane(call) && call.hasUnknownOutcome(String(call.args[0]))

/** Participant attributes of the loop guard. */
export const writesLoopGuard: Condition = ({ args }) => 'transferDepth' in (args[2] as object)

/** Participant attributes of the request, before the call moves: context, summary and reason. */
export const writesRequested: Condition = (call) => !writesLoopGuard(call)

/** The command that puts the caller's last change on the call. */
export const sendsLastChange: Condition = ({ args }) => (args[1] as Routing).priority === changedPriorities.at(-1)

/** A change that records that the caller's last change is on the call. */
export const recordsLastChange: Condition = (call) =>
  writesAuditStatus('routing_applied')(call) && changeOf(call).record.resolvedTarget?.priority === changedPriorities.at(-1)
