/** The list of the transfers under way: right after every break of the events, and never larger than its limit. */
import t from 'tap'
import { importConsole } from './console-module.ts'

interface Transfer {
  id: string
  state: string
  updatedAt: string
}
interface LiveList {
  isCut: boolean
  size: number
  change: (transfer: Transfer) => boolean
  remove: (transfer: Transfer) => void
  beginReading: () => { found: number; add: (page: Transfer[]) => void; end: (hasMore: boolean) => void }
  list: () => Transfer[]
}
const { createLiveList } = await importConsole<{ createLiveList: (most: number) => LiveList }>('live/live-list.js')

const transfer = (number: number, state = 'initiated', second = 0): Transfer => ({
  id: String(number).padStart(6, '0'),
  state,
  updatedAt: new Date(second * 1000).toISOString(),
})
const idsOf = (list: LiveList): number[] => list.list().map(({ id }) => Number(id))
const read = (list: LiveList, transfers: Transfer[], hasMore = false): void => {
  const reading = list.beginReading()
  reading.add(transfers)
  reading.end(hasMore)
}

t.test('given transfers in any order, then the newest is first', async (t) => {
  const list = createLiveList(10)
  read(list, [transfer(3), transfer(1)])
  list.change(transfer(2))
  t.strictSame(idsOf(list), [3, 2, 1])
})

t.test('given a change that is older than what is known, then it is left out', async (t) => {
  const list = createLiveList(10)
  list.change(transfer(1, 'initiated', 5))
  list.change(transfer(1, 'executing', 4))
  t.equal(list.list()[0]?.state, 'initiated')
})

t.test('given a transfer that ends, then it stays until it is removed; one that is not known is not added', async (t) => {
  const list = createLiveList(10)
  list.change(transfer(1))
  t.equal(list.change(transfer(1, 'picked_up', 1)), true)
  t.equal(list.change(transfer(1, 'picked_up', 2)), false, 'it has ended before')
  t.equal(list.change(transfer(2, 'picked_up')), false)
  t.strictSame(idsOf(list), [1])
  list.remove(transfer(1))
  t.strictSame(idsOf(list), [])
})

t.test(
  'given a thousand transfers that ended while nothing was heard, when the list is read again, then none of them is left',
  async (t) => {
    const list = createLiveList(10_000)
    read(
      list,
      Array.from({ length: 1_000 }, (_, index) => transfer(index)),
    )
    read(list, [transfer(5), transfer(2_000)])
    t.strictSame(idsOf(list), [2_000, 5])
  },
)

t.test('given changes while the list is read, then they hold, whether or not a page has the transfer', async (t) => {
  const list = createLiveList(10)
  read(list, [transfer(1), transfer(2)])
  const reading = list.beginReading()
  list.change(transfer(1, 'initiated', 9))
  list.change(transfer(3))
  reading.add([transfer(2)])
  t.strictSame(idsOf(list), [3, 2, 1], 'nothing vanishes before the end')
  reading.end(false)
  t.strictSame(idsOf(list), [3, 2, 1])
})

t.test('given more than the limit, then the newest are kept, and it is known that some are missing', async (t) => {
  const list = createLiveList(100)
  for (let number = 0; number < 5_000; number++) {
    list.change(transfer(number))
    if (list.size > 110) t.fail(`${list.size} are kept`)
  }
  t.strictSame([list.list().length, idsOf(list)[0], list.isCut], [100, 4_999, true])
  read(list, [transfer(1)])
  t.equal(list.isCut, false)
})
