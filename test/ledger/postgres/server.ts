/** Starts one PostgreSQL server for a test file, or skips the tests of the file if there is no PostgreSQL. */
import t from 'tap'
import { startTestPostgres, withPatience, type TestPostgres } from '../../support/postgres.ts'
import { noSmallDisk } from '../../support/small-disk.ts'
import type { TapTest } from '../conformance.ts'

type TestNeeds = 'lifecycle' | 'smallDisk'

export interface FileServer {
  server: TestPostgres
  /**
   * Declares a test.
   * @param needs `lifecycle`: the test stops the server; `smallDisk`: it puts a database on a small disk of this machine. Both are skipped on
   *   the server of TEST_DATABASE_URL.
   */
  given(name: string, body: (t: TapTest) => Promise<unknown>, needs?: TestNeeds): void
}

/**
 * Starts the server, which is removed after all tests of the file.
 * @param isPatient for tests that are not about time limits, see `withPatience`
 */
export async function startServerForFile({ isPatient = false } = {}): Promise<FileServer> {
  t.setTimeout(600_000)
  const started = await startTestPostgres()
  const server = typeof started === 'string' ? undefined : started
  t.teardown(() => server?.remove())

  function findReasonToSkip(needs: TestNeeds | undefined): string | false {
    if (typeof started === 'string') return started
    if (needs === 'smallDisk') return started.lifecycle ? noSmallDisk : 'the server of TEST_DATABASE_URL may run on another machine'
    return needs && !started.lifecycle ? 'the server of TEST_DATABASE_URL must not be stopped' : false
  }
  return {
    // Tests do not run without a server.
    server: (isPatient && server
      ? { ...server, createDatabase: async () => withPatience(await server.createDatabase()) }
      : server) as TestPostgres,
    given: (name, body, needs) =>
      void t.test(`given ${name}`, { skip: findReasonToSkip(needs), timeout: 200_000 }, async (t) => void (await body(t))),
  }
}
