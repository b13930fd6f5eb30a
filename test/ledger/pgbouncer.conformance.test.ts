/** The conformance suite on PostgreSQL behind PgBouncer in transaction mode. */
import t from 'tap'
import { findMissingPgBouncer, startPgBouncer } from '../support/postgres/pgbouncer.ts'
import { startTestPostgres, withPatience } from '../support/postgres.ts'
import { runConformanceSuite } from './conformance.ts'

/** The server, or the reason why there is none. */
const started = findMissingPgBouncer() ?? (await startTestPostgres())
const server = typeof started === 'string' ? undefined : started
const bouncer = server && (await startPgBouncer(server.url))
t.teardown(async () => {
  await bouncer?.remove()
  await server?.remove()
})

runConformanceSuite({
  name: 'PgBouncer',
  unavailable: typeof started === 'string' ? started : undefined,
  createEmpty: async () => (server && bouncer ? withPatience(bouncer.pooledUrl(await server.createDatabase())) : ''),
})
