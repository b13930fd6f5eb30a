/** The points at which the `kill` campaign kills a node: each is a row. */
import {
  isReadLane,
  resolvesUnknownOutcome,
  returnsItems,
  writesAuditStatus,
  writesContext,
  writesLoopGuard,
  writesSecondAttempt,
  writesState,
} from './conditions.ts'
import type { CrashPoint } from './crash-point.ts'
import {
  atLedger,
  atPlatform,
  atSimulator,
  endsAfterDecision,
  endsInTimeout,
  endsPickedUp,
  endsRejected,
  faultOnCommand,
} from './locations.ts'

const pickedUp = { action: 'kill', ...endsPickedUp } as const
const timeout = { action: 'kill', ...endsInTimeout } as const
const rejected = { action: 'kill', ...endsRejected } as const
const decided = { action: 'kill', ...endsAfterDecision } as const

const acceptance: readonly CrashPoint[] = [
  { ...pickedUp, name: 'request received, nothing committed', ...atLedger('openTransfer', 'before') },
  { ...pickedUp, name: 'accepted committed', ...atLedger('openTransfer', 'after') },
  { ...pickedUp, name: 'conversation requested', ...atPlatform('conversation', 'before', isReadLane) },
  { ...pickedUp, name: 'conversation read', ...atPlatform('conversation', 'after', isReadLane) },
  {
    ...pickedUp,
    name: 'context written',
    ...atPlatform('setAttributes', 'after', writesContext),
    requestFields: { context: { reason: 'crash' } },
  },
]

const command: readonly CrashPoint[] = [
  { ...pickedUp, name: 'executing not committed', ...atLedger('writeChange', 'before', writesState('executing')) },
  { ...pickedUp, name: 'executing committed', ...atLedger('writeChange', 'after', writesState('executing')) },
  { ...pickedUp, name: 'first byte about to be sent', ...atPlatform('canSend', 'after') },
  { ...pickedUp, name: 'command sent, never executed', ...atSimulator('before'), ...faultOnCommand({ kind: 'silence', acts: false }) },
  {
    ...pickedUp,
    name: 'command sent, executed late',
    ...atSimulator('before'),
    ...faultOnCommand({ kind: 'silence', acts: false }),
    platformActsLate: true,
  },
  { ...pickedUp, name: 'command executed, response not read', ...atSimulator('after'), ...faultOnCommand({ kind: 'delay', ms: 500 }) },
  { ...pickedUp, name: 'response read, initiated not committed', ...atLedger('writeChange', 'before', writesState('initiated')) },
  { ...pickedUp, name: 'initiated committed, caller not answered', ...atLedger('writeChange', 'after', writesState('initiated')) },
  { ...rejected, name: 'refusal not committed', ...atLedger('writeChange', 'before', writesState('rejected')) },
  { ...rejected, name: 'refusal committed, caller not answered', ...atLedger('writeChange', 'after', writesState('rejected')) },
]

const unknownOutcome: readonly CrashPoint[] = [
  {
    ...pickedUp,
    name: 'unknown outcome: before the read (command executed)',
    ...atPlatform('conversation', 'before', resolvesUnknownOutcome),
    ...faultOnCommand({ kind: 'reset-after' }),
  },
  {
    ...pickedUp,
    name: 'unknown outcome: after the read (command executed)',
    ...atPlatform('conversation', 'after', resolvesUnknownOutcome),
    ...faultOnCommand({ kind: 'reset-after' }),
  },
  {
    ...pickedUp,
    name: 'unknown outcome: after the read (not executed)',
    ...atPlatform('conversation', 'after', resolvesUnknownOutcome),
    ...faultOnCommand({ kind: 'status', status: 503 }),
  },
  {
    ...pickedUp,
    name: 'second attempt committed',
    ...atLedger('writeChange', 'after', writesSecondAttempt),
    ...faultOnCommand({ kind: 'reset-before' }),
  },
  { ...pickedUp, name: 'successor: before its claim', ...atLedger('claimTransfers', 'before'), onSuccessor: true },
  { ...pickedUp, name: 'successor: claimed', ...atLedger('claimTransfers', 'after', returnsItems), onSuccessor: true },
  { ...pickedUp, name: 'successor: conversation read', ...atPlatform('conversation', 'after', isReadLane), onSuccessor: true },
  { ...pickedUp, name: 'successor: second attempt committed', ...atLedger('writeChange', 'after', writesSecondAttempt), onSuccessor: true },
]

const afterTheMove: readonly CrashPoint[] = [
  { ...pickedUp, name: 'routing not sent', ...atPlatform('setRouting', 'before') },
  { ...pickedUp, name: 'routing sent, not recorded', ...atPlatform('setRouting', 'after') },
  { ...pickedUp, name: 'routing recorded', ...atLedger('writeChange', 'after', writesAuditStatus('routing_applied')) },
  { ...pickedUp, name: 'loop guard written, not recorded', ...atPlatform('setAttributes', 'after', writesLoopGuard) },
  { ...pickedUp, name: 'pickup seen, not committed', ...atLedger('writeChange', 'before', writesState('picked_up')) },
  { ...pickedUp, name: 'pickup committed', ...atLedger('writeChange', 'after', writesState('picked_up')) },
  { ...timeout, name: 'timeout not committed', ...atLedger('writeChange', 'before', writesState('timeout')) },
  { ...timeout, name: 'timeout committed', ...atLedger('writeChange', 'after', writesState('timeout')) },
  { ...pickedUp, name: 'delivery claimed', ...atLedger('claimDeliveries', 'after', returnsItems) },
  { ...pickedUp, name: 'webhook sent, result not recorded', ...atLedger('recordDeliveryResult', 'before') },
  { ...pickedUp, name: 'delivery result recorded', ...atLedger('recordDeliveryResult', 'after') },
]

const decision: readonly CrashPoint[] = [
  { ...decided, name: 'decision not committed', ...atLedger('writeChange', 'before', writesState('decided')) },
  { ...decided, name: 'decision committed, caller not answered', ...atLedger('writeChange', 'after', writesState('decided')) },
  { ...decided, name: 'decision followed, not committed', ...atLedger('writeChange', 'before', writesState('initiated', 'decided')) },
]

/** In the order of a transfer's life. */
export const killPoints: readonly CrashPoint[] = [
  ...acceptance,
  ...command,
  ...unknownOutcome,
  ...afterTheMove,
  ...decision,
  { ...pickedUp, name: 'at any moment', port: 'random' },
]
