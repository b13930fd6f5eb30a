/** Where the nodes of a cluster keep their ledger: SQLite files in a temporary folder, or databases of a PostgreSQL server, with or without PgBouncer. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { findMissingPgBouncer, startPgBouncer, type PgBouncer } from '../../support/postgres/pgbouncer.ts'
import { startTestPostgres, type TestPostgres } from '../../support/postgres.ts'

export type Backend = 'sqlite' | 'postgres' | 'pgbouncer'

export interface LedgerStorage {
  backend: Backend
  /** Creates an empty ledger and returns its DATABASE_URL. */
  createDatabase(): Promise<string>
  /** Kills the database server, or PgBouncer in front of it, and starts it again. Undefined if the backend cannot be restarted. */
  restart: (() => Promise<void>) | undefined
  /** Deletes everything that was created. */
  close(): Promise<void>
}

const startAttempts = 50
const startPauseMs = 100

function createSqliteStorage(): LedgerStorage {
  const folder = mkdtempSync(join(tmpdir(), 'handoff-crash-'))
  let fileCount = 0
  return {
    backend: 'sqlite',
    restart: undefined,
    createDatabase: async () => `sqlite:${join(folder, `${fileCount++}.db`)}`,
    close: async () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** Starts the killed server. Retries for a while, because processes of the killed server may still hold its shared memory. */
async function startAgain({ start }: NonNullable<TestPostgres['lifecycle']>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await start()
    } catch (error) {
      if (attempt === startAttempts) throw new Error('PostgreSQL does not start again', { cause: error })
      await setTimeout(startPauseMs)
    }
  }
}

function createPostgresStorage(server: TestPostgres): LedgerStorage {
  const { lifecycle } = server
  return {
    backend: 'postgres',
    createDatabase: () => server.createDatabase(),
    restart:
      lifecycle &&
      (async () => {
        await lifecycle.kill()
        await startAgain(lifecycle)
      }),
    close: () => server.remove(),
  }
}

function createPgBouncerStorage(server: TestPostgres, bouncer: PgBouncer): LedgerStorage {
  return {
    ...createPostgresStorage(server),
    backend: 'pgbouncer',
    createDatabase: async () => bouncer.pooledUrl(await server.createDatabase()),
    async restart() {
      await bouncer.kill()
      await bouncer.start()
    },
    async close() {
      await bouncer.remove()
      await server.remove()
    },
  }
}

/** Opens the storage. If this machine cannot run the backend, resolves with the reason as text. */
export async function openLedgerStorage(backend: Backend): Promise<LedgerStorage | string> {
  if (backend === 'sqlite') return createSqliteStorage()
  const missingReason = backend === 'pgbouncer' ? findMissingPgBouncer() : undefined
  if (missingReason) return missingReason
  const server = await startTestPostgres({ isDurable: true })
  if (typeof server === 'string') return server
  return backend === 'pgbouncer' ? createPgBouncerStorage(server, await startPgBouncer(server.url)) : createPostgresStorage(server)
}
