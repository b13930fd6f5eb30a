import t from 'tap'
import { testServer } from '../support/postgres.ts'
import { conformance } from './conformance.ts'

const server = await testServer()
const here = typeof server === 'string' ? undefined : server
t.teardown(() => here?.remove())

conformance({
  name: 'postgres',
  missing: typeof server === 'string' ? server : undefined,
  fresh: async () => (await here?.fresh()) ?? '',
})
