/** How many long reads run at once, and what happens to those that come when too many wait. */
import t from 'tap'
import { LedgerBusy, StoreUnavailable } from '../../../src/ledger/contract/errors.ts'
import { queryRow, type Query, type QueryGenerator } from '../../../src/ledger/engine/query.ts'
import { createLongReads } from '../../../src/ledger/operations/long-reads.ts'

/** A read that asks for its own name. */
const work = (name: string) =>
  function* named(): QueryGenerator<unknown> {
    return (yield* queryRow(name))?.['name']
  }

/** An engine whose reads end when the test says so. */
function createTestEngine(readsAtOnce: number) {
  const running: Array<{ name: string; end: (error?: Error) => void }> = []
  const reads = createLongReads({
    readsAtOnce,
    readBeside: (read) =>
      new Promise((resolve, reject) => {
        const queries = read()
        const name = String((queries.next().value as readonly Query[])[0]?.sql)
        const result = { rows: [{ name }], changedRows: 0 }
        running.push({ name, end: (error) => (error ? reject(error) : resolve(queries.next([result]).value as never)) })
      }),
  })
  /** The names of the reads that have begun, in order. */
  const begun = (): string[] => running.map(({ name }) => name)
  return { reads, running, begun }
}

t.test('given two places, when four reads come, then two run, and the others follow in order', async (t) => {
  const { reads, running, begun } = createTestEngine(2)
  const results = ['a', 'b', 'c', 'd'].map((name) => reads.read(work(name)))
  t.same(begun(), ['a', 'b'])
  running[1]?.end()
  t.equal(await results[1], 'b')
  t.same(begun(), ['a', 'b', 'c'])
  running[0]?.end(new StoreUnavailable('gone'))
  await t.rejects(results[0] as Promise<unknown>, StoreUnavailable)
  t.same(begun(), ['a', 'b', 'c', 'd'], 'a read that fails gives up its place, too')
  for (const read of running) read.end()
  t.same(await Promise.all(results.slice(2)), ['c', 'd'])
})

t.test('given as many waiting reads as may wait, when one more comes, then it is refused; one that goes on is not', async (t) => {
  const { reads, running, begun } = createTestEngine(1)
  const first = reads.read(work('first'))
  const waiting = Array.from({ length: 32 }, (_, index) => reads.read(work(`waiting ${index}`)))
  await t.rejects(reads.read(work('too many')), LedgerBusy)
  const next = reads.readOn(work('next page'))
  for (const result of [first, ...waiting, next]) {
    running.at(-1)?.end()
    await result
  }
  t.equal(begun().length, 34)
  t.notOk(begun().includes('too many'))
  const later = reads.read(work('later'))
  running.at(-1)?.end()
  t.equal(await later, 'later', 'and then there is room again')
})
