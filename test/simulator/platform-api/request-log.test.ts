/** Which requests the request log counts, and which it lists. */
import t from 'tap'
import { RequestLog } from '../../../src/simulator/platform-api/request-log.ts'

t.test('given more requests than are kept, then all are counted and the last 5,000 are listed, oldest first', (t) => {
  const log = new RequestLog()
  for (let n = 0; n < 12_345; n += 1) log.record(n % 2 === 0 ? 'even' : 'odd', `/${n}`, n).status = 200
  const calls = log.summarize()
  t.strictSame([calls.total, calls.counts], [12_345, { even: 6_173, odd: 6_172 }])
  t.strictSame([calls.log.length, calls.log[0]?.path, calls.log.at(-1)?.path], [5_000, '/7345', '/12344'])
  log.clear()
  t.strictSame(log.summarize(), { total: 0, counts: {}, log: [] })
  t.end()
})

t.test('given few requests, then they are listed in the order of arrival, unanswered ones with status 0', (t) => {
  const log = new RequestLog()
  const first = log.record('a', '/a', 0)
  log.record('b', '/b', 1)
  first.status = 202
  t.strictSame(log.summarize().log, [
    { at: '1970-01-01T00:00:00.000Z', operation: 'a', path: '/a', status: 202 },
    { at: '1970-01-01T00:00:00.001Z', operation: 'b', path: '/b', status: 0 },
  ])
  t.end()
})
