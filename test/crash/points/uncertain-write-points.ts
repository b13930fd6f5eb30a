/** The writes that the `doubt` campaign reports as failed: after they were committed, or without trying them. */
import { recordsLastChange, writesAuditStatus, writesReturn, writesSecondAttempt, writesState } from './conditions.ts'
import { callbackOperation, type CrashPoint } from './crash-point.ts'
import {
  atLedger,
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

type LedgerPoint = Extract<CrashPoint, { port: 'ledger' }>

/**
 * Every write that the database can lose before or during its COMMIT. Claims are not among them: the ledger itself recovers a
 * claim whose response was lost (`src/ledger/operations/claim-after-lost-commit.ts`).
 */
const writes: ReadonlyArray<Omit<LedgerPoint, 'action'>> = [
  { ...endsPickedUp, name: 'accepted', ...atLedger('openTransfer', 'after') },
  { ...endsPickedUp, name: 'executing', ...atLedger('writeChange', 'after', writesState('executing')) },
  {
    ...endsPickedUp,
    name: 'second attempt',
    ...atLedger('writeChange', 'after', writesSecondAttempt),
    ...faultOnCommand({ kind: 'reset-before' }),
  },
  { ...endsPickedUp, name: 'initiated', ...atLedger('writeChange', 'after', writesState('initiated')) },
  {
    ...endsPickedUp,
    name: 'initiated after an unknown outcome',
    ...atLedger('writeChange', 'after', writesState('initiated')),
    ...faultOnCommand({ kind: 'reset-after' }),
  },
  { ...endsRejected, name: 'refusal', ...atLedger('writeChange', 'after', writesState('rejected')) },
  { ...endsPickedUp, name: 'routing recorded', ...atLedger('writeChange', 'after', writesAuditStatus('routing_applied')) },
  { ...endsPickedUp, name: 'pickup', ...atLedger('writeChange', 'after', writesState('picked_up')) },
  { ...endsInTimeout, name: 'timeout', ...atLedger('writeChange', 'after', writesState('timeout')) },
  { ...endsAfterDecision, name: 'decision', ...atLedger('writeChange', 'after', writesState('decided')) },
  { ...endsAfterDecision, name: 'decision followed', ...atLedger('writeChange', 'after', writesState('initiated', 'decided')) },
  { ...endsAfterMovingOn, name: 'later hop: executing', ...atLedger('writeChange', 'after', writesState('executing')) },
  {
    ...endsAfterMovingOn,
    name: 'later hop: second attempt',
    ...atLedger('writeChange', 'after', writesSecondAttempt),
    ...faultOnCommand({ kind: 'reset-before' }),
  },
  { ...endsAfterMovingOn, name: 'later hop: initiated', ...atLedger('writeChange', 'after', writesState('initiated')) },
  { ...endsWithoutMovingOn, name: 'later hop: refusal', ...atLedger('writeChange', 'after', writesReturn) },
  { ...endsWithCallback, name: 'callback: executing', ...atLedger('writeChange', 'after', writesState('executing')) },
  {
    ...endsWithCallback,
    name: 'callback: second attempt',
    ...atLedger('writeChange', 'after', writesSecondAttempt),
    ...faultOnCommand({ kind: 'reset-before' }, callbackOperation),
  },
  { ...endsWithCallback, name: 'callback: created', ...atLedger('writeChange', 'after', writesState('callback_created')) },
  {
    ...endsWithCallback,
    name: 'callback: created after an unknown outcome',
    ...atLedger('writeChange', 'after', writesState('callback_created')),
    ...faultOnCommand({ kind: 'reset-after' }, callbackOperation),
  },
  { ...endsAfterChange, name: 'change: stored', ...atLedger('updateTransfer', 'after') },
  { ...endsAfterChange, name: 'change: routing recorded', ...atLedger('writeChange', 'after', recordsLastChange) },
  { ...endsPickedUp, name: 'delivery result recorded', ...atLedger('recordDeliveryResult', 'after') },
]

export const uncertainWritePoints: readonly CrashPoint[] = writes.flatMap((point): CrashPoint[] => [
  { ...point, action: 'lose-response', name: `${point.name}: committed, response lost` },
  { ...point, action: 'lose-write', moment: 'before', name: `${point.name}: not committed` },
])
