/** How a transfer moves on: the new record, its audit entry and its webhook are made together and written together (design §4). */
import { v7 as uuid } from 'uuid'
import type { Answer, AuditDraft, Change, CrmEvent, Ledger } from '../ledger/ledger.ts'
import { StoreUnavailable } from '../ledger/ledger.ts'
import type { Stage } from '../model/problems.ts'
import { type TransferRecord } from '../model/transfer.ts'
import { moves, type State } from '../model/states.ts'
import { traceIdOf } from '../telemetry/trace-context.ts'
import { webhook, type UnaddressedEvent } from './stages/crm-webhook.ts'

export type Detail = AuditDraft['detail']
export type Patch = Partial<Omit<TransferRecord, 'id' | 'conversationId' | 'state' | 'owner' | 'fence' | 'updatedAt'>>

/** A change before its event is addressed. */
export type Transition = Omit<Change, 'events'> & { telling?: UnaddressedEvent }

export interface TransitionNotes {
  stage: Stage
  detail?: Detail
  answer?: Answer | 'release'
  personal?: Record<string, string>
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
    traceId: traceIdOf(record.traceparent),
    detail: { mode: record.mode, ...detail },
  }
}

/**
 * A move as one change.
 * @throws Error when the table of moves does not allow it: a fault of ours, never of a request
 */
export function transition(
  record: TransferRecord,
  to: State,
  patch: Patch,
  { stage, detail, answer, personal }: TransitionNotes,
  now: number,
): Transition {
  if (!moves[record.state].includes(to)) throw new Error(`a transfer does not move from ${record.state} to ${to}`)
  const updatedAt = new Date(now).toISOString()
  const moved: TransferRecord = { ...record, ...patch, state: to, updatedAt }
  const telling = webhook(moved, updatedAt)
  return {
    record: moved,
    from: record.state,
    audit: { ...auditDraft(moved, to, stage, { from: record.state, ...detail }), ...(personal && { personal }) },
    ...(telling && { telling }),
    ...(answer && { answer }),
  }
}

/** Something learnt that is no move: a declined offer, skills put on the call. */
export function annotate(record: TransferRecord, patch: Patch, status?: string, stage: Stage = 'audit-poll', detail?: Detail): Transition {
  const amended: TransferRecord = { ...record, ...patch }
  return { record: amended, from: record.state, ...(status && { audit: auditDraft(amended, status, stage, detail) }) }
}

export interface Recorder {
  /** Writes a change. @throws StaleRecord, StoreUnavailable */
  write(change: Transition, others?: Transition[]): Promise<TransferRecord>
  /** Writes a change that must not be lost: tried again until the store takes it. @throws StaleRecord */
  writeWithRetry(change: Transition, others?: Transition[]): Promise<TransferRecord>
  /** Writes a change whoever owns the transfer. False: it has moved on meanwhile. @throws StoreUnavailable */
  forceWrite(change: Transition): Promise<boolean>
}

/** The endpoints of the CRM that are told of events of a type, by id. */
export type Audience = (type: string) => readonly string[]

const pauseMs = 500

export function createRecorder(
  ledger: Pick<Ledger, 'record' | 'overrule'>,
  audience: Audience,
  wait: (ms: number) => Promise<void>,
): Recorder {
  const addressed = ({ telling, ...change }: Transition): Change => {
    const events = telling ? audience(telling.type).map((endpoint): CrmEvent => ({ id: `evt_${uuid()}`, ...telling, endpoint })) : []
    return events.length > 0 ? { ...change, events } : change
  }
  async function put(change: Change, others: Change[]): Promise<TransferRecord> {
    await ledger.record(change, others)
    return change.record
  }
  async function insist(change: Change, others: Change[]): Promise<TransferRecord> {
    try {
      return await put(change, others)
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error
      await wait(pauseMs)
      return insist(change, others)
    }
  }
  return {
    write: (change, others = []) => put(addressed(change), others.map(addressed)),
    writeWithRetry: (change, others = []) => insist(addressed(change), others.map(addressed)),
    forceWrite: (change) => ledger.overrule(addressed(change)),
  }
}
