/** Transfer records for tests that write to a ledger without going through the service. */
import { createTransferRecord } from '../../src/transfers/request/new-transfer.ts'
import type { AuditDraft } from '../../src/ledger/contract/audit.ts'
import { toStoredTarget } from '../../src/model/target.ts'
import type { TransferRecord } from '../../src/model/transfer.ts'

const normalizedRequest = {
  conversationId: '8c2f1a54-3d6b-4f0e-9a71-5b2c8d9e0f13',
  mode: 'execute' as const,
  target: { type: 'queue' as const, queueId: '3f1d2c4b-5a69-4788-8c9d-0e1f2a3b4c5d' },
  targets: [{ type: 'queue' as const, queueId: '3f1d2c4b-5a69-4788-8c9d-0e1f2a3b4c5d', skillIds: [], languageId: null }],
  fallback: [],
  priority: 0,
  context: {},
  summary: null,
  reason: null,
  override: [],
  key: undefined,
  traceparent: '00-0123456789abcdef0123456789abcdef-0123456789abcdef-01',
  fingerprint: 'f',
  identity: 'i',
}

/** Creates the record of a new request, with `fields` replaced. */
export function createTestRecord(fields: Partial<TransferRecord> = {}): TransferRecord {
  const now = Date.now()
  return { ...createTransferRecord(normalizedRequest, { id: 'ops', queues: null }, now, 8_000, now), ...fields }
}

/** Creates the first audit entry of a transfer. */
export const acceptedAuditDraft = ({ conversationId, id }: TransferRecord): AuditDraft => ({
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

/**
 * Moves a record to `executing`: the command that moves the call from the IVR to a queue may have been sent.
 * @param participants the participants of the conversation, the customer first; one of them must have the purpose `ivr`
 * @param takenAt when the snapshot was taken and the command was sent, epoch ms
 */
export function toExecutingRecord(
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
      takenAt,
    },
    customerId: String(participants[0]?.id),
    sentAt: takenAt,
    attempt: 1,
    resolvedTarget: toStoredTarget({ type: 'queue', queueId, skillIds: [], languageId: null, priority: 0, usedFallback: false }),
  }
}
