import t from 'tap'
import { CallLog } from '../../../src/simulator/platform/call-log.ts'

t.test('given more requests than are kept, then all are counted and the last 5,000 are listed, oldest first', (t) => {
  const log = new CallLog()
  for (let n = 0; n < 12_345; n += 1) log.arrived(n % 2 === 0 ? 'even' : 'odd', `/${n}`, n).status = 200
  const calls = log.calls()
  t.strictSame([calls.total, calls.counts], [12_345, { even: 6_173, odd: 6_172 }])
  t.strictSame([calls.log.length, calls.log[0]?.path, calls.log.at(-1)?.path], [5_000, '/7345', '/12344'])
  log.clear()
  t.strictSame(log.calls(), { total: 0, counts: {}, log: [] })
  t.end()
})

t.test('given few requests, then they are listed as they came, unanswered ones with status 0', (t) => {
  const log = new CallLog()
  const first = log.arrived('a', '/a', 0)
  log.arrived('b', '/b', 1)
  first.status = 202
  t.strictSame(log.calls().log, [
    { at: '1970-01-01T00:00:00.000Z', operation: 'a', path: '/a', status: 202 },
    { at: '1970-01-01T00:00:00.001Z', operation: 'b', path: '/b', status: 0 },
  ])
  t.end()
})
