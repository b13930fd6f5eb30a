/** `npm run erase` as a user runs it, and what is left in the files of the ledger afterwards. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import t, { test } from 'tap'
import { openLedger } from '../../src/ledger/open.ts'
import { createTestRecord } from '../support/transfer-record.ts'
import { createOpener } from '../ledger/conformance.ts'
import { eraseConversation, personalData, personalKey, transferToNumber } from '../ledger/personal-data.ts'
import { createConversationId, createNewTransfer, expectAccepted, readWholeAudit } from '../ledger/fixtures.ts'
import { runNpmScript, runCommand, type CommandResult } from './run-command.ts'

// Most steps start a process.
t.setTimeout(240_000)

const auditKey = 'S3cr3t-audit-key-of-the-test'
const runErase = (args: string[], settings: Record<string, string>): Promise<CommandResult> =>
  runCommand(process.execPath, ['src/commands/erase.ts', ...args], settings)

const everythingPersonal = [...Object.values(personalData), personalKey]

/** The personal data that the bytes of a ledger's files contain. */
function findPersonalData(path: string): string[] {
  const bytes = ['', '-wal', '-journal']
    .map((suffix) => path + suffix)
    .filter((file) => existsSync(file))
    .map((file) => readFileSync(file))
  return everythingPersonal.filter((text) => bytes.some((file) => file.includes(text)))
}

test(
  'given a ledger with personal data, when npm run erase runs, then it erases exactly one finished conversation',
  { timeout: 240_000 },
  async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'handoff-'))
    t.teardown(() => rmSync(folder, { recursive: true }))
    const path = join(folder, 'handoff.db')
    const settings = { AUDIT_KEY: auditKey, DATABASE_URL: `sqlite:${path}` }
    const [finishedId, runningId] = [createConversationId(), createConversationId()]
    const ledger = await openLedger(settings.DATABASE_URL, { auditKey })
    await transferToNumber(ledger, finishedId, personalKey)
    const runningTransfer = expectAccepted(
      await ledger.openTransfer(createNewTransfer(createTestRecord({ conversationId: runningId, context: { reason: 'still needed' } }))),
    )
    await ledger.close()

    await t.test('given erase with --help, then the output says what is removed and what is not', async (t) => {
      const { exitCode, stdout, stderr } = await runNpmScript('erase', ['--help'])
      t.strictSame([exitCode, stderr], [0, ''])
      for (const word of ['--conversation', '--reason', 'AUDIT_KEY', 'backups']) t.match(stdout, word)
    })

    await t.test(
      'given erase with wrong arguments, then the exit code is 1 and nothing changes',
      { jobs: 2, timeout: 240_000 },
      async (t) => {
        void t.test('given erase without --conversation, then the help is printed', async (t) =>
          t.match(await runErase([], settings), { exitCode: 1, stdout: '', stderr: /^npm run erase/ }),
        )
        for (const [given, args, line] of [
          ['an id that is not a UUID', ['--conversation', personalData.number], /^erase: --conversation must be the id of a conversation/],
          [
            'two conversations',
            ['--conversation', finishedId, '--conversation', createConversationId()],
            /^erase: --conversation was given twice/,
          ],
          ['an id without its option', [finishedId], /^erase: Unexpected argument/],
          ['an unknown option', ['--conversations', finishedId], /^erase: Unknown option/],
          [
            'a transfer that is not over',
            ['--conversation', runningId],
            new RegExp(`^erase: transfer ${runningTransfer.id} is not over \\(accepted\\)`),
          ],
        ] as const)
          void t.test(`given erase with ${given}, then one line names the error`, async (t) => {
            const { exitCode, stdout, stderr } = await runErase([...args], settings)
            t.strictSame([exitCode, stdout, stderr.trimEnd().split('\n').length], [1, '', 1])
            t.match(stderr, line)
            t.notMatch(stderr, personalData.number)
          })
        await t.test('given only wrong arguments so far, then all personal data is still there', async (t) =>
          t.strictSame(findPersonalData(path), everythingPersonal),
        )
      },
    )

    await t.test(
      'given a finished conversation, when it is erased, then its personal data is gone from the files, and the audit trail is sound and has the reason',
      async (t) => {
        t.strictSame(await runNpmScript('erase', ['--conversation', finishedId.toUpperCase(), '--reason', 'request 17'], settings), {
          exitCode: 0,
          stdout: `Erased the personal data of conversation ${finishedId}: 1 transfers, 0 bulk transfers, 2 webhooks, 2 audit rows.\n`,
          stderr: '',
        })
        t.strictSame(findPersonalData(path), [])
        t.match(await runNpmScript('audit:verify', [], settings), { exitCode: 0, stdout: /1 conversations erased: sound/ })
        const reopened = await openLedger(settings.DATABASE_URL, { auditKey })
        t.match((await readWholeAudit(reopened)).at(-1), {
          status: 'erased',
          conversationId: finishedId,
          detail: { reason: 'request 17', transfers: 1 },
        })
        t.match(
          await reopened.findTransfer(runningTransfer.id),
          { context: { reason: 'still needed' } },
          'other conversations are unchanged',
        )
        await reopened.close()
      },
    )

    await t.test(
      'given an unknown conversation, when it is erased, then the output says that nothing was erased, and the audit trail has no entry about it',
      async (t) => {
        const unknownId = createConversationId()
        t.match(await runErase(['--conversation', unknownId], settings), {
          exitCode: 1,
          stdout: '',
          stderr: `erase: nothing was erased: the ledger has no personal data of a conversation ${unknownId}. Check the id, and DATABASE_URL.\n`,
        })
        const reopened = await openLedger(settings.DATABASE_URL, { auditKey })
        t.notOk((await readWholeAudit(reopened)).some(({ conversationId }) => conversationId === unknownId))
        await reopened.close()
      },
    )
  },
)

test('given a ledger in use, when one of many conversations is erased, then none of its data is in the file or its write-ahead log', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'handoff-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'handoff.db')
  const ledger = await createOpener(t, `sqlite:${path}`)()
  const erasedId = createConversationId()
  for (let other = 0; other < 60; other++) {
    if (other === 30) await transferToNumber(ledger, erasedId, personalKey)
    const record = expectAccepted(
      await ledger.openTransfer(
        createNewTransfer(createTestRecord({ conversationId: createConversationId(), context: { filler: 'x'.repeat(40 * other) } })),
      ),
    )
    t.ok(record.id)
  }
  t.strictSame(findPersonalData(path), everythingPersonal)
  await eraseConversation(ledger, erasedId)
  t.strictSame(findPersonalData(path), [])
})

test('given a process that reads the file, when a conversation is erased, then success is not reported while the data is still in the write-ahead log', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'handoff-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'handoff.db')
  const ledger = await createOpener(t, `sqlite:${path}`)()
  const erasedId = createConversationId()
  await transferToNumber(ledger, erasedId, personalKey)
  const reader = new DatabaseSync(path)
  reader.exec('BEGIN')
  reader.prepare('SELECT count(*) FROM transfers').get()
  const reported = await eraseConversation(ledger, erasedId).then(
    () => 'erased',
    () => 'not erased',
  )
  const remaining = findPersonalData(path)
  reader.exec('COMMIT')
  reader.close()
  t.ok(reported === 'not erased' || remaining.length === 0, `${remaining.length} texts are in the files`)
  await eraseConversation(ledger, erasedId)
  t.strictSame(findPersonalData(path), [], 'after the reader has closed the file, erasing again removes the data')
})
