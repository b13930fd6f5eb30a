import { createTransferRecord } from '../../src/transfers/request/new-transfer.ts'
import type { AuditDraft } from '../../src/ledger/ledger.ts'
import type { TransferRecord } from '../../src/model/transfer.ts'

const asked = {
  conversationId: '8c2f1a54-3d6b-4f0e-9a71-5b2c8d9e0f13',
  mode: 'execute' as const,
  target: { type: 'queue' as const, queueId: '3f1d2c4b-5a69-4788-8c9d-0e1f2a3b4c5d' },
  fallback: [],
  priority: 0,
  context: {},
  key: undefined,
  traceparent: '00-0123456789abcdef0123456789abcdef-0123456789abcdef-01',
  fingerprint: 'f',
  identity: 'i',
}

/** A record as a request opens it, with the fields a test cares about. */
export function aRecord(fields: Partial<TransferRecord> = {}): TransferRecord {
  const now = Date.now()
  return { ...createTransferRecord(asked, { id: 'ops', queues: null }, now, 8_000, now), ...fields }
}

/** The audit entry that opens a transfer. */
export const accepted = ({ conversationId, id }: TransferRecord): AuditDraft => ({
  conversationId,
  actionId: id,
  status: 'accepted',
  latencyMs: null,
  pickupTime: null,
  depth: 1,
  stage: null,
  code: null,
  caller: 'ops',
  detail: {},
})

/** What a record has once its command may have been sent: a call in the IVR of `participants`, on its way to a queue. */
export function asExecuting(
  record: TransferRecord,
  participants: Array<{ id: string; purpose: string }>,
  queueId: string,
  takenAt: number,
): TransferRecord {
  return {
    ...record,
    state: 'executing',
    snapshot: {
      participantIds: participants.map(({ id }) => id),
      holderId: String(participants.find(({ purpose }) => purpose === 'ivr')?.id),
      holderPurpose: 'ivr',
      takenAt,
    },
    customerId: String(participants[0]?.id),
    sentAt: takenAt,
    attempt: 1,
    resolvedTarget: {
      type: 'queue',
      queueId,
      userId: null,
      skillIds: [],
      languageId: null,
      address: null,
      priority: 0,
      usedFallback: false,
    },
  }
}
