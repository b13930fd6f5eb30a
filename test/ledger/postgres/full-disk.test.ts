/** A PostgreSQL ledger whose disk is full is reported as not writable for as long as no transfer can be written. */
import { randomUUID } from 'node:crypto'
import { chownSync, statSync } from 'node:fs'
import { StoreUnavailable } from '../../../src/ledger/contract/errors.ts'
import { createSmallDisk } from '../../support/small-disk.ts'
import { createOpener } from '../conformance.ts'
import { isTrailSound, openAccepted } from '../fixtures.ts'
import { startServerForFile } from './server.ts'

const { server, given } = await startServerForFile()
/** How often the ledger is checked while its disk is full. */
const checkCount = 24

given(
  'a database whose disk fills up, when a transfer cannot be written, then every check fails; when there is room again, then checks and writes succeed',
  async (t) => {
    const disk = createSmallDisk(t, 32)
    const [{ folder } = {}] = await server.sql("SELECT current_setting('data_directory') AS folder")
    const { uid, gid } = statSync(String(folder))
    chownSync(disk.folder, uid, gid)
    const name = `disk_${randomUUID().replaceAll('-', '')}`
    await server.sql(`CREATE TABLESPACE ${name} LOCATION '${disk.folder}'`)
    const url = await server.createDatabase()
    await server.sql(`ALTER DATABASE ${new URL(url).pathname.slice(1)} SET TABLESPACE ${name}`)
    const ledger = await createOpener(t, url)()
    await ledger.checkWritable()
    disk.fill()
    await t.rejects(async () => {
      // The first writes may succeed, because the tables have some free room of their own.
      for (;;) await openAccepted(ledger)
    }, StoreUnavailable)
    for (let check = 0; check < checkCount; check++) await t.rejects(ledger.checkWritable(), StoreUnavailable)
    disk.free()
    await ledger.checkWritable()
    await openAccepted(ledger)
    t.ok(await isTrailSound(ledger))
  },
  'smallDisk',
)

given('a ledger that is checked often, then the checks leave no row behind', async (t) => {
  const url = await server.createDatabase()
  const ledger = await createOpener(t, url)()
  await Promise.all(Array.from({ length: 20 }, () => ledger.checkWritable()))
  t.same(await server.sql('SELECT count(*)::int AS total FROM idempotency_keys', [], url), [{ total: 0 }])
})
