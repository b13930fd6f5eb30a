/** What is reported when a PostgreSQL database is set back to an older state while Handoff uses it: a restore, or a failover to a server that was behind. */
import pg from 'pg'
import { setBackStatus } from '../../../src/ledger/audit/set-back.ts'
import { createOpener } from '../conformance.ts'
import { isTrailSound, openAccepted, readWholeAudit } from '../fixtures.ts'
import { startServerForFile } from './server.ts'

const { server, given } = await startServerForFile({ isPatient: true })

given('a database that is set back to an older state, then it can still be used, and trail and log report that once', async (t) => {
  const url = await server.createDatabase()
  const errors: string[] = []
  const ledger = await createOpener(t, url)({ log: { warn() {}, error: (_fields, message) => void errors.push(message) } })
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  t.teardown(() => client.end())

  /** Reads the whole trail, which also moves every row into its chain. */
  const readStatuses = async () => (await readWholeAudit(ledger)).map(({ status }) => status)
  for (let transfer = 0; transfer < 2; transfer++) await openAccepted(ledger)
  await readStatuses()
  await client.query('CREATE TABLE older_heads AS SELECT * FROM audit_heads')
  for (let transfer = 0; transfer < 3; transfer++) await openAccepted(ledger)
  await readStatuses()
  await client.query(
    `BEGIN; DELETE FROM audit USING older_heads WHERE audit.chain = older_heads.chain AND audit.place > older_heads.place;
     DELETE FROM audit_heads; INSERT INTO audit_heads SELECT * FROM older_heads; COMMIT`,
  )

  for (let transfer = 0; transfer < 2; transfer++) {
    await openAccepted(ledger)
    await readStatuses()
  }
  t.match(errors, [/set back to an older state/])
  t.equal(errors.length, 1)
  const statuses = await readStatuses()
  t.same(statuses.filter((status) => status === setBackStatus).length, 1)
  t.equal(statuses.length, 2 + 1 + 2, 'two transfers before, the report, and two transfers afterwards')
  t.ok(await isTrailSound(ledger))
})
