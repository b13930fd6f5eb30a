/** A copy of the database file that was made while it was written: a torn one is found, one that was made as a whole raises no alarm. */
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { backup, DatabaseSync } from 'node:sqlite'
import t from 'tap'
import { verifyLedger } from '../../src/ledger/audit/ledger-check.ts'
import { StoreUnavailable } from '../../src/ledger/contract/errors.ts'
import type { Ledger } from '../../src/ledger/contract/ledger.ts'
import { openLedger } from '../../src/ledger/open.ts'
import { auditKey, moveThrough, openAccepted } from '../ledger/fixtures.ts'

t.setTimeout(240_000)
const pageSize = 4_096

/** What a verification finds in a copy; a text if it cannot even be opened. */
async function verify(path: string): Promise<string[]> {
  let ledger: Ledger | undefined
  try {
    ledger = await openLedger(`sqlite:${path}`, { auditKey })
    return (await verifyLedger(ledger, [auditKey])).faults.map(({ what }) => what)
  } catch (error) {
    if (error instanceof StoreUnavailable || (error as { code?: string }).code === 'ERR_SQLITE_ERROR') return [(error as Error).message]
    throw error
  } finally {
    await ledger?.close()
  }
}

t.test('given copies of a ledger that is written, when each is verified, then those that are torn are found, and no others', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'handoff-torn-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'handoff.db')
  const ledger = await openLedger(`sqlite:${path}`, { auditKey })
  t.teardown(() => ledger.close())
  const open: Array<Awaited<ReturnType<typeof openAccepted>>> = []
  for (let count = 0; count < 60; count++) open.push(await openAccepted(ledger))
  const other = new DatabaseSync(path)
  t.teardown(() => other.close())
  /** The database file once it holds everything that was written. */
  const readFile = (): Buffer => {
    other.exec('PRAGMA wal_checkpoint(PASSIVE)')
    return readFileSync(path)
  }
  const earlier = readFile()
  for (const record of open.slice(0, 40)) await moveThrough(ledger, record, 'executing', 'initiated')
  for (let count = 0; count < 20; count++) await openAccepted(ledger)
  const later = readFile()

  let copies = 0
  const verifyBytes = async (bytes: Uint8Array): Promise<string[]> => {
    const copy = join(folder, `copy-${copies++}.db`)
    writeFileSync(copy, bytes)
    const findings = await verify(copy)
    rmSync(copy)
    return findings
  }
  t.strictSame([await verifyBytes(earlier), await verifyBytes(later)], [[], []], 'each file alone is sound, as of its moment')
  const pages = later.length / pageSize
  // Read from the start to the end while the file is written: the first pages are earlier than the last ones.
  const unnoticed: number[] = []
  const changed = Array.from({ length: earlier.length / pageSize }, (_, page) => page).filter(
    (page) => !earlier.subarray(page * pageSize, (page + 1) * pageSize).equals(later.subarray(page * pageSize, (page + 1) * pageSize)),
  )
  for (const page of changed.slice(1)) {
    const torn = Buffer.concat([earlier.subarray(0, page * pageSize), later.subarray(page * pageSize)])
    if ((await verifyBytes(torn)).length === 0) unnoticed.push(page)
  }
  t.ok(changed.length > 10, `${changed.length} of ${pages} pages had changed`)
  t.strictSame(unnoticed, [], 'wherever the copy is torn')
  for (const page of changed.slice(1)) {
    const torn = Buffer.concat([later.subarray(0, page * pageSize), earlier.subarray(page * pageSize)])
    if ((await verifyBytes(torn)).length === 0) unnoticed.push(page)
  }
  t.strictSame(unnoticed, [], 'also if its first pages are later than its last ones')
  t.not((await verifyBytes(later.subarray(0, later.length - 3 * pageSize))).length, 0, 'the end is missing')

  // The log has what is not in the database file yet. Without it, the file is as it was earlier.
  for (const record of open.slice(40)) await moveThrough(ledger, record, 'executing', 'initiated')
  const withLog = join(folder, 'with-log.db')
  copyFileSync(path, withLog)
  copyFileSync(`${path}-wal`, `${withLog}-wal`)
  t.strictSame(await verify(withLog), [])
  const statements = join(folder, 'vacuum.db')
  other.exec(`VACUUM INTO '${statements}'`)
  t.strictSame(await verify(statements), [], 'VACUUM INTO')
  const online = join(folder, 'online.db')
  const writing = Promise.all(Array.from({ length: 20 }, async () => moveThrough(ledger, await openAccepted(ledger), 'executing')))
  await backup(other, online, { rate: 1_000_000 })
  await writing
  t.strictSame(await verify(online), [], "SQLite's online backup, while transfers were written")
})
