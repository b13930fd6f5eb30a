/** Where the nodes of a world keep their ledger: a SQLite file, or a database in a PostgreSQL of its own. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { testServer, type TestServer } from '../../support/postgres.ts'

const mostTries = 50
const pauseMs = 100

export type Backend = 'sqlite' | 'postgres'
export interface Stores {
  backend: Backend
  /** The address of an empty ledger. */
  fresh(): Promise<string>
  /** Only where the server is ours: stops it in the immediate mode, and starts it again. */
  restart: (() => Promise<void>) | undefined
  close(): Promise<void>
}

function sqliteStores(): Stores {
  const folder = mkdtempSync(join(tmpdir(), 'handoff-crash-'))
  let files = 0
  return {
    backend: 'sqlite',
    restart: undefined,
    fresh: async () => `sqlite:${join(folder, `${files++}.db`)}`,
    close: async () => rmSync(folder, { recursive: true, force: true }),
  }
}

function postgresStores(server: TestServer): Stores {
  const { power } = server
  return {
    backend: 'postgres',
    fresh: () => server.fresh(),
    restart:
      power &&
      (async () => {
        await power.kill()
        // The processes of the old one may hold its memory for a moment more.
        for (
          let tries = 1;
          !(await power.start().then(
            () => true,
            (error: unknown) =>
              tries < mostTries ? false : Promise.reject(new Error('PostgreSQL does not start again', { cause: error })),
          ));
          tries++
        )
          await setTimeout(pauseMs)
      }),
    close: () => server.remove(),
  }
}

/** The stores, or why there are none here. */
export async function storesOf(backend: Backend): Promise<Stores | string> {
  if (backend === 'sqlite') return sqliteStores()
  const server = await testServer({ durable: true })
  return typeof server === 'string' ? server : postgresStores(server)
}
