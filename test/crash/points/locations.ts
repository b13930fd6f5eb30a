/** Short ways to write down crash points: where, with which fault of the platform, and how the transfer ends. */
import type { FaultOptions } from '../../../src/simulator/control/fault-options.ts'
import { transferOperation, type Condition, type LedgerMethod, type Moment, type PlatformMethod } from './crash-point.ts'

export const atLedger = (method: LedgerMethod, moment: Moment, condition?: Condition) =>
  ({ port: 'ledger', method, moment, ...(condition && { condition }) }) as const

export const atPlatform = (method: PlatformMethod, moment: Moment, condition?: Condition) =>
  ({ port: 'platform', method, moment, ...(condition && { condition }) }) as const

export const atSimulator = (moment: Moment) => ({ port: 'simulator', operation: transferOperation, moment }) as const

/** One fault for the next transfer command. */
export const faultOnCommand = (fault: FaultOptions['fault']) => ({ platformFaults: [{ operation: transferOperation, fault }] }) as const

/** The call is moved once and an agent picks up. */
export const endsPickedUp = { finalState: 'picked_up', moves: 1 } as const
/** The call is moved once and no agent picks up. */
export const endsInTimeout = { noAgentAnswers: true, finalState: 'timeout', moves: 1 } as const

/** The platform refuses the command. */
export const endsRejected = {
  platformFaults: [
    {
      operation: transferOperation,
      times: 'always',
      fault: { kind: 'status', status: 400, body: { code: 'bad.request', message: 'no', status: 400 } },
    },
  ],
  finalState: 'rejected',
  moves: 0,
} as const

/** The transfer is only decided; the caller's flow moves the call. */
export const endsAfterDecision = { requestFields: { mode: 'decide' }, finalState: 'picked_up', moves: 0 } as const
