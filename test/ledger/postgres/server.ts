/** The one server of a test file, and behaviours that are skipped where there is none. */
import t from 'tap'
import { testServer, type TestServer } from '../../support/postgres.ts'
import type { Test } from '../conformance.ts'

export async function serverForFile(): Promise<{
  server: TestServer
  given(name: string, body: (t: Test) => Promise<unknown>, needs?: 'power'): void
}> {
  t.setTimeout(300_000)
  const found = await testServer()
  const server = typeof found === 'string' ? undefined : found
  t.teardown(() => server?.remove())
  return {
    server: server as TestServer,
    given(name, body, needs) {
      const missing =
        typeof found === 'string' ? found : needs && !found.power ? 'the server of TEST_DATABASE_URL is not ours to stop' : false
      t.test(`given ${name}`, { skip: missing, timeout: 60_000 }, async (t) => void (await body(t)))
    },
  }
}
