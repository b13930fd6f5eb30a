/** How a transfer moves on: the new record, its audit entry and its webhook are made together and written together (design §4). */
import type { Answer, AuditDraft, Change, Ledger } from '../ledger/ledger.ts'
import { StoreUnavailable } from '../ledger/ledger.ts'
import type { Stage } from '../problems.ts'
import { type TransferRecord } from './transfer.ts'
import { moves, type State } from '../states.ts'
import { webhook } from './webhook.ts'

export type Detail = AuditDraft['detail']
export type Patch = Partial<Omit<TransferRecord, 'id' | 'conversationId' | 'state' | 'owner' | 'fence' | 'updatedAt'>>

export interface MoveNotes {
  stage: Stage
  detail?: Detail
  answer?: Answer | 'release'
}

/** An audit entry about a transfer. */
export function auditDraft(record: TransferRecord, status: string, stage: Stage | null, detail: Detail = {}): AuditDraft {
  const { conversationId, id, latencyMs, pickupTime, transferDepth, code, requestedBy } = record
  return {
    conversationId,
    actionId: id,
    status,
    latencyMs,
    pickupTime,
    depth: transferDepth,
    stage,
    code,
    caller: requestedBy,
    detail: { mode: record.mode, ...detail },
  }
}

/**
 * A move as one change.
 * @throws Error when the table of moves does not allow it: a fault of ours, never of a request
 */
export function move(record: TransferRecord, to: State, patch: Patch, { stage, detail, answer }: MoveNotes, now: number): Change {
  if (!moves[record.state].includes(to)) throw new Error(`a transfer does not move from ${record.state} to ${to}`)
  const updatedAt = new Date(now).toISOString()
  const moved: TransferRecord = { ...record, ...patch, state: to, updatedAt }
  const event = webhook(moved, updatedAt)
  return {
    record: moved,
    from: record.state,
    audit: auditDraft(moved, to, stage, { from: record.state, ...detail }),
    ...(event && { event }),
    ...(answer && { answer }),
  }
}

/** Something learnt that is no move: a declined offer, skills put on the call. */
export function amendment(record: TransferRecord, patch: Patch, status?: string, stage: Stage = 'audit-poll', detail?: Detail): Change {
  const amended: TransferRecord = { ...record, ...patch }
  return { record: amended, from: record.state, ...(status && { audit: auditDraft(amended, status, stage, detail) }) }
}

export interface Recorder {
  /** Writes a change. @throws StaleRecord, StoreUnavailable */
  write(change: Change, others?: Change[]): Promise<TransferRecord>
  /** Writes a change that must not be lost: tried again until the store takes it. @throws StaleRecord */
  insist(change: Change, others?: Change[]): Promise<TransferRecord>
  /** Writes a change whoever owns the transfer. False: it has moved on meanwhile. @throws StoreUnavailable */
  overrule(change: Change): Promise<boolean>
}

const pauseMs = 500

export function createRecorder(
  ledger: Pick<Ledger, 'record' | 'overrule'>,
  tellsCrm: boolean,
  wait: (ms: number) => Promise<void>,
): Recorder {
  const untold = ({ event: _, ...change }: Change): Change => change
  async function write(change: Change, others: Change[] = []): Promise<TransferRecord> {
    await ledger.record(tellsCrm ? change : untold(change), tellsCrm ? others : others.map(untold))
    return change.record
  }
  async function insist(change: Change, others: Change[] = []): Promise<TransferRecord> {
    try {
      return await write(change, others)
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error
      await wait(pauseMs)
      return insist(change, others)
    }
  }
  return { write, insist, overrule: (change) => ledger.overrule(tellsCrm ? change : untold(change)) }
}
