/** PostgreSQL with a synchronous standby: what was acknowledged is on the standby, also after a wait for it was cancelled. */
import t from 'tap'
import { checkDurability } from '../../../src/doctor/ledger-durability.ts'
import { StoreUnavailable } from '../../../src/ledger/contract/errors.ts'
import type { Ledger } from '../../../src/ledger/contract/ledger.ts'
import { querySql, startReplicatedPostgres } from '../../support/postgres/replicated-postgres.ts'
import { waitFor } from '../../support/wait-for.ts'
import { createOpener } from '../conformance.ts'
import { createChange, openAccepted, retryWhileUnavailable } from '../fixtures.ts'

t.setTimeout(300_000)
const servers = await startReplicatedPostgres().catch(
  (error: unknown) => `no PostgreSQL here: ${(error as Error | undefined)?.message ?? ''}`,
)
const skip = typeof servers === 'string' ? servers : false
if (typeof servers !== 'string') t.teardown(() => servers.remove())

t.test(
  'given a commit whose wait for the standby is cancelled, then it does not count as stored, nor does its repeat until the standby has it',
  { skip, timeout: 240_000 },
  async (t) => {
    if (typeof servers === 'string') return
    const { primaryUrl, standbyUrl } = servers
    const ledger: Ledger = await createOpener(t, primaryUrl)({ leaseMs: 600_000 })
    const readState = async (url: string, id: string) =>
      (await querySql(url, `SELECT state FROM transfers WHERE id = '${id}'`))[0]?.['state']
    /** The connections of the ledger that wait for the standby. */
    const findWaiting = async () =>
      querySql(primaryUrl, "SELECT pid FROM pg_stat_activity WHERE application_name = 'handoff' AND wait_event = 'SyncRep'")
    /** Up to where the standby has received the log, which it replays a moment later. */
    const findReceived = async () => (await querySql(standbyUrl, 'SELECT pg_last_wal_receive_lsn() AS received'))[0]?.['received']
    const waitUntilReplayed = (received: unknown) =>
      waitFor(
        async () => (await querySql(standbyUrl, `SELECT 1 WHERE pg_last_wal_replay_lsn() >= '${String(received)}'`)).length > 0,
        'the replay on the standby',
      )
    const endWaits = (how: 'pg_cancel_backend' | 'pg_terminate_backend') =>
      querySql(primaryUrl, `SELECT ${how}(pid) FROM pg_stat_activity WHERE application_name = 'handoff' AND wait_event = 'SyncRep'`)

    for (const how of ['pg_cancel_backend', 'pg_terminate_backend'] as const) {
      const accepted = await openAccepted(ledger)
      const executing = createChange(accepted, 'executing')
      await waitUntilReplayed(await findReceived())
      await servers.holdBackStandby()
      const write = ledger.writeChange(executing).then(
        () => 'acknowledged',
        (error: unknown) => error,
      )
      await waitFor(async () => (await findWaiting()).length > 0, 'the wait for the standby')
      await waitFor(async () => (await endWaits(how)) && (await readState(primaryUrl, accepted.id)) === 'executing', 'the end of the wait')
      t.type(await write, StoreUnavailable, how)
      t.equal(await readState(standbyUrl, accepted.id), 'accepted', 'the standby does not have it')

      const repeat = ledger.writeChange(executing).then(
        () => 'acknowledged',
        (error: unknown) => error,
      )
      t.type(await repeat, StoreUnavailable, 'the repeat finds the change, and waits for the standby all the same')
      t.equal(await readState(standbyUrl, accepted.id), 'accepted')

      servers.letStandbyGoOn()
      await retryWhileUnavailable(() => ledger.writeChange(executing))
      await waitUntilReplayed(await findReceived())
      t.equal(await readState(standbyUrl, accepted.id), 'executing', 'once it is acknowledged, the standby has it')
    }
  },
)

t.test(
  'given a synchronous standby, when the doctor runs, then it warns of settings that lose commits',
  { skip, timeout: 240_000 },
  async (t) => {
    if (typeof servers === 'string') return
    const { primaryUrl } = servers
    const check = () => checkDurability({ DATABASE_URL: primaryUrl })
    t.match(await check(), [{ outcome: 'ok', message: /commits wait for a standby \(synchronous_commit on\)/ }])
    for (const [setting, message] of [
      ['synchronous_commit = off', /synchronous_commit is off: a crash/],
      ['synchronous_commit = local', /do not wait for the synchronous standby/],
      ['client_min_messages = error', /hides warnings/],
    ] as const) {
      await querySql(primaryUrl, `ALTER ROLE postgres SET ${setting}`)
      t.match(await check(), [{ check: 'durability', outcome: 'warning', message, remedy: /^set / }], setting)
      await querySql(primaryUrl, 'ALTER ROLE postgres RESET ALL')
    }
  },
)
