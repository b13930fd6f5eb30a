/** Parameters that SQLite's session sets itself: a statement that used one for a value of its own would silently get the clock's time. */
import { DatabaseSync } from 'node:sqlite'
import { test } from 'tap'
import { execute, queryRow, type Values } from '../../../src/ledger/engine/query.ts'
import { createSession } from '../../../src/ledger/sqlite/session.ts'

test('given a parameter that stands for a clock, when a statement has a value of that name, then it is refused', (t) => {
  const database = new DatabaseSync(':memory:')
  t.teardown(() => database.close())
  const session = createSession(database, { now: () => 7, uptime: () => 8 })
  t.same(session.run(queryRow('SELECT :now AS now, :uptime AS uptime, :at AS at', { at: 1 })), { now: 7, uptime: 8, at: 1 })
  // @ts-expect-error The name is reserved, so the slip does not compile.
  t.throws(() => session.run(queryRow('SELECT :now AS now', { now: 1 })), /:now/)
  // @ts-expect-error
  t.throws(() => session.run(execute('SELECT :uptime AS uptime', { uptime: 1 })), /:uptime/)
  const built = Object.fromEntries([['now', 1]]) as Values
  t.throws(
    () => session.run(queryRow('SELECT :now AS now', built)),
    /:now/,
    'nor does it work with values whose names the compiler does not know',
  )
  t.end()
})
