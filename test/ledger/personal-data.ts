/** A transfer to a phone number with personal data in everything that the ledger keeps of it, for tests of erasure. */
import { createAuditDraft } from '../../src/ledger/audit/draft.ts'
import { erasedStatus } from '../../src/ledger/audit/erasure-check.ts'
import type { ErasedCounts } from '../../src/ledger/contract/erasure.ts'
import type { Ledger } from '../../src/ledger/contract/ledger.ts'
import { toStoredTarget } from '../../src/model/target.ts'
import type { TransferRecord } from '../../src/model/transfer.ts'
import { erasure } from '../../src/transfers/erasure.ts'
import { createTestRecord } from '../support/transfer-record.ts'
import { createChange, createNewTransfer, expectAccepted } from './fixtures.ts'

/** Personal data of a caller that must be gone after an erasure. */
export const personalData = {
  number: '+4930555123456',
  fallbackNumber: '+4930555654321',
  callerNumber: 'c0ffee0123456789',
  targetNumber: 'badcafe012345678',
  pathHash: 'feedface01234567',
  contextValue: 'dispute about invoice 4711',
  summary: 'Jane Doe wants her money back for the second payment of May',
  reason: 'divorce.settlement',
} as const
/** An idempotency key as a caller may choose it. The ledger returns no keys, but its files contain them. */
export const personalKey = 'call-from-317-555-0303'
/** Hashes of the request, from which a phone number could be found by trying all numbers. */
export const requestHashes = {
  identity: `identity of ${personalData.number}`,
  fingerprint: `fingerprint of ${personalData.number}`,
}

/** Runs a transfer to a phone number from its request to the pickup, with personal data in everything that the ledger keeps of it. */
export async function transferToNumber(ledger: Ledger, conversationId: string, key: string): Promise<TransferRecord> {
  const newTransfer = createNewTransfer(
    createTestRecord({
      conversationId,
      target: { type: 'number', address: personalData.number },
      fallback: [{ type: 'number', address: personalData.fallbackNumber }],
      context: { reason: personalData.contextValue },
      summary: personalData.summary,
      reason: personalData.reason,
    }),
    key,
    requestHashes,
  )
  newTransfer.audit.personal = { targetNumber: personalData.targetNumber }
  newTransfer.audit.freeText = { reason: personalData.reason }
  const accepted = expectAccepted(await ledger.openTransfer(newTransfer))
  const executing = createChange(accepted, 'executing')
  if (executing.audit) executing.audit.personal = { callerNumber: personalData.callerNumber }
  await ledger.writeChange(executing)
  const initiated = createChange(executing.record, 'initiated', {
    initiatedAt: Date.now(),
    transferPath: ['queue:support', `number:${personalData.pathHash}`],
    message: `at number:${personalData.pathHash} before`,
    resolvedTarget: toStoredTarget({ type: 'number', address: personalData.number, priority: 0, usedFallback: false }),
  })
  await ledger.writeChange({ ...initiated, response: { status: 201, body: JSON.stringify(initiated.record) } })
  const pickedUp = createChange(initiated.record, 'picked_up', { pickupMs: 5 })
  await ledger.writeChange(pickedUp)
  return pickedUp.record
}

export const eraseConversation = (ledger: Ledger, conversationId: string): Promise<ErasedCounts> =>
  ledger.eraseConversation(conversationId, erasure, createAuditDraft(erasedStatus, { conversationId, detail: { reason: null } }))
