/** After which number a reader can continue without missing a row. */
import { test } from 'tap'
import { createRowNumbers } from '../../../src/transfers/history/row-numbers.ts'

test('given rows without a gap, when they are noted, then a reader may continue after the last one', async (t) => {
  const numbers = createRowNumbers(10)
  numbers.note([11, 12, 13], 0)
  t.match(numbers, { top: 13, complete: 13 })
  t.strictSame(numbers.listMissing(), [])
})

test('given a row that becomes visible late, when others are noted, then a reader continues before it until it is there', async (t) => {
  const numbers = createRowNumbers(10)
  numbers.note([11, 14], 0)
  t.match(numbers, { top: 14, complete: 11 })
  t.strictSame(numbers.listMissing(), [12, 13])
  numbers.note([12, 15], 1_000)
  t.match(numbers, { top: 15, complete: 12 })
  numbers.note([13], 2_000)
  t.match(numbers, { top: 15, complete: 15 })
})

test('given a number that no row will ever have, when no transaction can be running any more, then it is not waited for', async (t) => {
  const numbers = createRowNumbers(0)
  numbers.note([2], 0)
  numbers.note([3], 14_000)
  t.equal(numbers.complete, 0)
  numbers.note([4], 16_000)
  t.equal(numbers.complete, 4)
})

test('given rows to leave out, when they are skipped, then nothing before them is waited for', async (t) => {
  const numbers = createRowNumbers(0)
  numbers.note([2], 0)
  numbers.skipTo(50)
  t.match(numbers, { top: 50, complete: 50 })
  numbers.skipTo(40)
  t.equal(numbers.top, 50)
})
