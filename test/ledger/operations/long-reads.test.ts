/** How many long reads run at once, and when a read is refused because too many wait. */
import t from 'tap'
import { LedgerBusy, StoreUnavailable } from '../../../src/ledger/contract/errors.ts'
import { queryRow, type Query, type QueryGenerator } from '../../../src/ledger/engine/query.ts'
import { createLongReads } from '../../../src/ledger/operations/long-reads.ts'

/** Creates a read whose result is its name. */
const createRead = (name: string) =>
  function* named(): QueryGenerator<unknown> {
    return (yield* queryRow(name))?.['name']
  }

/** Long reads on an engine whose reads end when the test calls `end`. */
function createTestEngine(maxLongReads: number) {
  const started: Array<{ name: string; end: (error?: Error) => void }> = []
  const reads = createLongReads({
    maxLongReads,
    readLong: (read) =>
      new Promise((resolve, reject) => {
        const queries = read()
        const name = String((queries.next().value as readonly Query[])[0]?.sql)
        const result = { rows: [{ name }], changedRows: 0 }
        started.push({ name, end: (error) => (error ? reject(error) : resolve(queries.next([result]).value as never)) })
      }),
  })
  /** The names of the reads that have started, in order. */
  const listStarted = (): string[] => started.map(({ name }) => name)
  return { reads, started, listStarted }
}

t.test('given room for two reads at once, when four are requested, then two run, and the others follow in order', async (t) => {
  const { reads, started, listStarted } = createTestEngine(2)
  const results = ['a', 'b', 'c', 'd'].map((name) => reads.read(createRead(name)))
  t.same(listStarted(), ['a', 'b'])
  started[1]?.end()
  t.equal(await results[1], 'b')
  t.same(listStarted(), ['a', 'b', 'c'])
  started[0]?.end(new StoreUnavailable('gone'))
  await t.rejects(results[0] as Promise<unknown>, StoreUnavailable)
  t.same(listStarted(), ['a', 'b', 'c', 'd'], 'a read that fails makes room, too')
  for (const read of started) read.end()
  t.same(await Promise.all(results.slice(2)), ['c', 'd'])
})

t.test(
  'given a full queue of reads, when one more is requested, then it is refused; when a read continues with its next page, then it is not',
  async (t) => {
    const { reads, started, listStarted } = createTestEngine(1)
    const first = reads.read(createRead('first'))
    const waiting = Array.from({ length: 32 }, (_, index) => reads.read(createRead(`waiting ${index}`)))
    await t.rejects(reads.read(createRead('too many')), LedgerBusy)
    const next = reads.continueReading(createRead('next page'))
    for (const result of [first, ...waiting, next]) {
      started.at(-1)?.end()
      await result
    }
    t.equal(listStarted().length, 34)
    t.notOk(listStarted().includes('too many'))
    const later = reads.read(createRead('later'))
    started.at(-1)?.end()
    t.equal(await later, 'later', 'there is room again')
  },
)
