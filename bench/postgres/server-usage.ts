/** The CPU time and the log flushes of a PostgreSQL server, as Linux and the server report them. */
import type { TestPostgres } from '../../test/support/postgres.ts'
import { readTotalCpuMs } from '../harness/process-usage.ts'

/** CPU time of all processes of the server that run now, ms; 0 when they run on another machine. */
export async function readPostgresCpuMs(server: TestPostgres): Promise<number> {
  const rows = await server.sql('SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid()')
  return readTotalCpuMs(rows.map(({ pid }) => Number(pid)))
}

/** How often the server has flushed its log to the disk (PostgreSQL 18). Processes report with a delay of up to ten seconds. */
export async function readLogFlushes(server: TestPostgres): Promise<number> {
  const [row] = await server.sql("SELECT sum(fsyncs)::int AS flushes FROM pg_stat_io WHERE object = 'wal'")
  return Number(row?.['flushes'])
}
