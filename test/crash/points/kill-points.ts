/** The points at which the `kill` campaign kills a node: each is a row. */
import {
  isReadLane,
  recordsLastChange,
  resolvesUnknownOutcome,
  returnsItems,
  sendsLastChange,
  writesAuditStatus,
  writesLoopGuard,
  writesRequested,
  writesReturn,
  writesSecondAttempt,
  writesState,
} from './conditions.ts'
import { attributesOperation, type CrashPoint } from './crash-point.ts'
import {
  asCallback,
  atLedger,
  atPlatform,
  atSimulator,
  endsAfterChange,
  endsAfterDecision,
  endsAfterMovingOn,
  endsInTimeout,
  endsPickedUp,
  endsRejected,
  endsWithCallback,
  endsWithoutMovingOn,
  faultOnCommand,
} from './locations.ts'

const pickedUp = { action: 'kill', ...endsPickedUp } as const
const timeout = { action: 'kill', ...endsInTimeout } as const
const rejected = { action: 'kill', ...endsRejected } as const
const decided = { action: 'kill', ...endsAfterDecision } as const
const withSummary = { requestFields: { summary: 'Wants a refund.' } } as const

const acceptance: readonly CrashPoint[] = [
  { ...pickedUp, name: 'request received, nothing committed', ...atLedger('openTransfer', 'before') },
  { ...pickedUp, name: 'accepted committed', ...atLedger('openTransfer', 'after') },
  { ...pickedUp, name: 'conversation requested', ...atPlatform('conversation', 'before', isReadLane) },
  { ...pickedUp, name: 'conversation read', ...atPlatform('conversation', 'after', isReadLane) },
  {
    ...pickedUp,
    name: 'context written',
    ...atPlatform('setAttributes', 'after', writesRequested),
    requestFields: { context: { reason: 'crash' } },
  },
  { ...pickedUp, ...withSummary, name: 'summary not written', ...atPlatform('setAttributes', 'before', writesRequested) },
  { ...pickedUp, ...withSummary, name: 'summary written', ...atPlatform('setAttributes', 'after', writesRequested) },
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
  {
    ...pickedUp,
    ...withSummary,
    name: 'summary written after the move, not recorded',
    ...atPlatform('setAttributes', 'after', writesLoopGuard),
    platformFaults: [{ operation: attributesOperation, fault: { kind: 'status', status: 503 } }],
  },
  { ...pickedUp, name: 'pickup seen, not committed', ...atLedger('writeChange', 'before', writesState('picked_up')) },
  { ...pickedUp, name: 'pickup committed', ...atLedger('writeChange', 'after', writesState('picked_up')) },
  { ...timeout, name: 'timeout not committed', ...atLedger('writeChange', 'before', writesState('timeout')) },
  { ...timeout, name: 'timeout committed', ...atLedger('writeChange', 'after', writesState('timeout')) },
  { ...pickedUp, name: 'delivery claimed', ...atLedger('claimDeliveries', 'after', returnsItems) },
  { ...pickedUp, name: 'webhook sent, result not recorded', ...atLedger('recordDeliveryResult', 'before') },
  { ...pickedUp, name: 'delivery result recorded', ...atLedger('recordDeliveryResult', 'after') },
]

const decision: readonly CrashPoint[] = [
  {
    ...decided,
    name: 'decision: summary written, not committed',
    ...atPlatform('setAttributes', 'after', writesRequested),
    requestFields: { mode: 'decide', ...withSummary.requestFields },
  },
  { ...decided, name: 'decision not committed', ...atLedger('writeChange', 'before', writesState('decided')) },
  { ...decided, name: 'decision committed, caller not answered', ...atLedger('writeChange', 'after', writesState('decided')) },
  { ...decided, name: 'decision followed, not committed', ...atLedger('writeChange', 'before', writesState('initiated', 'decided')) },
]

/** Points of the first move that exist for later moves, too. */
const repeatedPoints: ReadonlySet<string> = new Set([
  'conversation read',
  'executing not committed',
  'executing committed',
  'first byte about to be sent',
  'command sent, never executed',
  'command sent, executed late',
  'command executed, response not read',
  'response read, initiated not committed',
  'unknown outcome: before the read (command executed)',
  'unknown outcome: after the read (command executed)',
  'unknown outcome: after the read (not executed)',
  'second attempt committed',
  'successor: before its claim',
  'successor: claimed',
  'successor: conversation read',
  'successor: second attempt committed',
  'routing not sent',
  'routing sent, not recorded',
  'loop guard written, not recorded',
  'pickup seen, not committed',
])

/** A call that moves on: the first queue does not answer, an agent of the second one picks up. */
const movesOn = { action: 'kill', ...endsAfterMovingOn } as const
const stays = { action: 'kill', ...endsWithoutMovingOn } as const
const laterHop: readonly CrashPoint[] = [
  ...[...acceptance, ...command, ...unknownOutcome, ...afterTheMove]
    .filter(({ name }) => repeatedPoints.has(name))
    .map((point): CrashPoint => ({ ...point, ...movesOn, name: `later hop: ${point.name}` })),
  { ...movesOn, name: 'later hop: initiated committed', ...atLedger('writeChange', 'after', writesState('initiated')) },
  { ...stays, name: 'later hop: refusal not committed', ...atLedger('writeChange', 'before', writesReturn) },
  { ...stays, name: 'later hop: refusal committed', ...atLedger('writeChange', 'after', writesReturn) },
  { ...movesOn, name: 'later hop: at any moment', port: 'random' },
]

/** Points of a move that a callback has, too. */
const callbackPoints: ReadonlySet<string> = new Set([
  'accepted committed',
  'conversation read',
  'executing not committed',
  'executing committed',
  'first byte about to be sent',
  'command sent, never executed',
  'command sent, executed late',
  'command executed, response not read',
  'unknown outcome: before the read (command executed)',
  'unknown outcome: after the read (command executed)',
  'unknown outcome: after the read (not executed)',
  'second attempt committed',
  'successor: before its claim',
  'successor: claimed',
  'successor: conversation read',
  'successor: second attempt committed',
  'at any moment',
])
const atAnyMoment: CrashPoint = { ...pickedUp, name: 'at any moment', port: 'random' }
const created = { action: 'kill', ...endsWithCallback } as const
const callback: readonly CrashPoint[] = [
  ...[...acceptance, ...command, ...unknownOutcome, atAnyMoment].filter(({ name }) => callbackPoints.has(name)).map(asCallback),
  { ...created, name: 'callback: response read, not committed', ...atLedger('writeChange', 'before', writesState('callback_created')) },
  { ...created, name: 'callback: committed, caller not answered', ...atLedger('writeChange', 'after', writesState('callback_created')) },
]

const changed = { action: 'kill', ...endsAfterChange } as const
const change: readonly CrashPoint[] = [
  { ...changed, name: 'change: not stored', ...atLedger('updateTransfer', 'before') },
  { ...changed, name: 'change: stored, caller not answered', ...atLedger('updateTransfer', 'after') },
  { ...changed, name: 'change: routing not sent', ...atPlatform('setRouting', 'before', sendsLastChange) },
  { ...changed, name: 'change: routing sent, not recorded', ...atPlatform('setRouting', 'after', sendsLastChange) },
  { ...changed, name: 'change: routing recorded', ...atLedger('writeChange', 'after', recordsLastChange) },
  { ...changed, name: 'change: pickup seen, not committed', ...atLedger('writeChange', 'before', writesState('picked_up')) },
  { ...changed, name: 'change: at any moment', port: 'random' },
]

/** In the order of a transfer's life. */
export const killPoints: readonly CrashPoint[] = [
  ...acceptance,
  ...command,
  ...unknownOutcome,
  ...afterTheMove,
  ...decision,
  atAnyMoment,
  ...laterHop,
  ...callback,
  ...change,
]
