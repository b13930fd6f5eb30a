import { aRecord } from '../../support/record.ts'
import type { Given } from '../conformance.ts'
import { accepted, change, conversation, opening as asked, statuses, taken, through, wholeAudit } from '../scene.ts'

const answer = { status: 202, body: '{"state":"initiated"}' }

export function opening(given: Given): void {
  given(
    "an idle conversation, when a transfer is opened, then it is accepted as the first of its conversation and is this node's",
    async (t, open) => {
      const ledger = await open()
      const record = aRecord()
      const opened = await ledger.open(asked(record, 'key'))
      t.match(opened, {
        outcome: 'accepted',
        record: { id: record.id, state: 'accepted', transferDepth: 1, transferPath: [], owner: ledger.node, fence: 1 },
      })
      t.same(await ledger.transfer(record.id), taken(opened))
      t.match(await ledger.auditOf(record.id), [
        { status: 'accepted', actionId: record.id, conversationId: record.conversationId, depth: 1, node: ledger.node },
      ])
    },
  )

  given(
    'a key whose transfer is running, when it comes again, then it is that transfer; when it was answered, then it gets that answer',
    async (t, open) => {
      const ledger = await open()
      const first = await accepted(ledger, {}, 'key')
      const again = () => ledger.open(asked(aRecord({ conversationId: first.conversationId }), 'key'))
      t.same(await again(), { outcome: 'running', record: first })
      t.equal(await ledger.answerOf(first.id), undefined)
      const executing = await through(ledger, first, 'executing')
      t.match(await again(), { outcome: 'running', record: { id: first.id, state: 'executing' } })
      await ledger.record(change(executing, 'initiated', { initiatedAt: 1 }, answer))
      t.same(await again(), { outcome: 'replayed', answer, transferId: first.id })
      t.same(await ledger.answerOf(first.id), answer)
      t.equal(await ledger.answerOf((await accepted(ledger)).id), undefined, 'a transfer without a key')
    },
  )

  given(
    'a used key, when another request comes with it, then it is refused; when another caller uses it, then it is another key',
    async (t, open) => {
      const ledger = await open()
      const first = await accepted(ledger, {}, 'key')
      t.same(await ledger.open(asked(aRecord({ conversationId: conversation() }), 'key', { fingerprint: 'other' })), {
        outcome: 'reused',
        transferId: first.id,
      })
      t.match(await ledger.open(asked(aRecord({ conversationId: conversation() }), 'key', { caller: 'somebody else' })), {
        outcome: 'accepted',
      })
    },
  )

  given('a refusal that releases its key, when the key comes again, then it is accepted anew', async (t, open) => {
    const ledger = await open()
    const first = await accepted(ledger, {}, 'key')
    await ledger.record(change(first, 'rejected', { code: 'NO_AGENT_AVAILABLE' }, 'release'))
    const second = aRecord({ conversationId: first.conversationId })
    t.match(await ledger.open(asked(second, 'key', { fingerprint: 'even another request' })), {
      outcome: 'accepted',
      record: { id: second.id, transferDepth: 1 },
    })
  })

  given('an answer that was pinned, when the transfer moves on without another one, then the answer stays', async (t, open) => {
    const ledger = await open()
    const first = await accepted(ledger, {}, 'key')
    const rejected = change(first, 'rejected', { code: 'TARGET_INACTIVE' }, { status: 422, body: '{"code":"TARGET_INACTIVE"}' })
    await ledger.record(rejected)
    t.same(await ledger.open(asked(aRecord({ conversationId: first.conversationId }), 'key')), {
      outcome: 'replayed',
      answer: { status: 422, body: '{"code":"TARGET_INACTIVE"}' },
      transferId: first.id,
    })
  })

  given('a transfer that is not over, when the same is asked without a key, then it is that transfer', async (t, open) => {
    const ledger = await open()
    const first = await accepted(ledger)
    const again = (identity?: string) =>
      ledger.open(asked(aRecord({ conversationId: first.conversationId }), undefined, identity ? { identity } : {}))
    t.same(await again(), { outcome: 'same', record: first })
    t.same(await again('another target'), { outcome: 'locked', record: first })
    const initiated = await through(ledger, first, 'executing', 'initiated')
    t.match(await again(), { outcome: 'same', record: { id: first.id, state: 'initiated' } })
    await through(ledger, initiated, ['timeout', { lateWatch: true }])
    t.match(
      await again(),
      { outcome: 'accepted', record: { transferDepth: 2 } },
      'a timeout is over, even while a late pickup is watched for',
    )
  })

  for (const state of ['accepted', 'executing', 'indeterminate'] as const) {
    given(`a transfer that is ${state}, when another is asked with a key of its own, then the conversation is locked`, async (t, open) => {
      const ledger = await open()
      const first = await accepted(ledger, {}, 'one')
      const present = await through(
        ledger,
        first,
        ...(state === 'accepted' ? [] : state === 'executing' ? ['executing' as const] : ['executing' as const, 'indeterminate' as const]),
      )
      const before = (await wholeAudit(ledger)).length
      const second = aRecord({ conversationId: first.conversationId })
      t.same(await ledger.open(asked(second, 'other')), { outcome: 'locked', record: present })
      t.equal(await ledger.transfer(second.id), undefined)
      t.equal((await wholeAudit(ledger)).length, before, 'what was refused left no trace')
      await through(ledger, present, 'rejected')
      t.match(await ledger.open(asked(second, 'other')), { outcome: 'accepted' }, 'nor was its key taken')
    })
  }

  given(
    'transfers that moved the conversation and one that did not, when the next is opened, then depth and path follow the last that did',
    async (t, open) => {
      const ledger = await open()
      const first = await accepted(ledger)
      const { conversationId } = first
      const next = async (identity: string) => taken(await ledger.open(asked(aRecord({ conversationId }), undefined, { identity })))
      await through(ledger, first, ['executing', { transferDepth: 1, transferPath: ['queue:a'] }], 'initiated', 'picked_up')
      await through(ledger, await next('b'), ['rejected', { transferPath: ['queue:a', 'queue:never'] }])
      const third = await next('c')
      t.match(third, { transferDepth: 2, transferPath: ['queue:a'] })
      await through(ledger, third, ['executing', { transferDepth: 2, transferPath: ['queue:a', 'queue:c'] }], 'initiated', 'failed')
      const fourth = await next('d')
      t.match(fourth, { transferDepth: 3, transferPath: ['queue:a', 'queue:c'] }, 'one that failed after it had moved the call counts')
      t.equal((await ledger.lastMoved(conversationId))?.id, third.id)
      t.same(await statuses(ledger, fourth.id), ['accepted'])
      t.match(await ledger.auditOf(fourth.id), [{ depth: 3 }])
    },
  )
}
