import { StaleRecord, type Ledger, type Opened } from '../../../src/ledger/ledger.ts'
import type { TransferRecord } from '../../../src/model/transfer.ts'
import { aRecord } from '../../support/record.ts'
import type { Given } from '../conformance.ts'
import { accepted, change, conversation, insist, opening, sound, statuses, taken, through, wholeAudit } from '../scene.ts'

const times = <T>(count: number, make: (place: number) => T): T[] => Array.from({ length: count }, (_, place) => make(place))
const tally = (all: Opened[]): Record<string, number> =>
  Object.fromEntries(
    [...new Set(all.map(({ outcome }) => outcome))].map((word) => [word, all.filter(({ outcome }) => outcome === word).length]),
  )

export function concurrency(given: Given): void {
  given('a hundred requests with one key on two nodes at once, then exactly one is accepted', async (t, open) => {
    const nodes = [await open(), await open()] as [Ledger, Ledger]
    const conversationId = conversation()
    const all = await Promise.all(
      times(100, (place) => insist(() => (nodes[place % 2] as Ledger).open(opening(aRecord({ conversationId }), 'one key')))),
    )
    t.same(tally(all), { accepted: 1, running: 99 })
    const winner = taken(all.find(({ outcome }) => outcome === 'accepted') as Opened)
    t.ok(all.every((one) => 'record' in one && one.record.id === winner.id))
    t.equal((await nodes[0].transfers({ limit: 100 })).items.length, 1)
    t.equal((await wholeAudit(nodes[0])).length, 1)
  })

  given(
    'a hundred requests for one conversation with keys of their own on two nodes at once, then one is accepted and the others find it locked',
    async (t, open) => {
      const nodes = [await open(), await open()] as [Ledger, Ledger]
      const conversationId = conversation()
      const all = await Promise.all(
        times(100, (place) => insist(() => (nodes[place % 2] as Ledger).open(opening(aRecord({ conversationId }), `key ${place}`)))),
      )
      t.same(tally(all), { accepted: 1, locked: 99 })
      t.equal((await nodes[1].transfers({ conversationId, limit: 100 })).items.length, 1)
    },
  )

  given(
    'many conversations and keys in a tangle on two nodes at once, then nobody waits for ever and each conversation and key has one transfer',
    async (t, open) => {
      const nodes = [await open(), await open()] as [Ledger, Ledger]
      const conversations = times(6, conversation)
      const all = await Promise.all(
        times(120, (place) =>
          insist(() =>
            (nodes[place % 2] as Ledger).open(opening(aRecord({ conversationId: String(conversations[place % 6]) }), `key ${place % 15}`)),
          ),
        ),
      )
      const winners = all.filter(({ outcome }) => outcome === 'accepted').map(taken)
      t.equal(new Set(winners.map(({ conversationId }) => conversationId)).size, winners.length)
      t.ok(winners.length > 0 && winners.length <= 6)
      t.equal((await nodes[0].transfers({ limit: 200 })).items.length, winners.length)
    },
  )

  given('many changes that grew from one record at once, then one is written and the others are stale', async (t, open) => {
    const ledger = await open()
    const first = await accepted(ledger)
    const all = await Promise.allSettled(times(20, (place) => ledger.record(change(first, 'executing', { attempt: place + 1 }))))
    t.equal(all.filter(({ status }) => status === 'fulfilled').length, 1)
    t.ok(all.every((one) => one.status === 'fulfilled' || one.reason instanceof StaleRecord))
    t.same(await statuses(ledger, first.id), ['accepted', 'executing'])
    t.equal((await ledger.transfer(first.id))?.attempt, all.findIndex(({ status }) => status === 'fulfilled') + 1)
  })

  given('two transfers that overrule each other at once, then one prevails and neither waits for ever', async (t, open) => {
    const [one, other] = [await open(), await open()]
    for (let round = 0; round < 8; round++) {
      const mine = await through(one, await accepted(one), 'executing', 'initiated')
      const theirs = await through(other, await accepted(other), 'executing', 'initiated')
      const over = (record: TransferRecord) => change(record, 'superseded', { code: 'SUPERSEDED' })
      const all = await Promise.allSettled([
        one.record(change(mine, 'picked_up'), [over(theirs)]),
        other.record(change(theirs, 'picked_up'), [over(mine)]),
      ])
      t.same(
        all
          .map((result) =>
            result.status === 'fulfilled' ? 'written' : result.reason instanceof StaleRecord ? 'stale' : String(result.reason),
          )
          .toSorted(),
        ['stale', 'written'],
      )
    }
  })

  given('two nodes on one store, when both carry transfers at once, then all of them arrive and the audit chains hold', async (t, open) => {
    const nodes = [await open(), await open()] as [Ledger, Ledger]
    const done = await Promise.all(
      times(40, async (place) => {
        const node = nodes[place % 2] as Ledger
        return through(node, await accepted(node, {}, `key ${place}`), 'executing', 'initiated', 'picked_up')
      }),
    )
    for (const record of done) t.same(await nodes[0].transfer(record.id), record)
    const trail = await wholeAudit(nodes[0])
    t.equal(trail.length, 160)
    t.ok(await sound(nodes[0]))
    t.match(await nodes[1].summary(0, Number.MAX_SAFE_INTEGER), { total: 40, byState: { picked_up: 40 }, pickupRate: 1 })
  })
}
