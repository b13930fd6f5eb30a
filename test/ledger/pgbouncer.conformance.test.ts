/** The conformance suite on PostgreSQL behind PgBouncer in transaction mode. */
import t from 'tap'
import { findMissingPgBouncer, startPgBouncer } from '../support/pgbouncer.ts'
import { startTestPostgres } from '../support/postgres.ts'
import { runConformanceSuite } from './conformance.ts'

const missingReason = findMissingPgBouncer()
const server = missingReason ?? (await startTestPostgres())
const bouncer = typeof server === 'string' ? undefined : await startPgBouncer(server.url)
t.teardown(async () => {
  await bouncer?.remove()
  if (typeof server !== 'string') await server.remove()
})

runConformanceSuite({
  name: 'PgBouncer',
  unavailable: typeof server === 'string' ? server : undefined,
  createEmpty: async () => (typeof server === 'string' || !bouncer ? '' : bouncer.pooledUrl(await server.createDatabase())),
})
