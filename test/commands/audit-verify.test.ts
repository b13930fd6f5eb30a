/** `npm run audit:verify` as a user runs it. */
import { createPublicKey, verify } from 'node:crypto'
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import t, { test } from 'tap'
import type { VerificationReport } from '../../src/ledger/audit/verification.ts'
import { openLedger } from '../../src/ledger/open.ts'
import { createDraft } from '../ledger/fixtures.ts'
import { testSettings } from '../support/settings.ts'
import { startService } from '../support/service.ts'
import { runNpmScript, runCommand, type CommandResult } from './run-command.ts'

// Most steps start a process.
t.setTimeout(240_000)

const auditKey = 'S3cr3t-audit-key-of-the-test'
const createSettings = (file: string, key = auditKey): Record<string, string> => ({ AUDIT_KEY: key, DATABASE_URL: `sqlite:${file}` })
const runVerify = (args: string[], settings: Record<string, string>): Promise<CommandResult> =>
  runCommand(process.execPath, ['src/commands/audit-verify.ts', ...args], settings)

interface Checkpoint {
  chain: string
  detail: { rows: number; head: string; ends: string; signature: string }
}

test(
  'given a ledger and its log, when npm run audit:verify runs, then it reports whether the audit trail is sound',
  { timeout: 240_000 },
  async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'handoff-'))
    t.teardown(() => rmSync(folder, { recursive: true }))
    const [file, earlier, tampered] = ['handoff.db', 'earlier.db', 'tampered.db'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ]
    const log = join(folder, 'handoff.log')

    // A service runs twice and keeps its log; the ledger is copied in between.
    const lines: string[] = []
    async function runService(rows: number): Promise<void> {
      const service = await startService(t, { ...testSettings('http://127.0.0.1:9'), ...createSettings(file) })
      for (let row = 0; row < rows; row++) await service.app.ledger.appendAudit(createDraft(`row ${row}`))
      await service.stop()
      lines.push(...service.logLines.map((line) => JSON.stringify(line)))
    }
    await runService(3)
    copyFileSync(file, earlier)
    await runService(4)
    writeFileSync(log, `${lines.join('\n')}\n`)
    copyFileSync(file, tampered)
    const database = new DatabaseSync(tampered)
    database.exec("UPDATE audit SET entry = replace(entry, 'row 2', 'row 5') WHERE place = 3")
    const { seq } = database.prepare('SELECT seq FROM audit WHERE place = 3').get() as { seq: number }
    database.close()
    const checkpoint = lines
      .map((line) => JSON.parse(line) as { status?: string } & Checkpoint)
      .findLast(({ status }) => status === 'checkpoint') as Checkpoint

    await t.test(
      'given sound and unsound ledgers, when each is verified, then the output and the exit code tell them apart',
      { jobs: 2, timeout: 240_000 },
      async (t) => {
        void t.test('given a sound ledger, when it is verified, then the output says so and counts what was verified', async (t) => {
          const { exitCode, stdout, stderr } = await runNpmScript('audit:verify', [], createSettings(file))
          t.strictSame([exitCode, stderr], [0, ''])
          // Seven rows of the two services, and a checkpoint of each when it stops.
          t.match(
            stdout,
            /^9 rows in 1 chains, 2 checkpoints kept, 0 in the log, 0 conversations erased: sound \(\d+ ms, \d+ rows a second\)\n$/,
          )
        })
        void t.test('given an audit row that was changed, when the ledger is verified, then the output names the row', async (t) => {
          const { exitCode, stdout, stderr } = await runNpmScript('audit:verify', [], createSettings(tampered))
          t.strictSame([exitCode, stderr], [1, ''])
          t.match(
            stdout,
            new RegExp(`^NOT SOUND: chain main row 3 \\(seq ${seq}\\): it is not what was written[^\\n]*\\n[^\\n]*: not sound`),
          )
        })
        void t.test('given another AUDIT_KEY, when the ledger is verified, then the first row is not sound', async (t) => {
          const { exitCode, stdout } = await runVerify([], createSettings(file, 'another key that was never used'))
          t.equal(exitCode, 1)
          t.match(stdout, /^NOT SOUND: chain main row 1 /)
          t.notMatch(stdout, /another key|S3cr3t/)
        })
        void t.test('given a ledger without audit rows, when it is verified, then it is not sound', async (t) => {
          const empty = join(folder, 'empty.db')
          await (await openLedger(`sqlite:${empty}`, { auditKey })).close()
          const { exitCode, stdout } = await runVerify([], createSettings(empty))
          t.equal(exitCode, 1)
          t.match(stdout, /^NOT SOUND: there are no audit rows/)
        })
        void t.test(
          'given a ledger that was set back, when it is verified without the log, then it looks sound, and is said to be a copy',
          async (t) =>
            t.match(
              await runVerify([], createSettings(earlier)),
              { exitCode: 0, stdout: /: sound.*is a copy. Only the log/s },
              'it looks like a sound ledger',
            ),
        )
        void t.test('given a ledger that was set back, when it is verified with the log, then the missing rows are found', async (t) => {
          const { exitCode, stdout } = await runVerify(['--log', log], createSettings(earlier))
          t.equal(exitCode, 1)
          t.match(
            stdout,
            new RegExp(
              `^NOT SOUND: chain main row ${checkpoint.detail.rows}: the tail is cut: the log proves that there were ${checkpoint.detail.rows} rows\\n`,
            ),
          )
        })
        void t.test('given a sound ledger, when it is verified with the log in two files, then it is sound', async (t) => {
          const other = join(folder, 'other.log')
          writeFileSync(other, '')
          t.match(await runVerify(['--log', log, '--log', other], createSettings(file)), {
            exitCode: 0,
            stdout: /2 checkpoints kept, 2 in the log/,
          })
        })
        void t.test('given an empty ledger, when it is verified with the log, then the missing rows are found', async (t) => {
          const deleted = join(folder, 'deleted.db')
          await (await openLedger(`sqlite:${deleted}`, { auditKey })).close()
          t.match(await runVerify(['--log', log], createSettings(deleted)), {
            exitCode: 1,
            stdout: /chain main row \d+: the tail is cut: the log proves that there were \d+ rows/,
          })
        })
        void t.test('given --json, when a ledger is verified, then the report is JSON', async (t) => {
          const { exitCode, stdout } = await runVerify(['--json'], createSettings(tampered))
          t.equal(exitCode, 1)
          const report = JSON.parse(stdout) as VerificationReport & { ms: number }
          t.match(report, { chains: 1, faults: [{ chain: 'main', place: 3, seq }], ms: Number })
          t.match(JSON.parse((await runVerify(['--json', '--log', log], createSettings(file))).stdout), {
            rows: 9,
            chains: 1,
            checkpoints: { kept: 2, logged: 2 },
            erased: 0,
            faults: [],
          })
        })
        void t.test('given --public-key, then a public key is printed, with which an auditor can verify checkpoints', async (t) => {
          const { exitCode, stdout } = await runVerify(['--public-key'], createSettings(file))
          t.equal(exitCode, 0)
          const key = createPublicKey(stdout)
          t.equal(key.asymmetricKeyType, 'ed25519')
          const { chain, detail } = checkpoint
          const isValid = (rows: number) =>
            verify(
              null,
              Buffer.from(`handoff audit checkpoint\n${chain}\n${rows}\n${detail.head}\n${detail.ends}`),
              key,
              Buffer.from(detail.signature, 'hex'),
            )
          t.strictSame([isValid(detail.rows), isValid(detail.rows - 1)], [true, false])
        })
        void t.test('given audit:verify with --help, then every option is listed', async (t) => {
          const { exitCode, stdout, stderr } = await runNpmScript('audit:verify', ['--help'])
          t.strictSame([exitCode, stderr], [0, ''])
          for (const option of ['--log', '--json', '--public-key', 'AUDIT_KEY']) t.match(stdout, option)
        })
        for (const [given, args, settings, line] of [
          ['an unknown option', ['--logs', log], createSettings(file), /^audit:verify: Unknown option '--logs'/],
          ['an argument too many', ['handoff.log'], createSettings(file), /^audit:verify: Unexpected argument/],
          ['a log that does not exist', ['--log', join(folder, 'none.log')], createSettings(file), /^audit:verify: ENOENT/],
          ['no AUDIT_KEY', [], { DATABASE_URL: `sqlite:${file}` }, /^audit:verify: AUDIT_KEY: is required/],
          ['a ledger that cannot be opened', [], createSettings('package.json/handoff.db'), /^audit:verify: the ledger is not available/],
        ] as const)
          void t.test(`given audit:verify with ${given}, then one line names the error`, async (t) => {
            const { exitCode, stdout, stderr } = await runVerify([...args], settings)
            t.strictSame([exitCode, stdout, stderr.trimEnd().split('\n').length], [2, '', 1])
            t.match(stderr, line)
          })
      },
    )
  },
)
