import { auditNote } from '../../../src/ledger/audit/draft.ts'
import { erasedStatus, verifyAudit } from '../../../src/ledger/audit/verification.ts'
import { StillOpen, type Erased, type Ledger } from '../../../src/ledger/ledger.ts'
import { erasure } from '../../../src/transfers/erasure.ts'
import { annotate } from '../../../src/transfers/transition.ts'
import type { TransferRecord } from '../../../src/model/transfer.ts'
import { aRecord } from '../../support/record.ts'
import type { Given } from '../conformance.ts'
import {
  auditKey,
  change,
  conversation,
  crmEndpoint,
  opening,
  pages,
  settled,
  dueBy,
  sound,
  statuses,
  taken,
  wholeAudit,
} from '../scene.ts'

/** What of a caller must not be found any more. */
export const traces = {
  number: '+4930555123456',
  fallbackNumber: '+4930555654321',
  callerNumber: 'c0ffee0123456789',
  targetNumber: 'badcafe012345678',
  pathHash: 'feedface01234567',
  contextValue: 'dispute about invoice 4711',
} as const
const answer = (record: TransferRecord) => ({ status: 201, body: JSON.stringify(record) })

/** A conversation that was put through to a number, with everything that is kept of one. */
export async function toANumber(ledger: Ledger, conversationId: string, key: string): Promise<TransferRecord> {
  const asked = opening(
    aRecord({
      conversationId,
      target: { type: 'number', address: traces.number },
      fallback: [{ type: 'number', address: traces.fallbackNumber }],
      context: { reason: traces.contextValue },
    }),
    key,
    { identity: `identity of ${traces.number}`, fingerprint: `fingerprint of ${traces.number}` },
  )
  asked.audit.personal = { targetNumber: traces.targetNumber }
  const record = taken(await ledger.open(asked))
  const executing = change(record, 'executing')
  if (executing.audit) executing.audit.personal = { callerNumber: traces.callerNumber }
  await ledger.record(executing)
  const initiated = change(executing.record, 'initiated', {
    initiatedAt: Date.now(),
    transferPath: ['queue:support', `number:${traces.pathHash}`],
    message: `at number:${traces.pathHash} before`,
    resolvedTarget: {
      type: 'number',
      queueId: null,
      userId: null,
      skillIds: [],
      languageId: null,
      address: traces.number,
      priority: 0,
      usedFallback: false,
    },
  })
  await ledger.record({ ...initiated, answer: answer(initiated.record) })
  const over = change(initiated.record, 'picked_up', { pickupMs: 5 })
  await ledger.record(over)
  return over.record
}
export const eraseOf = (ledger: Ledger, conversationId: string): Promise<Erased> =>
  ledger.erase(conversationId, erasure, auditNote(erasedStatus, { conversationId, detail: { reason: null } }))

/** Everything that the ledger tells, of the conversations and altogether. */
async function told(ledger: Ledger, { id, conversationId }: TransferRecord): Promise<string> {
  const list = await pages((cursor) => ledger.deliveries({ limit: 5, ...(cursor !== undefined && { cursor }) }))
  return JSON.stringify([
    await ledger.transfer(id),
    await pages((cursor) => ledger.transfers({ limit: 5, ...(cursor !== undefined && { cursor }) })),
    await ledger.lastMoved(conversationId),
    await ledger.auditOf(id),
    await wholeAudit(ledger),
    list,
    await Promise.all(list.map((delivery) => ledger.delivery(delivery.id))),
    await ledger.auditChains(),
  ])
}
const tracesIn = (text: string): string[] => Object.values(traces).filter((trace) => text.includes(trace))

export function erasing(given: Given): void {
  given(
    'a conversation that is over, when it is erased, then nothing personal of it is told any more, and the trail holds',
    async (t, open) => {
      const ledger = await open()
      const conversationId = conversation()
      const record = await toANumber(ledger, conversationId, 'the key')
      t.same(tracesIn(await told(ledger, record)), Object.values(traces), 'all of it was there')
      const before = await ledger.transfer(record.id)
      const rows = await ledger.auditOf(record.id)

      t.same(await eraseOf(ledger, conversationId), { transfers: 1, deliveries: 2, auditRows: 2 })

      t.same(tracesIn(await told(ledger, record)), [])
      const after = await ledger.transfer(record.id)
      t.match(after, {
        state: 'picked_up',
        pickupMs: 5,
        target: { type: 'number', address: 'erased' },
        context: {},
        createdAt: before?.createdAt,
      })
      t.same(
        (await ledger.auditOf(record.id)).map(({ hash, status }) => [hash, status]),
        rows.map(({ hash, status }) => [hash, status]),
        'the chain is what it was',
      )
      t.match((await wholeAudit(ledger)).at(-1), {
        status: 'erased',
        conversationId,
        personal: null,
        detail: { transfers: 1, deliveries: 2, auditRows: 2, reason: null },
      })
      t.match(await verifyAudit(ledger, auditKey), { erased: 1, faults: [] })
    },
  )

  given(
    'a stored answer, when its conversation is erased, then the key is used up, and no second transfer comes of it',
    async (t, open) => {
      const ledger = await open()
      const conversationId = conversation()
      const record = await toANumber(ledger, conversationId, 'the key')
      const again = () =>
        ledger.open(
          opening(aRecord({ conversationId, target: record.target }), 'the key', {
            identity: `identity of ${traces.number}`,
            fingerprint: `fingerprint of ${traces.number}`,
          }),
        )
      t.match(await again(), { outcome: 'replayed', answer: { status: 201 } })
      await eraseOf(ledger, conversationId)
      t.same(await again(), { outcome: 'reused', transferId: record.id })
      t.same(await again(), { outcome: 'reused', transferId: record.id })
      t.equal((await ledger.transfers({ conversationId, limit: 10 })).items.length, 1)
      t.match(
        await ledger.open(opening(aRecord({ conversationId }), 'another key')),
        { outcome: 'accepted', record: { transferDepth: 2 } },
        'a new request goes on where the last one was',
      )
    },
  )

  given('a transfer that is not over, when its conversation is erased, then that is refused and nothing is changed', async (t, open) => {
    const ledger = await open()
    const conversationId = conversation()
    const over = await toANumber(ledger, conversationId, 'the key')
    const next = taken(await ledger.open(opening(aRecord({ conversationId }), 'another key')))
    const refused = async (present: TransferRecord): Promise<void> => {
      const before = await told(ledger, over)
      await t.rejects(eraseOf(ledger, conversationId), StillOpen, present.state)
      await t.rejects(eraseOf(ledger, conversationId), { message: new RegExp(`transfer ${next.id} is not over \\(${present.state}\\)`) })
      t.equal(await told(ledger, over), before)
    }
    await refused(next)
    let present = next
    for (const [state, patch] of [
      ['executing', {}],
      ['initiated', { initiatedAt: 1 }],
      ['timeout', { lateWatch: true }],
    ] as const) {
      const moved = change(present, state, patch)
      await ledger.record(moved)
      present = moved.record
      await refused(present)
    }
    await ledger.record(annotate(present, { lateWatch: false }))
    t.match(await eraseOf(ledger, conversationId), { transfers: 2 })
    t.same(tracesIn(await told(ledger, over)), [])
    t.notOk((await statuses(ledger, next.id)).includes(erasedStatus), 'the word of it belongs to the conversation')
  })

  given('two conversations of one caller, when one is erased, then the other is as it was', async (t, open) => {
    const ledger = await open()
    const [one, other] = [conversation(), conversation()]
    await toANumber(ledger, one, 'one key')
    const record = await toANumber(ledger, other, 'other key')
    const of = async () => [
      await ledger.transfer(record.id),
      await ledger.auditOf(record.id),
      await Promise.all((await ledger.deliveries({ conversationId: other, limit: 10 })).items.map(({ id }) => ledger.delivery(id))),
    ]
    const before = await of()
    await eraseOf(ledger, one)
    t.same(await of(), before)
    t.same(tracesIn(JSON.stringify(before)), Object.values(traces))
    t.match(
      await ledger.open(opening(aRecord({ conversationId: other }), 'other key', { fingerprint: `fingerprint of ${traces.number}` })),
      { outcome: 'replayed', transferId: record.id },
    )
    t.ok(await sound(ledger))
  })

  given('a conversation that was erased, or is unknown, when it is erased, then there was nothing to take out', async (t, open) => {
    const ledger = await open()
    const conversationId = conversation()
    const record = await toANumber(ledger, conversationId, 'the key')
    await eraseOf(ledger, conversationId)
    const before = await ledger.transfer(record.id)
    t.match(await eraseOf(ledger, conversationId), { deliveries: 0, auditRows: 0 })
    t.same(await ledger.transfer(record.id), before)
    t.same(await eraseOf(ledger, conversation()), { transfers: 0, deliveries: 0, auditRows: 0 })
    t.match(await verifyAudit(ledger, auditKey), { faults: [] })
  })

  given(
    'webhooks that still wait, when their conversation is erased, then they are told all the same, without what is personal',
    async (t, open) => {
      const ledger = await open()
      const conversationId = conversation()
      await toANumber(ledger, conversationId, 'the key')
      await eraseOf(ledger, conversationId)
      const types: string[] = []
      for (
        let due = await ledger.dueDeliveries(dueBy(Date.now() + 1_000, 10));
        due.length > 0;
        due = await ledger.dueDeliveries(dueBy(Date.now() + 1_000, 10))
      )
        for (const { id, type, body, endpoint } of due) {
          types.push(type)
          t.same([tracesIn(body), endpoint], [[], crmEndpoint])
          t.match(JSON.parse(body), { type, data: { conversationId, transferPath: ['queue:support', 'number:erased'] } })
          await ledger.settleDelivery(settled(id, 'delivered'))
        }
      t.same(types, ['transfer.initiated', 'transfer.picked_up'])
    },
  )

  given('a conversation that moved on several nodes, when one of them erases it, then every chain holds', async (t, open) => {
    const [one, other] = [await open(), await open()]
    const conversationId = conversation()
    await toANumber(one, conversationId, 'one key')
    const record = await toANumber(other, conversationId, 'other key')
    t.match(await eraseOf(one, conversationId), { transfers: 2, deliveries: 4, auditRows: 4 })
    t.same(tracesIn(await told(other, record)), [])
    t.match(await verifyAudit(other, auditKey), { erased: 1, faults: [] })
  })
}
