/** Behaviors of erasure: personal data of a conversation is gone everywhere, keys stay used, and the audit chain stays sound. */
import { erasedStatus } from '../../../src/ledger/audit/erasure-check.ts'
import { verifyAudit } from '../../../src/ledger/audit/verification.ts'
import type { AuditEntry } from '../../../src/ledger/contract/audit.ts'
import { TransferStillOpen } from '../../../src/ledger/contract/errors.ts'
import type { Ledger } from '../../../src/ledger/contract/ledger.ts'
import type { TransferRecord } from '../../../src/model/transfer.ts'
import { annotate, auditDraft } from '../../../src/transfers/transition.ts'
import { createTestRecord } from '../../support/transfer-record.ts'
import type { DeclareBehavior } from '../conformance.ts'
import {
  auditKey,
  claimDueBy,
  createChange,
  createConversationId,
  createNewTransfer,
  createResult,
  crmEndpoint,
  expectAccepted,
  isTrailSound,
  readAllPages,
  readStatuses,
  readWholeAudit,
  requestTransfer,
  toChange,
} from '../fixtures.ts'
import { eraseConversation, personalData, personalKey, requestHashes, transferToNumber } from '../personal-data.ts'

/** Everything that the ledger returns, about the transfer's conversation and in lists, as text. */
async function readEverything(ledger: Ledger, { id, conversationId }: TransferRecord): Promise<string> {
  const deliveries = await readAllPages((cursor) => ledger.listDeliveries({ limit: 5, ...(cursor !== undefined && { cursor }) }))
  return JSON.stringify([
    await ledger.findTransfer(id),
    await readAllPages((cursor) => ledger.listTransfers({ limit: 5, ...(cursor !== undefined && { cursor }) })),
    await ledger.findLastMoved(conversationId),
    await ledger.findAuditEntries(id),
    await readWholeAudit(ledger),
    deliveries,
    await Promise.all(deliveries.map((delivery) => ledger.findDelivery(delivery.id))),
    await ledger.listAuditChains(),
  ])
}
const findPersonalData = (text: string): string[] => Object.values(personalData).filter((value) => text.includes(value))

export function testErasure(given: DeclareBehavior): void {
  given(
    'a conversation that is over, when it is erased, then the ledger returns no personal data of it, and the trail is sound',
    async (t, open) => {
      const ledger = await open()
      const conversationId = createConversationId()
      const record = await transferToNumber(ledger, conversationId, 'the key')
      t.same(findPersonalData(await readEverything(ledger, record)), Object.values(personalData), 'all personal data was there before')
      const recordBefore = await ledger.findTransfer(record.id)
      const entriesBefore = await ledger.findAuditEntries(record.id)

      t.same(await eraseConversation(ledger, conversationId), { transfers: 1, bulkTransfers: 0, deliveries: 2, auditRows: 2 })

      t.same(findPersonalData(await readEverything(ledger, record)), [])
      t.match(await ledger.findTransfer(record.id), {
        state: 'picked_up',
        pickupMs: 5,
        target: { type: 'number', address: 'erased' },
        context: {},
        createdAt: recordBefore?.createdAt,
      })
      t.same(
        (await ledger.findAuditEntries(record.id)).map(({ hash, status }) => [hash, status]),
        entriesBefore.map(({ hash, status }) => [hash, status]),
        'the chain is unchanged',
      )
      t.match((await readWholeAudit(ledger)).at(-1), {
        status: 'erased',
        conversationId,
        personal: null,
        detail: { transfers: 1, bulkTransfers: 0, deliveries: 2, auditRows: 2, reason: null },
      })
      t.match(await verifyAudit(ledger, auditKey), { erased: 1, faults: [] })
    },
  )

  given(
    'free text of a caller, when its conversation is erased, then the audit trail has it only before the erasure, and the log never has it',
    async (t, open) => {
      const logged: AuditEntry[] = []
      const ledger = await open({ onAudit: (entry) => logged.push(entry) })
      const conversationId = createConversationId()
      const record = await transferToNumber(ledger, conversationId, 'the key')
      const written = { reason: 'Jane Doe of 12 Elm Street had hung up', correlationId: 'jane-doe' }
      const draft = auditDraft(record, 'noted', 'execution', { settledBy: 'ops', reason: null })
      await ledger.appendAudit({ ...draft, freeText: written, personal: { callerNumber: personalData.callerNumber } })
      await ledger.appendAudit({ ...draft, freeText: written })
      const readNotes = async () => (await ledger.findAuditEntries(record.id)).filter(({ status }) => status === 'noted')
      const [first, second] = await readNotes()
      t.match(first, { detail: { settledBy: 'ops', ...written }, personal: { callerNumber: personalData.callerNumber } })
      t.match(second, { detail: { settledBy: 'ops', ...written }, personal: null })
      t.match(
        (await readWholeAudit(ledger)).filter(({ status }) => status === 'noted'),
        [{ detail: written }, { detail: written }],
        'in the export, too',
      )
      t.match(
        logged.find(({ status }) => status === 'noted'),
        { detail: { settledBy: 'ops', reason: null } },
      )
      t.notMatch(JSON.stringify(logged), /jane|Elm Street/i)

      t.match(await eraseConversation(ledger, conversationId), { auditRows: 4 })
      t.notMatch(await readEverything(ledger, record), /jane|Elm Street/i)
      t.match(await readNotes(), [{ detail: { settledBy: 'ops', reason: null }, personal: null }, { personal: null }])
      t.match(await verifyAudit(ledger, auditKey), { erased: 1, faults: [] })
    },
  )

  given(
    'a stored response, when its conversation is erased, then the key stays used, and a repeat opens no second transfer',
    async (t, open) => {
      const ledger = await open()
      const conversationId = createConversationId()
      const record = await transferToNumber(ledger, conversationId, 'the key')
      const repeat = () =>
        ledger.openTransfer(createNewTransfer(createTestRecord({ conversationId, target: record.target }), 'the key', requestHashes))
      t.match(await repeat(), { outcome: 'replayed', response: { status: 201 } })
      await eraseConversation(ledger, conversationId)
      t.same(await repeat(), { outcome: 'reused', transferId: record.id })
      t.same(await repeat(), { outcome: 'reused', transferId: record.id })
      t.equal((await ledger.listTransfers({ conversationId, limit: 10 })).items.length, 1)
      t.match(
        await requestTransfer(ledger, conversationId, 'another key'),
        { outcome: 'accepted', record: { transferDepth: 2 } },
        'a new request continues the history',
      )
    },
  )

  given(
    'an erased idempotency key, when it is used again, then it counts as used for its caller only, also after a second erasure',
    async (t, open) => {
      const ledger = await open()
      const conversationId = createConversationId()
      const record = await transferToNumber(ledger, conversationId, personalKey)
      await eraseConversation(ledger, conversationId)
      await eraseConversation(ledger, conversationId)
      const request = (caller: string) => requestTransfer(ledger, createConversationId(), personalKey, { caller })
      t.same(await request('ops'), { outcome: 'reused', transferId: record.id })
      t.match(await request('another caller'), { outcome: 'accepted' })
      t.match(await requestTransfer(ledger, createConversationId(), 'another key'), { outcome: 'accepted' })
    },
  )

  given(
    'a transfer that is not over, when its conversation is erased, then the erasure is refused and nothing is changed',
    async (t, open) => {
      const ledger = await open()
      const conversationId = createConversationId()
      const over = await transferToNumber(ledger, conversationId, 'the key')
      const next = expectAccepted(await requestTransfer(ledger, conversationId, 'another key'))
      const expectRefusal = async ({ state }: TransferRecord): Promise<void> => {
        const before = await readEverything(ledger, over)
        await t.rejects(eraseConversation(ledger, conversationId), TransferStillOpen, state)
        await t.rejects(eraseConversation(ledger, conversationId), {
          message: new RegExp(`transfer ${next.id} is not over \\(${state}\\)`),
        })
        t.equal(await readEverything(ledger, over), before)
      }
      await expectRefusal(next)
      let current = next
      for (const [state, patch] of [
        ['executing', {}],
        ['initiated', { initiatedAt: 1 }],
        ['timeout', { lateWatch: true }],
      ] as const) {
        const change = createChange(current, state, patch)
        await ledger.writeChange(change)
        current = change.record
        await expectRefusal(current)
      }
      await ledger.writeChange(toChange(annotate(current, { lateWatch: false })))
      t.match(await eraseConversation(ledger, conversationId), { transfers: 2 })
      t.same(findPersonalData(await readEverything(ledger, over)), [])
      t.notOk(
        (await readStatuses(ledger, next.id)).includes(erasedStatus),
        'the erasure is reported about the conversation, not a transfer',
      )
    },
  )

  given('two conversations of one caller, when one is erased, then the other is unchanged', async (t, open) => {
    const ledger = await open()
    const [erasedId, keptId] = [createConversationId(), createConversationId()]
    await transferToNumber(ledger, erasedId, 'one key')
    const kept = await transferToNumber(ledger, keptId, 'other key')
    const readKept = async () => [
      await ledger.findTransfer(kept.id),
      await ledger.findAuditEntries(kept.id),
      await Promise.all(
        (await ledger.listDeliveries({ conversationId: keptId, limit: 10 })).items.map(({ id }) => ledger.findDelivery(id)),
      ),
    ]
    const before = await readKept()
    await eraseConversation(ledger, erasedId)
    t.same(await readKept(), before)
    t.same(findPersonalData(JSON.stringify(before)), Object.values(personalData))
    t.match(await requestTransfer(ledger, keptId, 'other key', { fingerprint: requestHashes.fingerprint }), {
      outcome: 'replayed',
      transferId: kept.id,
    })
    t.ok(await isTrailSound(ledger))
  })

  given('a conversation that was erased before, or is unknown, when it is erased, then nothing changes', async (t, open) => {
    const ledger = await open()
    const conversationId = createConversationId()
    const record = await transferToNumber(ledger, conversationId, 'the key')
    await eraseConversation(ledger, conversationId)
    const before = await ledger.findTransfer(record.id)
    t.match(await eraseConversation(ledger, conversationId), { deliveries: 0, auditRows: 0 })
    t.same(await ledger.findTransfer(record.id), before)
    t.same(await eraseConversation(ledger, createConversationId()), { transfers: 0, bulkTransfers: 0, deliveries: 0, auditRows: 0 })
    t.match(await verifyAudit(ledger, auditKey), { faults: [] })
  })

  given('pending deliveries, when their conversation is erased, then they are still delivered, without personal data', async (t, open) => {
    const ledger = await open()
    const conversationId = createConversationId()
    await transferToNumber(ledger, conversationId, 'the key')
    await eraseConversation(ledger, conversationId)
    const claimDue = () => ledger.claimDeliveries(claimDueBy(Date.now() + 1_000, 10))
    const types: string[] = []
    for (let due = await claimDue(); due.length > 0; due = await claimDue())
      for (const { id, type, body, endpoint } of due) {
        types.push(type)
        t.same([findPersonalData(body), endpoint], [[], crmEndpoint])
        t.match(JSON.parse(body), { type, data: { conversationId, transferPath: ['queue:support', 'number:erased'] } })
        await ledger.recordDeliveryResult(createResult(id, 'delivered'))
      }
    t.same(types, ['transfer.initiated', 'transfer.picked_up'])
  })

  given('a conversation that several nodes transferred, when one of them erases it, then every chain is sound', async (t, open) => {
    const [ledger, otherLedger] = [await open(), await open()]
    const conversationId = createConversationId()
    await transferToNumber(ledger, conversationId, 'one key')
    const record = await transferToNumber(otherLedger, conversationId, 'other key')
    t.match(await eraseConversation(ledger, conversationId), { transfers: 2, deliveries: 4, auditRows: 4 })
    t.same(findPersonalData(await readEverything(otherLedger, record)), [])
    t.match(await verifyAudit(otherLedger, auditKey), { erased: 1, faults: [] })
  })
}
