/** Behaviors under concurrency: many requests and changes on two nodes at once. */
import { StaleRecord } from '../../../src/ledger/contract/errors.ts'
import type { Ledger } from '../../../src/ledger/contract/ledger.ts'
import type { OpenResult } from '../../../src/ledger/contract/transfers.ts'
import type { TransferRecord } from '../../../src/model/transfer.ts'
import type { DeclareBehavior } from '../conformance.ts'
import {
  createChange,
  createConversationId,
  expectAccepted,
  isTrailSound,
  moveThrough,
  openAccepted,
  readStatuses,
  readWholeAudit,
  requestTransfer,
  retryWhileUnavailable,
} from '../fixtures.ts'

const repeat = <T>(count: number, create: (index: number) => T): T[] => Array.from({ length: count }, (_, index) => create(index))
/** The number of results for each outcome. */
const countOutcomes = (results: OpenResult[]): Record<string, number> =>
  Object.fromEntries([...Map.groupBy(results, ({ outcome }) => outcome)].map(([outcome, group]) => [outcome, group.length]))

export function testConcurrency(given: DeclareBehavior): void {
  given('a hundred requests with one key on two nodes at once, then exactly one is accepted', async (t, open) => {
    const ledgers = [await open(), await open()] as [Ledger, Ledger]
    const conversationId = createConversationId()
    const results = await Promise.all(
      repeat(100, (index) => retryWhileUnavailable(() => requestTransfer(ledgers[index % 2] as Ledger, conversationId, 'one key'))),
    )
    t.same(countOutcomes(results), { accepted: 1, running: 99 })
    const accepted = expectAccepted(results.find(({ outcome }) => outcome === 'accepted') as OpenResult)
    t.ok(results.every((result) => 'record' in result && result.record.id === accepted.id))
    t.equal((await ledgers[0].listTransfers({ limit: 100 })).items.length, 1)
    t.equal((await readWholeAudit(ledgers[0])).length, 1)
  })

  given(
    'a hundred requests for one conversation with their own keys on two nodes at once, then one is accepted and the others find it locked',
    async (t, open) => {
      const ledgers = [await open(), await open()] as [Ledger, Ledger]
      const conversationId = createConversationId()
      const results = await Promise.all(
        repeat(100, (index) => retryWhileUnavailable(() => requestTransfer(ledgers[index % 2] as Ledger, conversationId, `key ${index}`))),
      )
      t.same(countOutcomes(results), { accepted: 1, locked: 99 })
      t.equal((await ledgers[1].listTransfers({ conversationId, limit: 100 })).items.length, 1)
    },
  )

  given(
    'requests that share conversations and keys in many combinations on two nodes at once, then none waits forever and no conversation has two transfers',
    async (t, open) => {
      const ledgers = [await open(), await open()] as [Ledger, Ledger]
      const conversationIds = repeat(6, createConversationId)
      const results = await Promise.all(
        repeat(120, (index) =>
          retryWhileUnavailable(() =>
            requestTransfer(ledgers[index % 2] as Ledger, String(conversationIds[index % 6]), `key ${index % 15}`),
          ),
        ),
      )
      const accepted = results.filter(({ outcome }) => outcome === 'accepted').map(expectAccepted)
      t.equal(new Set(accepted.map(({ conversationId }) => conversationId)).size, accepted.length)
      t.ok(accepted.length > 0 && accepted.length <= 6)
      t.equal((await ledgers[0].listTransfers({ limit: 200 })).items.length, accepted.length)
    },
  )

  given('many changes of the same record at once, then one is written and the others are stale', async (t, open) => {
    const ledger = await open()
    const accepted = await openAccepted(ledger)
    const results = await Promise.allSettled(
      repeat(20, (index) => ledger.writeChange(createChange(accepted, 'executing', { attempt: index + 1 }))),
    )
    t.equal(results.filter(({ status }) => status === 'fulfilled').length, 1)
    t.ok(results.every((result) => result.status === 'fulfilled' || result.reason instanceof StaleRecord))
    t.same(await readStatuses(ledger, accepted.id), ['accepted', 'executing'])
    t.equal((await ledger.findTransfer(accepted.id))?.attempt, results.findIndex(({ status }) => status === 'fulfilled') + 1)
  })

  given('two transfers that supersede each other at once, then one change is written and neither node waits forever', async (t, open) => {
    const [ledger, otherLedger] = [await open(), await open()]
    for (let count = 0; count < 8; count++) {
      const transfer = await moveThrough(ledger, await openAccepted(ledger), 'executing', 'initiated')
      const otherTransfer = await moveThrough(otherLedger, await openAccepted(otherLedger), 'executing', 'initiated')
      const supersede = (record: TransferRecord) => createChange(record, 'superseded', { code: 'SUPERSEDED' })
      const results = await Promise.allSettled([
        ledger.writeChange(createChange(transfer, 'picked_up'), [supersede(otherTransfer)]),
        otherLedger.writeChange(createChange(otherTransfer, 'picked_up'), [supersede(transfer)]),
      ])
      t.same(
        results
          .map((result) =>
            result.status === 'fulfilled' ? 'written' : result.reason instanceof StaleRecord ? 'stale' : String(result.reason),
          )
          .toSorted(),
        ['stale', 'written'],
      )
    }
  })

  given('two nodes that run transfers at once, then every transfer is picked up and the audit chains are sound', async (t, open) => {
    const ledgers = [await open(), await open()] as [Ledger, Ledger]
    const records = await Promise.all(
      repeat(40, async (index) => {
        const ledger = ledgers[index % 2] as Ledger
        return moveThrough(ledger, await openAccepted(ledger, {}, `key ${index}`), 'executing', 'initiated', 'picked_up')
      }),
    )
    for (const record of records) t.same(await ledgers[0].findTransfer(record.id), record)
    const entries = await readWholeAudit(ledgers[0])
    t.equal(entries.length, 160, 'four for each transfer')
    t.ok(await isTrailSound(ledgers[0]))
    t.match(await ledgers[1].summarize(0, Number.MAX_SAFE_INTEGER), { total: 40, byState: { picked_up: 40 }, pickupRate: 1 })
  })
}
