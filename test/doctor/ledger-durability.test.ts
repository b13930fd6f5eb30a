/** Which settings of PostgreSQL the doctor warns of. test/ledger/postgres/replication.test.ts reads them from a server. */
import t from 'tap'
import { checkDurability } from '../../src/doctor/ledger-durability.ts'
import { findDurabilityProblem } from '../../src/ledger/postgres/commit-durability.ts'

const soundSettings = { synchronousCommit: 'on', synchronousStandbyNames: '', standbys: 0, hasFsync: true, sendsWarnings: true }

t.test('given settings that keep every commit, then there is no problem', async (t) => {
  t.equal(findDurabilityProblem(soundSettings), undefined)
  t.equal(findDurabilityProblem({ ...soundSettings, sendsWarnings: false }), undefined, 'without a standby there is nothing to warn of')
  for (const synchronousCommit of ['on', 'remote_write', 'remote_apply'])
    t.equal(findDurabilityProblem({ ...soundSettings, synchronousCommit, synchronousStandbyNames: '*', standbys: 2 }), undefined)
})

t.test('given settings that lose commits, then the problem says when, and what to set', async (t) => {
  for (const [settings, message, remedy] of [
    [{ hasFsync: false }, /crash of the machine/, /fsync = on/],
    [{ synchronousCommit: 'off' }, /crash/, /synchronous_commit = on/],
    [{ synchronousCommit: 'local', synchronousStandbyNames: 'ANY 1 (a, b)', standbys: 2 }, /failover/, /synchronous_commit = on/],
    [{ standbys: 1 }, /1 connected standby receives .*failover/, /synchronous_standby_names/],
    [{ standbys: 2 }, /2 connected standbys receive /, /synchronous_standby_names/],
    [{ sendsWarnings: false, synchronousStandbyNames: '*' }, /client_min_messages/, /client_min_messages/],
  ] as const)
    t.match(findDurabilityProblem({ ...soundSettings, ...settings }), { message, remedy })
})

t.test('given SQLite, or a database that cannot be reached, then this check says nothing', async (t) => {
  t.strictSame(await checkDurability({ DATABASE_URL: 'sqlite::memory:' }), [])
  t.strictSame(await checkDurability({ DATABASE_URL: 'postgres://127.0.0.1:9/none' }), [])
})
