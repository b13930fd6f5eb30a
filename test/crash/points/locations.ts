/** Building blocks of crash points: where the node fails, which fault the platform has, and how the transfer ends. */
import type { FaultOptions } from '../../../src/simulator/control/fault-options.ts'
import {
  callbackOperation,
  transferOperation,
  type Condition,
  type CrashPoint,
  type LedgerMethod,
  type Moment,
  type PlatformMethod,
} from './crash-point.ts'

export const atLedger = (method: LedgerMethod, moment: Moment, condition?: Condition) =>
  ({ port: 'ledger', method, moment, ...(condition && { condition }) }) as const

export const atPlatform = (method: PlatformMethod, moment: Moment, condition?: Condition) =>
  ({ port: 'platform', method, moment, ...(condition && { condition }) }) as const

export const atSimulator = (moment: Moment) => ({ port: 'simulator', operation: transferOperation, moment }) as const

/** One fault for the next transfer command. */
export const faultOnCommand = (fault: FaultOptions['fault'], operation: string = transferOperation) =>
  ({ platformFaults: [{ operation, fault }] }) as const

/** The call is moved once and an agent picks up. */
export const endsPickedUp = { finalState: 'picked_up', moves: 1 } as const
/** The call is moved once and no agent picks up. */
export const endsInTimeout = { noAgentAnswers: true, finalState: 'timeout', moves: 1 } as const

/** The platform refuses every command. */
const refusedAlways = {
  platformFaults: [
    {
      operation: transferOperation,
      times: 'always',
      fault: { kind: 'status', status: 400, body: { code: 'bad.request', message: 'refused', status: 400 } },
    },
  ],
} as const
export const endsRejected = { ...refusedAlways, finalState: 'rejected', moves: 0 } as const

/** No agent answers at the first place; the call moves on to the second, where an agent picks up. */
export const endsAfterMovingOn = { onLaterHop: true, finalState: 'picked_up', moves: 2 } as const
/** No agent answers at the first place, and the platform refuses to move the call on. */
export const endsWithoutMovingOn = { ...refusedAlways, onLaterHop: true, finalState: 'timeout', moves: 1 } as const

/** The call is moved once, its priority is changed while it waits, and then an agent picks up. */
export const endsAfterChange = { isChanged: true, finalState: 'picked_up', moves: 1 } as const

/** The transfer is only decided; the caller's flow moves the call. */
export const endsAfterDecision = { requestFields: { mode: 'decide' }, finalState: 'picked_up', moves: 0 } as const

const toCallbackFault = (fault: FaultOptions): FaultOptions => ({ ...fault, operation: callbackOperation })
/** The same point of a request for a callback, which the platform must create once, and must not move the call. */
export const asCallback = (point: CrashPoint): CrashPoint => ({
  ...point,
  ...(point.port === 'simulator' && { operation: callbackOperation }),
  ...(point.platformFaults && { platformFaults: point.platformFaults.map(toCallbackFault) }),
  ...endsWithCallback,
  name: `callback: ${point.name}`,
})
/** The caller is called back once, and the call stays where it is. */
export const endsWithCallback = { isCallback: true, finalState: 'callback_created', moves: 0, callbacks: 1 } as const
