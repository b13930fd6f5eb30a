/** A PostgreSQL server with a streaming standby that tests can hold back and promote. */
import { spawn } from 'node:child_process'
import { chown, cp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { waitFor } from '../wait-for.ts'
import { canConnect, findFreePort, serverFlags, startEmbeddedPostgres } from './embedded-postgres.ts'

export interface ReplicatedPostgres {
  /** The address of the primary, as the superuser. */
  primaryUrl: string
  /** The address of the standby, which can be read, and written once it is promoted. */
  standbyUrl: string
  /** Stops the standby from receiving anything, as a network without an answer does. */
  holdBackStandby(): Promise<void>
  /** Lets the standby receive again. */
  letStandbyGoOn(): void
  /** Stops the primary as if its machine had failed. It does not come back. */
  killPrimary(): Promise<void>
  /** Makes the standby the primary. What it has not received while it was held back is lost. */
  promoteStandby(): Promise<void>
  remove(): Promise<void>
}

/** Runs one statement on a connection of its own. */
export async function querySql(url: string, text: string): Promise<Array<Record<string, unknown>>> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  try {
    return (await client.query(text)).rows as Array<Record<string, unknown>>
  } finally {
    await client.end()
  }
}

/** Long enough that a standby that is held back counts as connected: the test decides when it is lost. */
const patience = ['-c', 'wal_receiver_timeout=0', '-c', 'wal_sender_timeout=0']

/**
 * Starts both servers, with the primary waiting for the standby at each commit.
 * @throws when embedded-postgres has no binary for this machine or does not start
 */
export async function startReplicatedPostgres(): Promise<ReplicatedPostgres> {
  const primary = await startEmbeddedPostgres({
    isDurable: true,
    settings: { synchronous_standby_names: '*', wal_sender_timeout: '0' },
  })
  const folder = `${primary.folder}-standby`
  const port = await findFreePort()
  const { port: primaryPort } = new URL(primary.url)
  // The package starts no standby: it waits for a line that a standby does not write.
  const { postgres } = (await import(`@embedded-postgres/${process.platform}-${process.arch}`)) as { postgres: string }
  // The package has no pg_basebackup either. The data of a server that does not run can be copied as it is.
  await primary.kill()
  await cp(primary.folder, folder, { recursive: true })
  await rm(join(folder, 'postmaster.pid'), { force: true })
  await writeFile(join(folder, 'standby.signal'), '')
  const { uid, gid } = await stat(primary.folder)
  await chownAll(folder, uid, gid)
  await primary.start()
  const child = spawn(
    postgres,
    [
      '-D',
      folder,
      '-p',
      String(port),
      ...serverFlags,
      ...patience,
      '-c',
      `primary_conninfo=host=127.0.0.1 port=${primaryPort} user=postgres password=postgres application_name=standby`,
    ],
    { stdio: 'ignore', ...(uid === process.getuid?.() ? {} : { uid, gid }) },
  )
  const exited = new Promise((resolve) => child.once('exit', resolve))
  const standbyUrl = Object.assign(new URL(primary.url), { port: String(port) }).href
  let heldBackPid: number | undefined

  function letStandbyGoOn(): void {
    if (heldBackPid !== undefined) process.kill(heldBackPid, 'SIGCONT')
    heldBackPid = undefined
  }
  async function remove(): Promise<void> {
    letStandbyGoOn()
    child.kill('SIGQUIT')
    await exited
    await primary.remove()
    await rm(folder, { recursive: true, force: true })
  }
  try {
    await waitFor(() => canConnect(standbyUrl), 'the standby', 60_000)
    await waitFor(
      async () => (await querySql(primary.url, "SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync'")).length === 1,
      'the replication',
      60_000,
    )
  } catch (error) {
    await remove()
    throw error
  }
  return {
    primaryUrl: primary.url,
    standbyUrl,
    async holdBackStandby() {
      const [receiver] = await querySql(standbyUrl, 'SELECT pid FROM pg_stat_wal_receiver')
      heldBackPid = Number(receiver?.['pid'])
      process.kill(heldBackPid, 'SIGSTOP')
    },
    letStandbyGoOn,
    killPrimary: () => primary.kill(),
    async promoteStandby() {
      // It ends before it reads what the network still holds.
      if (heldBackPid !== undefined) process.kill(heldBackPid, 'SIGTERM')
      letStandbyGoOn()
      await querySql(standbyUrl, 'SELECT pg_promote()')
    },
    remove,
  }
}

/** Gives the copied files to the user that the servers run as: they refuse data of another user. */
async function chownAll(folder: string, uid: number, gid: number): Promise<void> {
  for (const entry of await readdir(folder, { recursive: true })) await chown(join(folder, entry), uid, gid)
  await chown(folder, uid, gid)
}
