/** The conformance suite on PostgreSQL. */
import t from 'tap'
import { startTestPostgres, withPatience } from '../support/postgres.ts'
import { runConformanceSuite } from './conformance.ts'

/** The server, or the reason why there is none. */
const started = await startTestPostgres()
const server = typeof started === 'string' ? undefined : started
t.teardown(() => server?.remove())

runConformanceSuite({
  name: 'postgres',
  unavailable: typeof started === 'string' ? started : undefined,
  createEmpty: async () => (server ? withPatience(await server.createDatabase()) : ''),
})
