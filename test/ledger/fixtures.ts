/** Helpers of the ledger's tests: they open and change transfers as the pipeline does, create delivery results, and read the audit trail. */
import { randomUUID } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { createAuditDraft } from '../../src/ledger/audit/draft.ts'
import { verifyAudit } from '../../src/ledger/audit/verification.ts'
import type { AuditDraft, AuditEntry, AuditTrailReader } from '../../src/ledger/contract/audit.ts'
import type { DeliveryState } from '../../src/ledger/contract/deliveries.ts'
import { StoreUnavailable } from '../../src/ledger/contract/errors.ts'
import type { StoredResponse } from '../../src/ledger/contract/idempotency.ts'
import type { Ledger } from '../../src/ledger/contract/ledger.ts'
import type { Change, NewTransfer, OpenResult } from '../../src/ledger/contract/transfers.ts'
import type { State } from '../../src/model/states.ts'
import type { TransferRecord } from '../../src/model/transfer.ts'
import type { Patch } from '../../src/transfers/patch.ts'
import { auditDraft, transition, type Transition } from '../../src/transfers/transition.ts'
import { createTestRecord } from '../support/transfer-record.ts'

export const auditKey = 'audit key of the tests'
/** The endpoint that every event of these tests is for. */
export const crmEndpoint = 'ep_0123456789ab'

export const createConversationId = (): string => randomUUID()
export const createDraft = (status: string): AuditDraft => createAuditDraft(status, {})

export function createNewTransfer(
  record: TransferRecord,
  key?: string,
  { identity = 'identity', fingerprint = 'fingerprint', writtenFingerprint = 'written fingerprint', caller = 'ops' } = {},
): NewTransfer {
  return {
    record,
    identity,
    audit: auditDraft(record, 'accepted', 'validation'),
    // Often wrong here, and must never make a difference.
    isProbablyFirst: true,
    ...(key !== undefined && { key: { caller, key, fingerprint, writtenFingerprint } }),
  }
}

/** Requests a transfer of a conversation. */
export const requestTransfer = (
  ledger: Ledger,
  conversationId: string,
  key?: string,
  identifiers?: { identity?: string; fingerprint?: string; writtenFingerprint?: string; caller?: string },
): Promise<OpenResult> => ledger.openTransfer(createNewTransfer(createTestRecord({ conversationId }), key, identifiers))

/** Opens a transfer that is in conflict with no other, by default in a conversation of its own. */
export async function openAccepted(ledger: Ledger, fields: Partial<TransferRecord> = {}, key?: string): Promise<TransferRecord> {
  const result = await ledger.openTransfer(createNewTransfer(createTestRecord({ conversationId: createConversationId(), ...fields }), key))
  return expectAccepted(result)
}

/** @throws Error when the transfer was not accepted */
export function expectAccepted(result: OpenResult): TransferRecord {
  if (result.outcome !== 'accepted') throw new Error(`not accepted but ${result.outcome}`)
  return result.record
}

/** Turns a transition into the change that the pipeline would write, with its event addressed to `crmEndpoint`. */
export function toChange({ event, response: _, ...change }: Transition, response?: StoredResponse | 'release'): Change {
  return {
    ...change,
    ...(event && { events: [{ id: `evt_${randomUUID()}`, ...event, endpoint: crmEndpoint }] }),
    ...(response && { response }),
  }
}

export const createChange = (record: TransferRecord, to: State, patch: Patch = {}, response?: StoredResponse | 'release'): Change =>
  toChange(transition(record, to, patch, { stage: 'execution' }, Date.now()), response)

/** Writes one change for each of the states. @returns the record after the last change */
export async function moveThrough(
  ledger: Ledger,
  record: TransferRecord,
  ...steps: Array<State | [State, Patch]>
): Promise<TransferRecord> {
  let current = record
  for (const step of steps) {
    const [to, patch] = typeof step === 'string' ? [step, {}] : step
    const next = createChange(current, to, { ...(to === 'initiated' && { initiatedAt: Date.now() }), ...patch })
    await ledger.writeChange(next)
    current = next.record
  }
  return current
}

/** An attempt of a delivery, now. @param status HTTP status; null: there was no response */
export const createAttempt = (status: number | null = 200) => ({
  at: new Date().toISOString(),
  status,
  error: status === null ? 'timeout' : null,
  durationMs: 5,
})
/** The result of an attempt. @param nextAt when the next attempt is due, epoch ms; null: there is none */
export const createResult = (id: string, state: DeliveryState, nextAt: number | null = null) => ({
  id,
  state,
  attempt: createAttempt(state === 'delivered' ? 200 : 500),
  nextAt,
  audit: createDraft(`delivery_${state}`),
})
/** What to claim: deliveries to `crmEndpoint` in the lane `fresh` that are due at `dueBy` (epoch ms), at most `limit`. */
export const claimDueBy = (dueBy: number, limit: number) => ({ endpoint: crmEndpoint, lane: 'fresh' as const, dueBy, limit })

/**
 * Repeats an operation until the ledger accepts it, as the pipeline and callers do: a busy database may refuse, and then nothing was written.
 * A deadlock or a duplicate is an error of the ledger, and is not repeated.
 */
export async function retryWhileUnavailable<T>(operation: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await operation()
    } catch (error) {
      if (!(error instanceof StoreUnavailable) || /deadlock|duplicate/.test(error.message) || tries > 500) throw error
      await setTimeout(5)
    }
  }
}

/** The statuses of a transfer's audit entries, in order. */
export const readStatuses = async (ledger: Ledger, transferId: string): Promise<string[]> =>
  (await ledger.findAuditEntries(transferId)).map(({ status }) => status)

/** All audit entries from `since` to before `until` (epoch ms). */
export async function readWholeAudit(ledger: Ledger, since = 0, until = Number.MAX_SAFE_INTEGER): Promise<AuditEntry[]> {
  const entries: AuditEntry[] = []
  for await (const page of ledger.exportAudit({ since, until })) entries.push(...page)
  return entries
}

/** True if a verification of the whole audit trail finds no fault. */
export const isTrailSound = async (trail: AuditTrailReader, key = auditKey): Promise<boolean> =>
  (await verifyAudit(trail, key)).faults.length === 0

/** The items of all pages of a list. */
export async function readAllPages<T>(
  readPage: (cursor: string | undefined) => Promise<{ items: T[]; nextCursor: string | null }>,
): Promise<T[]> {
  const items: T[] = []
  for (let cursor: string | null | undefined; cursor !== null;) {
    const page = await readPage(cursor)
    items.push(...page.items)
    cursor = page.nextCursor
  }
  return items
}
