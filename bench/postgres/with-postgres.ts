/** A PostgreSQL server for a benchmark: the one at TEST_DATABASE_URL, or an embedded one with durable commits. */
import { startTestPostgres, type TestPostgres } from '../../test/support/postgres.ts'

/** PostgreSQL's default for memory, and so much room for the log that its size does not cause a checkpoint during a measurement. */
const settings = { shared_buffers: '128MB', max_wal_size: '4GB' }

/** Runs `work` with a server, which is removed afterwards. @throws Error when there is no PostgreSQL */
export async function withPostgres<T>(work: (server: TestPostgres) => Promise<T>): Promise<T> {
  const server = await startTestPostgres({ isDurable: true, settings })
  if (typeof server === 'string') throw new Error(server)
  try {
    return await work(server)
  } finally {
    await server.remove()
  }
}
