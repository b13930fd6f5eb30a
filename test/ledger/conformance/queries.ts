import fc from 'fast-check'
import type { Ledger } from '../../../src/ledger/ledger.ts'
import type { Patch } from '../../../src/transfers/transition.ts'
import type { State } from '../../../src/model/states.ts'
import { aRecord } from '../../support/record.ts'
import type { Given } from '../conformance.ts'
import { accepted, opening, pages, taken, through } from '../scene.ts'

const at = (ms: number) => ({ createdAt: new Date(ms).toISOString() })
const ids = (items: Array<{ id: string }>) => items.map(({ id }) => id)
const list = (ledger: Ledger, filter: object = {}) => ledger.transfers({ limit: 100, ...filter })

/** By nearest rank, as a person would count it. */
function nearestRank(values: number[], percent: number): number | null {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted.find((_, place) => (place + 1) * 100 >= percent * sorted.length) ?? null
}

export function reading(given: Given): void {
  given('transfers, when they are listed, then the newest comes first, filtered as asked', async (t, open) => {
    const ledger = await open()
    const day = Date.UTC(2026, 0, 1)
    const one = await accepted(ledger, at(day))
    const two = await through(ledger, await accepted(ledger, at(day + 1_000)), 'rejected')
    const three = await accepted(ledger, at(day + 2_000))
    t.same(await list(ledger), { items: [three, two, one], nextCursor: null })
    t.same(ids((await list(ledger, { conversationId: one.conversationId })).items), [one.id])
    t.same(ids((await list(ledger, { state: 'rejected' })).items), [two.id])
    t.same(ids((await list(ledger, { since: day + 1_000 })).items), [three.id, two.id])
    t.same(ids((await list(ledger, { until: day + 1_000 })).items), [one.id])
    t.same(ids((await list(ledger, { since: day, until: day + 2_000, state: 'accepted', conversationId: one.conversationId })).items), [
      one.id,
    ])
    t.same(await list(ledger, { state: 'picked_up' }), { items: [], nextCursor: null })
  })

  given('more transfers than a page holds, when the pages are followed, then each is there once, in order', async (t, open) => {
    const ledger = await open()
    const made: string[] = []
    // Several in the same millisecond.
    for (let count = 0; count < 9; count++) made.unshift((await accepted(ledger, at(Date.UTC(2026, 0, 1) + Math.floor(count / 4)))).id)
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 12 }), async (limit) => {
        t.same(ids(await pages((cursor) => ledger.transfers({ limit, ...(cursor && { cursor }) }))), made)
      }),
      { numRuns: 12 },
    )
  })

  given(
    'a conversation with several transfers, then those that are not over are its open ones, and the last that moved it is known',
    async (t, open) => {
      const ledger = await open()
      const first = await through(ledger, await accepted(ledger), 'executing', 'initiated')
      const { conversationId } = first
      t.same(await ledger.openTransfers(conversationId), [first])
      const second = taken(await ledger.open(opening(aRecord({ conversationId }), undefined, { identity: 'other' })))
      t.same(ids(await ledger.openTransfers(conversationId)), [first.id, second.id])
      t.equal((await ledger.lastMoved(conversationId))?.id, first.id)
      await through(ledger, first, ['timeout', { lateWatch: true }])
      await through(ledger, second, 'rejected')
      t.same(ids(await ledger.openTransfers(conversationId)), [first.id], 'a late pickup is still watched for')
      t.same(
        [await ledger.openTransfers('unknown'), await ledger.lastMoved('unknown'), await ledger.transfer('unknown')],
        [[], undefined, undefined],
      )
    },
  )

  given('any transfers, when they are summed up, then counts, pickup rate and percentiles are those of the span', async (t, open) => {
    const ledger = await open()
    const endings: Array<[State, boolean, Patch]> = [
      ['picked_up', true, {}],
      ['timeout', true, { code: 'PICKUP_TIMEOUT' }],
      ['abandoned', true, { code: 'CALLER_ABANDONED' }],
      ['failed', true, { code: 'TRANSFER_FAILED' }],
      ['superseded', true, { code: 'SUPERSEDED' }],
      ['rejected', false, { code: 'NO_AGENT_AVAILABLE' }],
      ['failed', false, { code: 'TRANSFER_FAILED' }],
    ]
    const ms = fc.option(fc.nat({ max: 40 }), { nil: null })
    let month = 0
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.nat({ max: endings.length - 1 }), ms, ms), { maxLength: 12 }), async (made) => {
        const since = Date.UTC(2000, month++)
        for (const [which, latencyMs, pickupMs] of made) {
          const [state, moved, patch] = endings[which] ?? ['failed', false, {}]
          const executing = await through(ledger, await accepted(ledger, at(since + 1_000)), 'executing')
          if (moved) await through(ledger, executing, ['initiated', { latencyMs }], [state, { ...patch, pickupMs }])
          else await through(ledger, executing, [state, { ...patch, latencyMs, pickupMs }])
        }
        const summary = await ledger.summary(since, Date.UTC(2000, month))
        const count = (test: (ending: (typeof endings)[number]) => boolean) =>
          made.filter(([which]) => test(endings[which] ?? ['failed', false, {}])).length
        const ended = count(([state, moved]) => moved && state !== 'superseded')
        const figures = (values: Array<number | null>) => {
          const known = values.filter((value) => value !== null)
          return { count: known.length, p50: nearestRank(known, 50), p95: nearestRank(known, 95), p99: nearestRank(known, 99) }
        }
        const words = (word: (ending: (typeof endings)[number]) => string | null | undefined) =>
          Object.fromEntries(
            [...new Set(made.map(([which]) => word(endings[which] ?? ['failed', false, {}])))]
              .filter(Boolean)
              .map((found) => [found, count((ending) => word(ending) === found)]),
          )
        t.same(summary, {
          total: made.length,
          byState: words(([state]) => state),
          byCode: words(([, , patch]) => patch.code),
          pickupRate: ended === 0 ? null : count(([state]) => state === 'picked_up') / ended,
          latencyMs: figures(made.map(([, latencyMs]) => latencyMs)),
          pickupMs: figures(made.map(([, , pickupMs]) => pickupMs)),
        })
      }),
      { numRuns: 12 },
    )
  })

  given('keys, when one is added and revoked, then the list tells so', async (t, open) => {
    const [ledger, other] = [await open(), await open()]
    const key = (id: string, queues: string[] | null = null) => ({
      id,
      hash: 'a'.repeat(64),
      scopes: ['transfers:read', 'audit:read'],
      queues,
      label: `of ${id}`,
      createdAt: '2026-01-02T03:04:05.678Z',
      revokedAt: null,
    })
    await ledger.addKey(key('b'))
    await ledger.addKey(key('a', ['queue']))
    t.same(await other.keys(), [key('a', ['queue']), key('b')])
    t.equal(await ledger.revokeKey('b'), true)
    t.same([await ledger.revokeKey('b'), await ledger.revokeKey('c')], [false, false], 'only a valid key is revoked')
    const [kept, revoked] = await other.keys()
    t.equal(kept?.revokedAt, null)
    t.ok(Math.abs(Date.parse(String(revoked?.revokedAt)) - Date.now()) < 60_000)
    await t.rejects(ledger.addKey(key('a')), { name: 'StoreUnavailable' }, 'an id is used once')
    t.equal((await ledger.keys()).length, 2)
  })
}
