/** A new PostgreSQL database, without statistics for the planner: a transfer must be found by an index, without reading all others. */
import { createOpener } from '../conformance.ts'
import { moveThrough, openAccepted } from '../fixtures.ts'
import { waitFor } from '../../support/wait-for.ts'
import { startServerForFile } from './server.ts'

const { server, given } = await startServerForFile({ isPatient: true })

given('a database without statistics, when transfers run, then each is found by its id or its conversation', async (t) => {
  const url = await server.createDatabase()
  const ledger = await createOpener(t, url)()
  for (let round = 0; round < 10; round++)
    await Promise.all(
      Array.from({ length: 20 }, async () => {
        const record = await moveThrough(ledger, await openAccepted(ledger), 'executing', 'initiated')
        await ledger.findOpenTransfers(record.conversationId)
      }),
    )
  await ledger.close()
  // The statistics of a connection are complete once it has ended.
  await waitFor(async () => {
    const openConnections = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'handoff'"
    return (await server.sql(openConnections, [], url)).length === 0
  }, 'the end of all connections')
  const scans = await server.sql(
    "SELECT indexrelname AS index, idx_scan::int AS scans FROM pg_stat_user_indexes WHERE relname = 'transfers' AND idx_scan > 0 ORDER BY 1",
    [],
    url,
  )
  t.same(
    scans.map(({ index }) => index),
    ['transfers_of_conversation', 'transfers_pkey'],
  )
})
