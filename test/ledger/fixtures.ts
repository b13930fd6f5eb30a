/** What the ledger's tests write: transfers as the switchboard opens and moves them. */
import { randomUUID } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import {
  StoreUnavailable,
  type Answer,
  type AuditDraft,
  type AuditEntry,
  type Change,
  type DeliveryState,
  type Ledger,
  type Opened,
  type Opening,
} from '../../src/ledger/ledger.ts'
import { auditNote } from '../../src/ledger/audit/draft.ts'
import { verifyAudit } from '../../src/ledger/audit/verification.ts'
import { auditDraft, transition, type Patch } from '../../src/transfers/transition.ts'
import type { TransferRecord } from '../../src/model/transfer.ts'
import type { State } from '../../src/model/states.ts'
import { aRecord } from '../support/record.ts'

export const auditKey = 'audit key of the tests'
export const conversation = (): string => randomUUID()
export const draft = (status: string): AuditDraft => auditNote(status, {})

export function opening(
  record: TransferRecord,
  key?: string,
  { identity = 'identity', fingerprint = 'fingerprint', caller = 'ops' } = {},
): Opening {
  return {
    record,
    identity,
    audit: auditDraft(record, 'accepted', 'validation'),
    ...(key !== undefined && { key: { caller, key, fingerprint } }),
  }
}
/** Opens a transfer that nothing stands in the way of. */
export async function accepted(ledger: Ledger, fields: Partial<TransferRecord> = {}, key?: string): Promise<TransferRecord> {
  const opened = await ledger.open(opening(aRecord({ conversationId: conversation(), ...fields }), key))
  return taken(opened)
}
export function taken(opened: Opened): TransferRecord {
  if (opened.outcome !== 'accepted') throw new Error(`not accepted but ${opened.outcome}`)
  return opened.record
}

export function change(record: TransferRecord, to: State, patch: Patch = {}, answer?: Answer | 'release'): Change {
  const { telling, ...moved } = transition(record, to, patch, { stage: 'execution', ...(answer && { answer }) }, Date.now())
  return telling ? { ...moved, events: [{ id: `evt_${randomUUID()}`, ...telling, endpoint: crmEndpoint }] } : moved
}
/** Moves a transfer on, and on; what the ledger has in the end. */
export async function through(ledger: Ledger, record: TransferRecord, ...steps: Array<State | [State, Patch]>): Promise<TransferRecord> {
  let present = record
  for (const step of steps) {
    const [to, patch] = typeof step === 'string' ? [step, {}] : step
    const next = change(present, to, { ...(to === 'initiated' && { initiatedAt: Date.now() }), ...patch })
    await ledger.record(next)
    present = next.record
  }
  return present
}

export const attempt = (status: number | null = 200) => ({
  at: new Date().toISOString(),
  status,
  error: status === null ? 'timeout' : null,
  durationMs: 5,
})
export const settled = (id: string, state: DeliveryState, nextAt: number | null = null) => ({
  id,
  state,
  attempt: attempt(state === 'delivered' ? 200 : 500),
  nextAt,
  audit: draft(`delivery_${state}`),
})

/** Asks until the store takes it, as the switchboard and callers do: a busy one may refuse, and nothing is kept then. A deadlock or a duplicate is a fault of ours, and no reason to ask again. */
export async function insist<T>(ask: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await ask()
    } catch (error) {
      if (!(error instanceof StoreUnavailable) || /deadlock|duplicate/.test(error.message) || tries > 500) throw error
      await setTimeout(5)
    }
  }
}

/** The endpoint that every event of these tests is for. */
export const crmEndpoint = 'ep_0123456789ab'
export const dueBy = (now: number, limit: number) => ({ endpoint: crmEndpoint, lane: 'fresh' as const, now, limit })

export const statuses = async (ledger: Ledger, id: string): Promise<string[]> => (await ledger.auditOf(id)).map(({ status }) => status)
export async function wholeAudit(ledger: Ledger, since = 0, until = Number.MAX_SAFE_INTEGER): Promise<AuditEntry[]> {
  const entries: AuditEntry[] = []
  for await (const page of ledger.audit({ since, until })) entries.push(...page)
  return entries
}
/** Whether the whole trail is what was written. */
export const sound = async (ledger: Ledger, key = auditKey): Promise<boolean> => (await verifyAudit(ledger, key)).faults.length === 0
/** All the pages of a list. */
export async function pages<T>(ask: (cursor: string | undefined) => Promise<{ items: T[]; nextCursor: string | null }>): Promise<T[]> {
  const items: T[] = []
  for (let cursor: string | null | undefined; cursor !== null;) {
    const page = await ask(cursor)
    items.push(...page.items)
    cursor = page.nextCursor
  }
  return items
}
