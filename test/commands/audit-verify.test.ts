import { createPublicKey, verify } from 'node:crypto'
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import t, { test } from 'tap'
import type { Verdict } from '../../src/ledger/audit/verification.ts'
import { openLedger } from '../../src/ledger/open.ts'
import { draft } from '../ledger/scene.ts'
import { settingsFor, startService } from '../support/service.ts'
import { npm, run, type Ran } from './process.ts'

// Most steps are processes.
t.setTimeout(120_000)

const auditKey = 'S3cr3t-audit-key-of-the-test'
const settings = (file: string, key = auditKey): Record<string, string> => ({ AUDIT_KEY: key, DATABASE_URL: `sqlite:${file}` })
const audit = (words: string[], chosen: Record<string, string>): Promise<Ran> =>
  run(process.execPath, ['src/commands/audit-verify.ts', ...words], chosen)

interface Checkpoint {
  chain: string
  detail: { rows: number; head: string; ends: string; signature: string }
}

test('npm run audit:verify', { timeout: 110_000 }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'handoff-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const [file, earlier, tampered] = ['handoff.db', 'earlier.db', 'tampered.db'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ]
  const log = join(folder, 'handoff.log')

  // A service that lives twice, with its log; between its lives somebody takes a copy.
  const lines: string[] = []
  async function life(rows: number): Promise<void> {
    const service = await startService(t, { ...settingsFor('http://127.0.0.1:9'), ...settings(file) })
    for (let row = 0; row < rows; row++) await service.app.ledger.note(draft(`row ${row}`))
    await service.stop()
    lines.push(...service.lines.map((line) => JSON.stringify(line)))
  }
  await life(3)
  copyFileSync(file, earlier)
  await life(4)
  writeFileSync(log, `${lines.join('\n')}\n`)
  copyFileSync(file, tampered)
  const behind = new DatabaseSync(tampered)
  behind.exec("UPDATE audit SET entry = replace(entry, 'row 2', 'row 5') WHERE place = 3")
  const { seq } = behind.prepare('SELECT seq FROM audit WHERE place = 3').get() as { seq: number }
  behind.close()
  const checkpoint = lines
    .map((line) => JSON.parse(line) as { status?: string } & Checkpoint)
    .findLast(({ status }) => status === 'checkpoint') as Checkpoint

  await t.test('says what it did and how it ended', { jobs: 2, timeout: 90_000 }, async (t) => {
    void t.test('a sound ledger', async (t) => {
      const { code, out, err } = await npm('audit:verify', [], settings(file))
      t.strictSame([code, err], [0, ''])
      t.match(out, /^9 rows in 1 chains, 2 checkpoints kept, 0 in the log, 0 conversations erased: sound \(\d+ ms, \d+ rows a second\)\n$/)
    })
    void t.test('a row that was changed is named', async (t) => {
      const { code, out, err } = await npm('audit:verify', [], settings(tampered))
      t.strictSame([code, err], [1, ''])
      t.match(out, new RegExp(`^NOT SOUND: chain main row 3 \\(seq ${seq}\\): it is not what was written[^\\n]*\\n[^\\n]*: not sound`))
    })
    void t.test('another AUDIT_KEY', async (t) => {
      const { code, out } = await audit([], settings(file, 'another key that was never used'))
      t.equal(code, 1)
      t.match(out, /^NOT SOUND: chain main row 1 /)
      t.notMatch(out, /another key|S3cr3t/)
    })
    void t.test('no rows at all', async (t) => {
      const empty = join(folder, 'empty.db')
      await (await openLedger(`sqlite:${empty}`, { auditKey })).close()
      const { code, out } = await audit([], settings(empty))
      t.equal(code, 1)
      t.match(out, /^NOT SOUND: there are no audit rows/)
    })
    void t.test('a store that was set back, alone', async (t) =>
      t.match(await audit([], settings(earlier)), { code: 0, out: /: sound/ }, 'cannot be told from a sound one'),
    )
    void t.test('a store that was set back, held against the log', async (t) => {
      const { code, out } = await audit(['--log', log], settings(earlier))
      t.equal(code, 1)
      t.match(
        out,
        new RegExp(
          `^NOT SOUND: chain main row ${checkpoint.detail.rows}: the tail is cut: the log tells of ${checkpoint.detail.rows} rows\\n`,
        ),
      )
    })
    void t.test('a sound ledger, held against the log in two files', async (t) => {
      const other = join(folder, 'other.log')
      writeFileSync(other, '')
      t.match(await audit(['--log', log, '--log', other], settings(file)), { code: 0, out: /2 checkpoints kept, 2 in the log/ })
    })
    void t.test('all deleted, held against the log', async (t) => {
      const deleted = join(folder, 'deleted.db')
      await (await openLedger(`sqlite:${deleted}`, { auditKey })).close()
      t.match(await audit(['--log', log], settings(deleted)), {
        code: 1,
        out: /chain main row \d+: the tail is cut: the log tells of \d+ rows/,
      })
    })
    void t.test('--json', async (t) => {
      const { code, out } = await audit(['--json'], settings(tampered))
      t.equal(code, 1)
      const verdict = JSON.parse(out) as Verdict & { ms: number }
      t.match(verdict, { chains: 1, faults: [{ chain: 'main', place: 3, seq }], ms: Number })
      t.match(JSON.parse((await audit(['--json', '--log', log], settings(file))).out), {
        rows: 9,
        chains: 1,
        checkpoints: { kept: 2, logged: 2 },
        erased: 0,
        faults: [],
      })
    })
    void t.test('--public-key is all that an auditor needs', async (t) => {
      const { code, out } = await audit(['--public-key'], settings(file))
      t.equal(code, 0)
      const key = createPublicKey(out)
      t.equal(key.asymmetricKeyType, 'ed25519')
      const { chain, detail } = checkpoint
      const holds = (rows: number) =>
        verify(
          null,
          Buffer.from(`handoff audit checkpoint\n${chain}\n${rows}\n${detail.head}\n${detail.ends}`),
          key,
          Buffer.from(detail.signature, 'hex'),
        )
      t.strictSame([holds(detail.rows), holds(detail.rows - 1)], [true, false])
    })
    void t.test('--help', async (t) => {
      const { code, out, err } = await npm('audit:verify', ['--help'])
      t.strictSame([code, err], [0, ''])
      for (const word of ['--log', '--json', '--public-key', 'AUDIT_KEY']) t.match(out, word)
    })
    for (const [what, words, chosen, line] of [
      ['an unknown option', ['--logs', log], settings(file), /^audit:verify: Unknown option '--logs'/],
      ['a word too many', ['handoff.log'], settings(file), /^audit:verify: Unexpected argument/],
      ['a log that is not there', ['--log', join(folder, 'none.log')], settings(file), /^audit:verify: ENOENT/],
      ['no AUDIT_KEY', [], { DATABASE_URL: `sqlite:${file}` }, /^audit:verify: AUDIT_KEY: is required/],
      ['a ledger that cannot be opened', [], settings('package.json/handoff.db'), /^audit:verify: the ledger is not available/],
    ] as const)
      void t.test(what, async (t) => {
        const { code, out, err } = await audit([...words], chosen)
        t.strictSame([code, out, err.trimEnd().split('\n').length], [2, '', 1])
        t.match(err, line)
      })
  })
})
