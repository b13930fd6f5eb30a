/** Behaviors of opening a transfer: idempotency keys, repeats without a key, the lock on a conversation, depth and path. */
import type { NewTransfer } from '../../../src/ledger/contract/transfers.ts'
import type { Override } from '../../../src/model/conditions.ts'
import { toStoredTarget } from '../../../src/model/target.ts'
import { createTestRecord } from '../../support/transfer-record.ts'
import type { DeclareBehavior } from '../conformance.ts'
import {
  createChange,
  createConversationId,
  createNewTransfer,
  expectAccepted,
  moveThrough,
  openAccepted,
  readStatuses,
  readWholeAudit,
  requestTransfer,
} from '../fixtures.ts'

const response = { status: 202, body: '{"state":"initiated"}' }

export function testOpening(given: DeclareBehavior): void {
  given(
    'an idle conversation, when a transfer is opened, then it is accepted as the first of its conversation and owned by this node',
    async (t, open) => {
      const ledger = await open()
      const record = createTestRecord()
      const result = await ledger.openTransfer(createNewTransfer(record, 'key'))
      t.match(result, {
        outcome: 'accepted',
        record: { id: record.id, state: 'accepted', transferDepth: 1, transferPath: [], owner: ledger.nodeId, fence: 1 },
      })
      t.same(await ledger.findTransfer(record.id), expectAccepted(result))
      t.match(await ledger.findAuditEntries(record.id), [
        { status: 'accepted', actionId: record.id, conversationId: record.conversationId, depth: 1, node: ledger.nodeId },
      ])
    },
  )

  given(
    'a key whose transfer has no response yet, when the request is repeated, then it gets that transfer; when a response was stored, then it gets the response',
    async (t, open) => {
      const ledger = await open()
      const accepted = await openAccepted(ledger, {}, 'key')
      const repeat = () => requestTransfer(ledger, accepted.conversationId, 'key')
      t.same(await repeat(), { outcome: 'running', record: accepted })
      t.equal(await ledger.findStoredResponse(accepted.id), undefined)
      const executing = await moveThrough(ledger, accepted, 'executing')
      t.match(await repeat(), { outcome: 'running', record: { id: accepted.id, state: 'executing' } })
      await ledger.writeChange(createChange(executing, 'initiated', { initiatedAt: 1 }, response))
      t.same(await repeat(), { outcome: 'replayed', response, transferId: accepted.id })
      t.same(await ledger.findStoredResponse(accepted.id), response)
      t.equal(await ledger.findStoredResponse((await openAccepted(ledger)).id), undefined, 'a transfer without a key')
    },
  )

  given(
    'a used key, when it comes with another request, then the request is refused; when another caller uses the same key, then it counts as a new key',
    async (t, open) => {
      const ledger = await open()
      const accepted = await openAccepted(ledger, {}, 'key')
      t.same(await requestTransfer(ledger, createConversationId(), 'key', { fingerprint: 'other' }), {
        outcome: 'reused',
        transferId: accepted.id,
      })
      t.match(await requestTransfer(ledger, createConversationId(), 'key', { caller: 'another caller' }), { outcome: 'accepted' })
    },
  )

  given(
    'a key that version 0.1.0 stored with the hash of the request as written, when the same words are sent again, then they count as a repeat',
    async (t, open) => {
      const ledger = await open()
      const { conversationId } = await openAccepted(ledger, {}, 'key')
      // `openAccepted` stores 'fingerprint'. Version 0.1.0 stored there what is called writtenFingerprint now.
      const hashes = { fingerprint: 'of the meaning', writtenFingerprint: 'fingerprint' }
      t.match(await requestTransfer(ledger, conversationId, 'key', hashes), { outcome: 'running' })
      t.match(await requestTransfer(ledger, conversationId, 'key', { ...hashes, writtenFingerprint: 'in other words' }), {
        outcome: 'reused',
      })
    },
  )

  given('a refusal that releases its key, when the key is used again, then a new transfer is accepted', async (t, open) => {
    const ledger = await open()
    const accepted = await openAccepted(ledger, {}, 'key')
    await ledger.writeChange(createChange(accepted, 'rejected', { code: 'NO_AGENT_AVAILABLE' }, 'release'))
    const next = createTestRecord({ conversationId: accepted.conversationId })
    t.match(await ledger.openTransfer(createNewTransfer(next, 'key', { fingerprint: 'even another request' })), {
      outcome: 'accepted',
      record: { id: next.id, transferDepth: 1 },
    })
  })

  given('a rejected transfer with a stored response, when the request is repeated, then it gets that response', async (t, open) => {
    const ledger = await open()
    const accepted = await openAccepted(ledger, {}, 'key')
    const refusal = { status: 422, body: '{"code":"TARGET_INACTIVE"}' }
    await ledger.writeChange(createChange(accepted, 'rejected', { code: 'TARGET_INACTIVE' }, refusal))
    t.same(await requestTransfer(ledger, accepted.conversationId, 'key'), {
      outcome: 'replayed',
      response: refusal,
      transferId: accepted.id,
    })
  })

  given('an open transfer, when the same transfer is requested without a key, then the request gets the open one', async (t, open) => {
    const ledger = await open()
    const accepted = await openAccepted(ledger)
    const repeat = (identity = 'identity') => requestTransfer(ledger, accepted.conversationId, undefined, { identity })
    t.same(await repeat(), { outcome: 'same', record: accepted })
    t.same(await repeat('another target'), { outcome: 'locked', record: accepted })
    const initiated = await moveThrough(ledger, accepted, 'executing', 'initiated')
    t.match(await repeat(), { outcome: 'same', record: { id: accepted.id, state: 'initiated' } })
    await moveThrough(ledger, initiated, ['timeout', { lateWatch: true }])
    t.match(
      await repeat(),
      { outcome: 'accepted', record: { transferDepth: 2 } },
      'a timeout is over, even while a late pickup is watched for',
    )
  })

  given(
    'a transfer that has created a callback, when the same callback is requested without a key, then the request gets this transfer',
    async (t, open) => {
      const ledger = await open()
      const [queueId, skillId] = ['3f1d2c4b-5a69-4788-8c9d-0e1f2a3b4c5d', '8c2f1a54-3d6b-4f0e-9a71-5b2c8d9e0f13']
      const callback = { type: 'callback' as const, queueId, skillIds: [skillId] }
      const accepted = await openAccepted(ledger, { fallback: [{ ...callback, callbackNumber: '+13175550123' }] })
      const resolved = { ...callback, callbackNumber: '+13175550123', priority: 0, usedFallback: true }
      const created = await moveThrough(ledger, accepted, ['executing', { resolvedTarget: toStoredTarget(resolved) }], 'callback_created')
      const asked = { ...callback, callbackNumber: '+13175550123' }
      const repeat = (fields: Partial<NewTransfer>, override: Override[] = []) => {
        const record = createTestRecord({ conversationId: accepted.conversationId, override })
        return ledger.openTransfer({ ...createNewTransfer(record), ...fields })
      }
      t.match(await repeat({ callbacks: [asked] }), { outcome: 'same', record: { id: created.id, state: 'callback_created' } })
      const key = { caller: 'ops', key: 'a key', fingerprint: 'fingerprint' }
      for (const [fields, override] of [
        [{ callbacks: [] }],
        [{ callbacks: [{ ...asked, queueId: skillId }] }],
        [{ callbacks: [{ ...asked, skillIds: [] }] }],
        [{ callbacks: [callback] }],
        [{ callbacks: [{ ...asked, scheduledAt: '2030-01-02T09:00:00.000Z' }] }],
        [{ callbacks: [asked], identity: 'another target' }],
        [{ callbacks: [asked] }, ['loop']],
        [{ callbacks: [asked], key }],
      ] satisfies Array<[Partial<NewTransfer>, Override[]?]>) {
        const opened = await repeat(fields, override)
        t.match(opened, { outcome: 'accepted', record: { transferDepth: 2 } }, JSON.stringify([fields, override]))
        await ledger.writeChange(createChange(expectAccepted(opened), 'rejected', { code: 'LOOP_DETECTED' }, 'release'))
      }
    },
  )

  const pathsToLockingStates = {
    accepted: [],
    executing: ['executing'],
    indeterminate: ['executing', 'indeterminate'],
  } as const
  for (const [state, path] of Object.entries(pathsToLockingStates)) {
    given(
      `a transfer that is ${state}, when another one is requested with its own key, then the conversation is locked`,
      async (t, open) => {
        const ledger = await open()
        const current = await moveThrough(ledger, await openAccepted(ledger, {}, 'one'), ...path)
        const entriesBefore = (await readWholeAudit(ledger)).length
        const next = createTestRecord({ conversationId: current.conversationId })
        t.same(await ledger.openTransfer(createNewTransfer(next, 'other')), { outcome: 'locked', record: current })
        t.equal(await ledger.findTransfer(next.id), undefined)
        t.equal((await readWholeAudit(ledger)).length, entriesBefore, 'the refused request left no trace')
        await moveThrough(ledger, current, 'rejected')
        t.match(
          await ledger.openTransfer(createNewTransfer(next, 'other')),
          { outcome: 'accepted' },
          'the refused request did not use its key',
        )
      },
    )
  }

  given(
    'transfers that moved the conversation and one that did not, when the next one is opened, then it continues the depth and path of the last one that moved it',
    async (t, open) => {
      const ledger = await open()
      const first = await openAccepted(ledger)
      const { conversationId } = first
      const openNext = async (identity: string) => expectAccepted(await requestTransfer(ledger, conversationId, undefined, { identity }))
      await moveThrough(ledger, first, ['executing', { transferDepth: 1, transferPath: ['queue:a'] }], 'initiated', 'picked_up')
      await moveThrough(ledger, await openNext('b'), ['rejected', { transferPath: ['queue:a', 'queue:never'] }])
      const third = await openNext('c')
      t.match(third, { transferDepth: 2, transferPath: ['queue:a'] })
      await moveThrough(ledger, third, ['executing', { transferDepth: 2, transferPath: ['queue:a', 'queue:c'] }], 'initiated', 'failed')
      const fourth = await openNext('d')
      t.match(fourth, { transferDepth: 3, transferPath: ['queue:a', 'queue:c'] }, 'one that failed after it had moved the call counts')
      t.equal((await ledger.findLastMoved(conversationId))?.id, third.id)
      t.same(await readStatuses(ledger, fourth.id), ['accepted'])
      t.match(await ledger.findAuditEntries(fourth.id), [{ depth: 3 }])
    },
  )
}
