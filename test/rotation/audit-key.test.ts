/** AUDIT_KEY is changed (docs/rotation.md#audit_key): what a start accepts and refuses, and what the old key is good for afterwards. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import t from 'tap'
import { hashRow, sealHead } from '../../src/ledger/audit/chain.ts'
import { verifyAudit } from '../../src/ledger/audit/verification.ts'
import { openLedgerForWriting } from '../../src/ledger/open-for-writing.ts'
import { openLedger } from '../../src/ledger/open.ts'
import { runNpmScript } from '../commands/run-command.ts'
import { createDraft } from '../ledger/fixtures.ts'
import { testSettings } from '../support/settings.ts'
import { startService } from '../support/service.ts'

const [oldKey, newKey] = ['S3cr3t-key-before-the-rotation', 'S3cr3t-key-after-the-rotation']
type Test = Parameters<typeof startService>[0]

function createFile(t: Test): string {
  const folder = mkdtempSync(join(tmpdir(), 'handoff-rotation-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  return join(folder, 'handoff.db')
}
const settingsFor = (file: string, key: string, previous = ''): Record<string, string> => ({
  ...testSettings('http://127.0.0.1:9'),
  DATABASE_URL: `sqlite:${file}`,
  AUDIT_KEY: key,
  AUDIT_KEY_PREVIOUS: previous,
})

t.test(
  'given a service, when it is started again with a new AUDIT_KEY, then it needs the old one once, and audit:verify needs both',
  async (t) => {
    const file = createFile(t)
    const before = await startService(t, settingsFor(file, oldKey))
    await before.app.ledger.appendAudit(createDraft('before'))
    await before.stop()

    await t.rejects(startService(t, settingsFor(file, newKey)), {
      setting: 'AUDIT_KEY',
      message: /AUDIT_KEY: is not the key that .*To change the key, set AUDIT_KEY_PREVIOUS to that key and AUDIT_KEY to the new one/,
    })
    const during = await startService(t, settingsFor(file, newKey, oldKey))
    await during.app.ledger.appendAudit(createDraft('after'))
    await during.stop()
    t.notMatch(JSON.stringify(during.logLines), /S3cr3t/)
    const after = await startService(t, settingsFor(file, newKey))
    await after.stop()
    t.pass('the service itself does not need the old key any more')
    await t.rejects(startService(t, settingsFor(file, oldKey)), { setting: 'AUDIT_KEY', message: /is not the key/ })

    const [both, alone] = await Promise.all([
      runNpmScript('audit:verify', [], settingsFor(file, newKey, oldKey)),
      runNpmScript('audit:verify', [], settingsFor(file, newKey)),
    ])
    t.match(both, { exitCode: 0, stdout: /: sound/ })
    t.match(alone, { exitCode: 1, stdout: /NOT SOUND: chain main row 1.*AUDIT_KEY_PREVIOUS/s })
  },
)

t.test('given a trail whose key was changed, when somebody who has the old key appends or changes a row, then it is found', async (t) => {
  const file = createFile(t)
  const before = await openLedgerForWriting(`sqlite:${file}`, { auditKey: oldKey })
  await before.appendAudit(createDraft('before'))
  await before.close()
  const after = await openLedgerForWriting(`sqlite:${file}`, { auditKey: newKey, previousAuditKeys: [oldKey] })
  await after.appendAudit(createDraft('after'))
  await after.close()
  const findFaults = async () => {
    const ledger = await openLedger(`sqlite:${file}`, { auditKey: newKey, previousAuditKeys: [oldKey] })
    try {
      return (await verifyAudit(ledger, newKey, undefined, [oldKey])).faults
    } finally {
      await ledger.close()
    }
  }
  t.strictSame(await findFaults(), [])

  /** Runs SQL with the rows of the trail, and takes back what it did after `check`. */
  async function tamper(
    change: (database: DatabaseSync, rows: Array<Record<string, string | number>>) => void,
    check: () => Promise<unknown>,
  ) {
    const database = new DatabaseSync(file)
    const rows = database.prepare('SELECT * FROM audit ORDER BY place').all() as Array<Record<string, string | number>>
    const heads = database.prepare('SELECT * FROM audit_heads').all() as Array<Record<string, string | number>>
    change(database, rows)
    await check()
    database.exec('DELETE FROM audit; DELETE FROM audit_heads')
    for (const [table, contents] of [
      ['audit', rows],
      ['audit_heads', heads],
    ] as const)
      for (const row of contents)
        database
          .prepare(
            `INSERT INTO ${table} (${Object.keys(row).join(', ')}) VALUES (${Object.keys(row)
              .map(() => '?')
              .join(', ')})`,
          )
          .run(...Object.values(row))
    database.close()
  }
  await tamper(
    (database, rows) => {
      const last = rows.at(-1) as Record<string, string | number>
      const entry = String(last['entry']).replace(/"status":"[^"]+"/, '"status":"forged"')
      const hash = hashRow(oldKey, String(last['hash']), entry)
      const position = Number(last['place']) + 1
      database
        .prepare(
          'INSERT INTO audit (seq, chain, place, at, transfer_id, conversation_id, entry, hash) VALUES (?, ?, ?, ?, NULL, NULL, ?, ?)',
        )
        .run(Number(last['seq']) + 1, 'main', position, Number(last['at']), entry, hash)
      database
        .prepare('UPDATE audit_heads SET place = ?, hash = ?, seal = ?')
        .run(position, hash, sealHead(oldKey, { chain: 'main', position, hash }))
    },
    async () => t.match(await findFaults(), [{ what: 'it was written with an earlier AUDIT_KEY than the row before it' }]),
  )
  await tamper(
    (database, [row]) => {
      const entry = String(row?.['entry']).replace('"before"', '"forged"')
      database.prepare('UPDATE audit SET entry = ?, hash = ? WHERE place = 1').run(entry, hashRow(oldKey, '0'.repeat(64), entry))
    },
    async () => t.match(await findFaults(), [{ place: 2 }], 'the first row of the new key vouches for those before it'),
  )
  t.strictSame(await findFaults(), [], 'what was tampered with was put back')
})

t.test(
  'given another process that writes the SQLite ledger with the old key, when one starts with a new key, then it is refused',
  async (t) => {
    const file = createFile(t)
    const ledger = await openLedgerForWriting(`sqlite:${file}`, { auditKey: oldKey })
    await ledger.appendAudit(createDraft('before'))
    await ledger.close()
    const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
    t.teardown(() => other.kill())
    const database = new DatabaseSync(file)
    database.prepare('INSERT INTO nodes VALUES (?, ?, ?, ?)').run('other', hostname(), Number(other.pid), Number.MAX_SAFE_INTEGER)
    database.close()
    const open = () => openLedgerForWriting(`sqlite:${file}`, { auditKey: newKey, previousAuditKeys: [oldKey] })
    await t.rejects(open(), {
      setting: 'AUDIT_KEY',
      message: /cannot be changed yet: a process of this machine may still write .* Stop it first/,
    })
    other.kill()
    await once(other, 'exit')
    const renewed = await open()
    t.equal(await renewed.matchAuditKey(), 'current')
    await renewed.close()
  },
)
