/** A PostgreSQL server for a benchmark: that of TEST_DATABASE_URL, or the one that tests start, on this machine, with durable commits. */
import { startTestPostgres, type TestPostgres } from '../../test/support/postgres.ts'

/** PostgreSQL's own default, and enough log between two checkpoints that none falls into a measurement because of its size. */
const settings = { shared_buffers: '128MB', max_wal_size: '4GB' }

/** Runs `work` with a server, which is removed afterwards. @throws Error when there is no PostgreSQL */
export async function withPostgres<T>(work: (server: TestPostgres) => Promise<T>): Promise<T> {
  const server = await startTestPostgres({ durable: true, settings })
  if (typeof server === 'string') throw new Error(server)
  try {
    return await work(server)
  } finally {
    await server.remove()
  }
}
