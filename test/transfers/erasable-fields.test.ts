/** Each field of a stored transfer either has no personal data or is erased. A new field fails to compile here until that is decided. */
import t from 'tap'
import type { StoredTarget } from '../../src/model/target.ts'
import type { TransferRecord } from '../../src/model/transfer.ts'
import { erasure } from '../../src/transfers/erasure.ts'
import { createTestRecord } from '../support/transfer-record.ts'

/**
 * `kept`: IDs, counts, times and texts of Handoff. A phone number is in it only as a keyed hash, and that hash is erased.
 * `personal`: text of the request, or a phone number.
 */
const contents: Record<keyof Required<TransferRecord>, 'kept' | 'personal'> = {
  id: 'kept',
  conversationId: 'kept',
  state: 'kept',
  code: 'kept',
  message: 'kept',
  mode: 'kept',
  target: 'personal',
  fallback: 'personal',
  resolvedTarget: 'personal',
  considered: 'kept',
  callbackConversationId: 'kept',
  hop: 'kept',
  earlierHops: 'personal',
  priority: 'kept',
  transferDepth: 'kept',
  transferPath: 'kept',
  latencyMs: 'kept',
  pickupTime: 'kept',
  pickupMs: 'kept',
  agentUserId: 'kept',
  bounces: 'kept',
  requestedBy: 'kept',
  createdAt: 'kept',
  updatedAt: 'kept',
  correlationIds: 'kept',
  context: 'personal',
  summary: 'personal',
  reason: 'personal',
  receivedAt: 'kept',
  deadlineAt: 'kept',
  initiatedAt: 'kept',
  snapshot: 'kept',
  customerId: 'kept',
  sentAt: 'kept',
  attempt: 'kept',
  routing: 'kept',
  mirror: 'kept',
  attributes: 'kept',
  lateWatch: 'kept',
  queueIds: 'kept',
  allowedQueues: 'kept',
  override: 'kept',
  bulk: 'kept',
  refusal: 'kept',
  restoredAt: 'kept',
  traceparent: 'kept',
  owner: 'kept',
  fence: 'kept',
}
const number = '+4930555123456'
const words = 'Jane Doe, about invoice 4711'

t.test('given personal data in each field that can have some, when the transfer is erased, then none is left', async (t) => {
  const resolvedTarget: StoredTarget = {
    type: 'number',
    queueId: null,
    userId: null,
    skillIds: [],
    languageId: null,
    address: number,
    priority: 0,
    usedFallback: true,
    preferredUserIds: [],
    scheduledAt: null,
  }
  const before = createTestRecord({
    target: { type: 'number', address: number },
    fallback: [{ type: 'number', address: number }],
    resolvedTarget,
    earlierHops: [
      { number: 1, resolvedTarget, initiatedAt: null, endedAt: null, outcome: 'overflowed' },
    ] as unknown as TransferRecord['earlierHops'],
    context: { reason: words, [words.slice(0, 4)]: number },
    summary: `${words}, asks to be called back at ${number}`,
    reason: words,
  })
  const isPersonal = (value: unknown) => [number, words, words.slice(0, 4)].some((text) => JSON.stringify(value).includes(text))
  const fieldsOf = (record: TransferRecord) =>
    Object.entries(record)
      .filter(([, value]) => isPersonal(value))
      .map(([field]) => field)
  t.strictSame(
    fieldsOf(before).toSorted(),
    Object.keys(contents)
      .filter((field) => contents[field as keyof TransferRecord] === 'personal')
      .toSorted(),
    'the record has personal data in exactly these fields',
  )
  t.strictSame(fieldsOf(erasure.eraseRecord(before)), [])
  t.strictSame(
    Object.keys(before).filter((field) => !(field in contents)),
    [],
  )
})
