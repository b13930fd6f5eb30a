/** A ledger of each earlier schema version opens and goes on, and a newer one is refused (docs/upgrade.md). */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import t from 'tap'
import { verifyLedger } from '../../src/ledger/audit/ledger-check.ts'
import { createMigrations, sqliteColumnTypes } from '../../src/ledger/engine/migrations.ts'
import { openLedgerForWriting } from '../../src/ledger/open-for-writing.ts'
import { auditKey, moveThrough, openAccepted } from '../ledger/fixtures.ts'
import { startTestPostgres } from '../support/postgres.ts'
import { readRecordedLedger, recordedVersions, writePostgresLedger, writeSqliteLedger } from './recorded-ledger.ts'

t.setTimeout(180_000)
const started = await startTestPostgres()
const server = typeof started === 'string' ? undefined : started
const noServer = typeof started === 'string' ? started : false
t.teardown(() => server?.remove())
const knownVersion = createMigrations(sqliteColumnTypes).length

t.test('given the newest schema version, then there is a recorded ledger of it', async (t) => {
  t.equal(recordedVersions.at(-1), knownVersion, 'record one, as recorded-ledger.ts says, and never change a migration that was released')
})

type Test = Parameters<Parameters<typeof t.test>[0]>[0]
async function goOn(t: Test, url: string, recorded: ReturnType<typeof readRecordedLedger>): Promise<void> {
  const ledger = await openLedgerForWriting(url, { auditKey })
  t.teardown(() => ledger.close())
  const { items } = await ledger.listTransfers({ limit: 100 })
  t.strictSame(
    items.map(({ id, state }) => `${id} ${state}`).toSorted(),
    recorded.tables['transfers']?.map(({ id, state }) => `${id as string} ${state as string}`).toSorted(),
  )
  t.match(await verifyLedger(ledger, [auditKey]), {
    faults: [],
    checkpoints: { kept: 1 },
    rows: recorded.tables['audit']?.length,
    isCopy: false,
  })
  const claimed = await ledger.claimTransfers(100)
  t.strictSame(claimed.map(({ state }) => state).toSorted(), ['accepted', 'executing', 'initiated'])
  const next = { accepted: 'executing', executing: 'initiated', initiated: 'picked_up' } as const
  for (const record of claimed) await moveThrough(ledger, record, next[record.state as keyof typeof next])
  await moveThrough(ledger, await openAccepted(ledger), 'executing', 'initiated', 'picked_up')
  t.match(await verifyLedger(ledger, [auditKey]), { faults: [] })
}

for (const version of recordedVersions) {
  const recorded = readRecordedLedger(version)
  t.test(`given a SQLite ledger of schema version ${version}, when it is opened, then it is as it was, and goes on`, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'handoff-schema-'))
    t.teardown(() => rmSync(folder, { recursive: true }))
    const path = join(folder, 'handoff.db')
    t.equal(writeSqliteLedger(path, recorded), recorded.schema, 'the migrations until then make the same tables as at that time')
    await goOn(t, `sqlite:${path}`, recorded)
  })
  t.test(
    `given a PostgreSQL ledger of schema version ${version}, when it is opened, then it is as it was, and goes on`,
    { skip: noServer },
    async (t) => {
      const url = String(await server?.createDatabase())
      await writePostgresLedger(url, recorded)
      await goOn(t, url, recorded)
    },
  )
}

const message = new RegExp(
  `the ledger was written by a newer version \\(${knownVersion + 1}, this one knows ${knownVersion}\\).*docs/upgrade\\.md`,
)
t.test('given a SQLite ledger of a newer version, when it is opened, then it is refused and left as it is', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'handoff-schema-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'handoff.db')
  writeSqliteLedger(path, { ...readRecordedLedger(knownVersion), version: knownVersion + 1 })
  await t.rejects(openLedgerForWriting(`sqlite:${path}`, { auditKey }), { message })
  const database = new DatabaseSync(path)
  t.match(database.prepare('PRAGMA user_version').get(), { user_version: knownVersion + 1 })
  database.close()
})
t.test('given a PostgreSQL ledger of a newer version, when it is opened, then it is refused', { skip: noServer }, async (t) => {
  const url = String(await server?.createDatabase())
  await writePostgresLedger(url, { ...readRecordedLedger(knownVersion), version: knownVersion + 1 })
  await t.rejects(openLedgerForWriting(url, { auditKey }), { message })
})
