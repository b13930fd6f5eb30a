/**
 * The named points at which a node dies, is stopped, or loses an answer of its ledger: each a row. Nothing of this is in src/;
 * the ports are wrapped from outside (`armed.ts`), and what happens on the wire is seen at the simulator.
 */
import type { Change, DueDelivery } from '../../../src/ledger/ledger.ts'
import type { CallOptions } from '../../../src/genesys/client.ts'
import type { FaultSetting } from '../../../src/simulator/control/scene.ts'
import type { TransferRecord } from '../../../src/model/transfer.ts'
import type { State } from '../../../src/model/states.ts'

/** One passing of a wrapped call, before it or (with its result) after it. */
export interface Passing {
  args: readonly unknown[]
  result?: unknown
  /** Whether a command of this conversation left this process and has no answer that was written. */
  unsettled(conversationId: string): boolean
}
type When = (passing: Passing) => boolean

export interface Point {
  name: string
  /** The wrapped port and method; `wire`: seen at the simulator; `any`: at a random moment. */
  port: 'ledger' | 'platform' | 'wire' | 'any'
  method: string
  at: 'before' | 'after'
  when?: When
  /** `kill`: SIGKILL. `forget`: the write is done, its answer is lost (StoreUnavailable). `lose`: it is not even done. */
  how: 'kill' | 'forget' | 'lose'
  /** The node that takes over from one that died with `executing` committed is the one that passes here. */
  successor?: true
  /** What the caller asks for besides the usual. */
  asks?: { mode?: 'decide'; context?: Record<string, string> }
  faults?: FaultSetting[]
  /** Nobody picks up. */
  unanswered?: true
  /** The command that the dead node sent is acted on while the next one settles it. */
  actsLate?: true
  /** How the transfer must end, and how often the platform must have been made to move the call. */
  ends: State
  moves: number
}

export const command = 'POST /conversations/{id}/participants/{id}/replace/queue'
const usual = { how: 'kill', ends: 'picked_up', moves: 1 } as const

const changeIn = ({ args }: Passing): Change => args[0] as Change
const writes =
  (state: State, from?: State): When =>
  (passing) => {
    const change = changeIn(passing)
    return change.record.state === state && change.from !== state && (from === undefined || change.from === from)
  }
const notes =
  (status: string): When =>
  (passing) =>
    changeIn(passing).audit?.status === status
const secondAttempt: When = (passing) => changeIn(passing).record.state === 'executing' && changeIn(passing).record.attempt === 2
const someOf: When = ({ result }) => (result as Array<TransferRecord | DueDelivery>).length > 0
const asRead: When = ({ args }) => (args[1] as CallOptions).lane === 'read'
const ofUnsettled: When = (passing) => asRead(passing) && passing.unsettled(String(passing.args[0]))
const attributes =
  (ours: boolean): When =>
  ({ args }) =>
    'transferDepth' in (args[2] as object) === ours

const ledger = (method: string, at: Point['at'], when?: When) => ({ port: 'ledger', method, at, ...(when && { when }) }) as const
const platform = (method: string, at: Point['at'], when?: When) => ({ port: 'platform', method, at, ...(when && { when }) }) as const
const fault = (kind: FaultSetting['fault']): FaultSetting[] => [{ operation: command, fault: kind }]
const refused: FaultSetting[] = [
  {
    operation: command,
    times: 'always',
    fault: { kind: 'status', status: 400, body: { code: 'bad.request', message: 'no', status: 400 } },
  },
]
const asksDecision = { asks: { mode: 'decide' }, moves: 0 } as const
const withContext = { asks: { context: { reason: 'crash' } } } as const

export const points: readonly Point[] = [
  { ...usual, name: 'request in, nothing committed', ...ledger('open', 'before') },
  { ...usual, name: 'accepted committed', ...ledger('open', 'after') },
  { ...usual, name: 'reads sent', ...platform('conversation', 'before', asRead) },
  { ...usual, name: 'conversation read', ...platform('conversation', 'after', asRead) },
  { ...usual, name: 'context written', ...platform('setAttributes', 'after', attributes(false)), ...withContext },
  { ...usual, name: 'executing not committed', ...ledger('record', 'before', writes('executing')) },
  { ...usual, name: 'executing committed', ...ledger('record', 'after', writes('executing')) },
  { ...usual, name: 'first byte about to leave', ...platform('mayLeave', 'after') },
  {
    ...usual,
    name: 'command on the wire, never acted on',
    port: 'wire',
    method: command,
    at: 'before',
    faults: fault({ kind: 'silence', acts: false }),
  },
  {
    ...usual,
    name: 'command on the wire, acted on late',
    port: 'wire',
    method: command,
    at: 'before',
    faults: fault({ kind: 'silence', acts: false }),
    actsLate: true,
  },
  {
    ...usual,
    name: 'platform acted, answer not read',
    port: 'wire',
    method: command,
    at: 'after',
    faults: fault({ kind: 'delay', ms: 500 }),
  },
  { ...usual, name: 'answer read, initiated not committed', ...ledger('record', 'before', writes('initiated')) },
  { ...usual, name: 'initiated committed, caller not answered', ...ledger('record', 'after', writes('initiated')) },
  {
    ...usual,
    name: 'refusal not committed',
    ...ledger('record', 'before', writes('rejected')),
    faults: refused,
    ends: 'rejected',
    moves: 0,
  },
  {
    ...usual,
    name: 'refusal committed, caller not answered',
    ...ledger('record', 'after', writes('rejected')),
    faults: refused,
    ends: 'rejected',
    moves: 0,
  },
  {
    ...usual,
    name: 'reconciliation begins (platform acted)',
    ...platform('conversation', 'before', ofUnsettled),
    faults: fault({ kind: 'reset-after' }),
  },
  {
    ...usual,
    name: 'reconciliation looked (platform acted)',
    ...platform('conversation', 'after', ofUnsettled),
    faults: fault({ kind: 'reset-after' }),
  },
  {
    ...usual,
    name: 'reconciliation looked (not acted)',
    ...platform('conversation', 'after', ofUnsettled),
    faults: fault({ kind: 'status', status: 503 }),
  },
  { ...usual, name: 'second attempt committed', ...ledger('record', 'after', secondAttempt), faults: fault({ kind: 'reset-before' }) },
  { ...usual, name: 'successor: before its claim', ...ledger('claim', 'before'), successor: true },
  { ...usual, name: 'successor: claimed', ...ledger('claim', 'after', someOf), successor: true },
  { ...usual, name: 'successor: looked', ...platform('conversation', 'after', asRead), successor: true },
  { ...usual, name: 'successor: second attempt committed', ...ledger('record', 'after', secondAttempt), successor: true },
  { ...usual, name: 'routing not sent', ...platform('setRouting', 'before') },
  { ...usual, name: 'routing sent, not noted', ...platform('setRouting', 'after') },
  { ...usual, name: 'routing noted', ...ledger('record', 'after', notes('routing_applied')) },
  { ...usual, name: 'loop guard mirrored, not noted', ...platform('setAttributes', 'after', attributes(true)) },
  { ...usual, name: 'pickup seen, not committed', ...ledger('record', 'before', writes('picked_up')) },
  { ...usual, name: 'pickup committed', ...ledger('record', 'after', writes('picked_up')) },
  { ...usual, name: 'timeout not committed', ...ledger('record', 'before', writes('timeout')), unanswered: true, ends: 'timeout' },
  { ...usual, name: 'timeout committed', ...ledger('record', 'after', writes('timeout')), unanswered: true, ends: 'timeout' },
  { ...usual, name: 'delivery claimed', ...ledger('dueDeliveries', 'after', someOf) },
  { ...usual, name: 'CRM told, not settled', ...ledger('settleDelivery', 'before') },
  { ...usual, name: 'delivery settled', ...ledger('settleDelivery', 'after') },
  { ...usual, name: 'decision not committed', ...ledger('record', 'before', writes('decided')), ...asksDecision },
  { ...usual, name: 'decision committed, caller not answered', ...ledger('record', 'after', writes('decided')), ...asksDecision },
  { ...usual, name: 'decision followed, not committed', ...ledger('record', 'before', writes('initiated', 'decided')), ...asksDecision },
  { ...usual, name: 'at any moment', port: 'any', method: '', at: 'before' },
]

/** What may become of any write: the database is lost before it, or during its COMMIT. (What is handed out in a lost answer is the ledger's own to find again, `handing-out.ts`.) */
const doubted: ReadonlyArray<Omit<Point, 'how'>> = [
  { ...usual, name: 'accepted', ...ledger('open', 'after') },
  { ...usual, name: 'executing', ...ledger('record', 'after', writes('executing')) },
  { ...usual, name: 'second attempt', ...ledger('record', 'after', secondAttempt), faults: fault({ kind: 'reset-before' }) },
  { ...usual, name: 'initiated', ...ledger('record', 'after', writes('initiated')) },
  {
    ...usual,
    name: 'initiated by reconciliation',
    ...ledger('record', 'after', writes('initiated')),
    faults: fault({ kind: 'reset-after' }),
  },
  { ...usual, name: 'refusal', ...ledger('record', 'after', writes('rejected')), faults: refused, ends: 'rejected', moves: 0 },
  { ...usual, name: 'routing noted', ...ledger('record', 'after', notes('routing_applied')) },
  { ...usual, name: 'pickup', ...ledger('record', 'after', writes('picked_up')) },
  { ...usual, name: 'timeout', ...ledger('record', 'after', writes('timeout')), unanswered: true, ends: 'timeout' },
  { ...usual, name: 'decision', ...ledger('record', 'after', writes('decided')), ...asksDecision },
  { ...usual, name: 'decision followed', ...ledger('record', 'after', writes('initiated', 'decided')), ...asksDecision },
  { ...usual, name: 'delivery settled', ...ledger('settleDelivery', 'after') },
]
export const doubts: readonly Point[] = doubted.flatMap((point) => [
  { ...point, how: 'forget' as const, name: `${point.name}: kept, answer lost` },
  { ...point, how: 'lose' as const, at: 'before' as const, name: `${point.name}: not kept` },
])

/** Where a node is stopped until another has taken its work over: wherever it may go on with something that is no longer its. */
export const stops: readonly Point[] = points
  .filter(({ name }) =>
    [
      'conversation read',
      'executing not committed',
      'executing committed',
      'first byte about to leave',
      'answer read, initiated not committed',
      'initiated committed, caller not answered',
      'reconciliation looked (not acted)',
      'second attempt committed',
      'pickup seen, not committed',
      'delivery claimed',
      'CRM told, not settled',
      'at any moment',
    ].includes(name),
  )
  .map((point) => (point.method === 'mayLeave' ? { ...point, at: 'before' as const } : point))
