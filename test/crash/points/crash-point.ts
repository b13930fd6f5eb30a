/** What a crash point is: where a node is killed, stopped or cut off from its ledger, and how the transfer must still end. */
import type { CallOptions, GenesysClient } from '../../../src/genesys/client.ts'
import type { Ledger } from '../../../src/ledger/contract/ledger.ts'
import type { State } from '../../../src/model/states.ts'
import type { FaultOptions } from '../../../src/simulator/control/fault-options.ts'

/** The ledger methods that a point can be before or after. */
export const ledgerMethods = [
  'openTransfer',
  'writeChange',
  'updateTransfer',
  'claimTransfers',
  'claimDeliveries',
  'recordDeliveryResult',
] as const satisfies ReadonlyArray<keyof Ledger>
export type LedgerMethod = (typeof ledgerMethods)[number]

/** The methods of the platform client that a point can be before or after. */
export const clientMethods = [
  'conversation',
  'setAttributes',
  'setRouting',
  'replaceWithQueue',
  'createCallback',
] as const satisfies ReadonlyArray<keyof GenesysClient>
/** `canSend` is the check that runs just before the first byte of a command is sent. */
export type PlatformMethod = (typeof clientMethods)[number] | Extract<keyof CallOptions, 'canSend'>

export type Moment = 'before' | 'after'

/** One call of a wrapped method, before it or, with its result, after it. */
export interface ObservedCall {
  args: readonly unknown[]
  result?: unknown
  /** Whether this process sent a command about the conversation and has not written the outcome yet. */
  hasUnknownOutcome(conversationId: string): boolean
}
export type Condition = (call: ObservedCall) => boolean

/**
 * `ledger` and `platform`: at a call of a wrapped method. `simulator`: when the operation has reached the simulator (`before`) or moved the
 * call there (`after`). `random`: at a random moment.
 */
export type Location =
  | { port: 'ledger'; method: LedgerMethod; moment: Moment; condition?: Condition }
  | { port: 'platform'; method: PlatformMethod; moment: Moment; condition?: Condition }
  | { port: 'simulator'; operation: string; moment: Moment }
  | { port: 'random' }

/** How a transfer must end. */
export interface ExpectedEnd {
  finalState: State
  /** How often the platform must have moved the call. */
  moves: number
  /** How often the platform must have created a callback; absent: never. */
  callbacks?: number
}

/** Fields of a transfer request besides conversation and target. */
export interface RequestFields {
  mode?: 'decide'
  context?: Record<string, string>
  /** The customer's participant must have it in the end. */
  summary?: string
}

export type CrashPoint = Location &
  ExpectedEnd & {
    name: string
    /** `kill`: SIGKILL. `lose-response`: the write is committed, but reported as failed. `lose-write`: it is not even tried. */
    action: 'kill' | 'lose-response' | 'lose-write'
    /** The point is reached by the node that takes over from one that died with `executing` committed. */
    onSuccessor?: true
    /** The point is reached while the call moves on from its first place, where no agent answers, to the second. */
    onLaterHop?: true
    /** The point is reached while the caller changes the priority of the call, which waits in its queue. */
    isChanged?: true
    /** The request is for a callback. */
    isCallback?: true
    /** Fields of the transfer request besides conversation and target. */
    requestFields?: RequestFields
    platformFaults?: readonly FaultOptions[]
    /** No agent picks up. */
    noAgentAnswers?: true
    /** The platform executes the dead node's command only while the next node resolves the unknown outcome. */
    platformActsLate?: true
  }

/** The command that moves a call into a queue, as the simulator's request log names it. */
export const transferOperation = 'POST /conversations/{id}/participants/{id}/replace/queue'
/** The command that puts skills and priority on a waiting call. */
export const routingOperation = 'PATCH /routing/conversations/{id}'
/** Writes participant attributes. */
export const attributesOperation = 'PATCH /conversations/{id}/participants/{id}/attributes'
/** The priorities that the caller of a call with `isChanged` asks for, in order: the call must have the last one. */
export const changedPriorities = [7, 8] as const
/** The command that creates a callback. */
export const callbackOperation = 'POST /conversations/{id}/participants/{id}/callbacks'
