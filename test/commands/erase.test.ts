import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import t, { test } from 'tap'
import { openLedger } from '../../src/ledger/open.ts'
import { aRecord } from '../support/record.ts'
import { opener } from '../ledger/conformance.ts'
import { eraseOf, toANumber, traces } from '../ledger/conformance/erasing.ts'
import { conversation, opening, taken, wholeAudit } from '../ledger/scene.ts'
import { npm, run, type Ran } from './process.ts'

// Most steps are processes.
t.setTimeout(120_000)

const auditKey = 'S3cr3t-audit-key-of-the-test'
const erase = (words: string[], settings: Record<string, string>): Promise<Ran> =>
  run(process.execPath, ['src/commands/erase.ts', ...words], settings)

/** What of a caller is in the files of a ledger, byte by byte. */
function tracesIn(path: string): string[] {
  const bytes = ['', '-wal', '-journal']
    .map((ending) => path + ending)
    .filter((file) => existsSync(file))
    .map((file) => readFileSync(file))
  return Object.values(traces).filter((trace) => bytes.some((file) => file.includes(trace)))
}

test('npm run erase', { timeout: 110_000 }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'handoff-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'handoff.db')
  const settings = { AUDIT_KEY: auditKey, DATABASE_URL: `sqlite:${path}` }
  const [over, running] = [conversation(), conversation()]
  const ledger = await openLedger(settings.DATABASE_URL, { auditKey })
  await toANumber(ledger, over, 'the key')
  const open = taken(await ledger.open(opening(aRecord({ conversationId: running, context: { reason: 'still needed' } }))))
  await ledger.close()

  await t.test('--help tells what it takes out and what not', async (t) => {
    const { code, out, err } = await npm('erase', ['--help'])
    t.strictSame([code, err], [0, ''])
    for (const word of ['--conversation', '--reason', 'AUDIT_KEY', 'backups']) t.match(out, word)
  })

  await t.test('what does not fit ends with 1 and changes nothing', { jobs: 2, timeout: 60_000 }, async (t) => {
    void t.test('no conversation is answered with the help', async (t) =>
      t.match(await erase([], settings), { code: 1, out: '', err: /^npm run erase/ }),
    )
    for (const [what, words, line] of [
      ['an id that is none', ['--conversation', traces.number], /^erase: --conversation must be the id of a conversation/],
      ['an unknown option', ['--conversations', over], /^erase: Unknown option/],
      ['a transfer that is not over', ['--conversation', running], new RegExp(`^erase: transfer ${open.id} is not over \\(accepted\\)`)],
    ] as const)
      void t.test(what, async (t) => {
        const { code, out, err } = await erase([...words], settings)
        t.strictSame([code, out, err.trimEnd().split('\n').length], [1, '', 1])
        t.match(err, line)
        t.notMatch(err, traces.number)
      })
    await t.test('and so all is there', async (t) => t.strictSame(tracesIn(path), Object.values(traces)))
  })

  await t.test('a conversation that is over is erased, in the files too, and the trail is sound and tells why', async (t) => {
    t.strictSame(await npm('erase', ['--conversation', over.toUpperCase(), '--reason', 'request 17'], settings), {
      code: 0,
      out: `Erased what is personal of conversation ${over}: 1 transfers, 2 webhooks, 2 audit rows.\n`,
      err: '',
    })
    t.strictSame(tracesIn(path), [])
    t.match(await npm('audit:verify', [], settings), { code: 0, out: /1 conversations erased: sound/ })
    const after = await openLedger(settings.DATABASE_URL, { auditKey })
    t.match((await wholeAudit(after)).at(-1), { status: 'erased', conversationId: over, detail: { reason: 'request 17', transfers: 1 } })
    t.match(await after.transfer(open.id), { context: { reason: 'still needed' } }, 'others are as they were')
    await after.close()
  })

  await t.test('an unknown conversation had nothing', async (t) =>
    t.match(await erase(['--conversation', conversation()], settings), { code: 0, out: /: 0 transfers, 0 webhooks, 0 audit rows\.\n$/ }),
  )
})

test('given a ledger in use, when one of many conversations is erased, then nothing of it is in the file or its log', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'handoff-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'handoff.db')
  const ledger = await opener(t, `sqlite:${path}`)()
  const erased = conversation()
  for (let other = 0; other < 60; other++) {
    if (other === 30) await toANumber(ledger, erased, 'the key')
    const record = taken(
      await ledger.open(opening(aRecord({ conversationId: conversation(), context: { filler: 'x'.repeat(40 * other) } }))),
    )
    t.ok(record.id)
  }
  t.strictSame(tracesIn(path), Object.values(traces))
  await eraseOf(ledger, erased)
  t.strictSame(tracesIn(path), [])
})

test('given somebody who is reading the file, when a conversation is erased, then it is not said to be gone while it is in the log', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'handoff-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'handoff.db')
  const ledger = await opener(t, `sqlite:${path}`)()
  const erased = conversation()
  await toANumber(ledger, erased, 'the key')
  const reader = new DatabaseSync(path)
  reader.exec('BEGIN')
  reader.prepare('SELECT count(*) FROM transfers').get()
  const said = await eraseOf(ledger, erased).then(
    () => 'gone',
    () => 'not gone',
  )
  const left = tracesIn(path)
  reader.exec('COMMIT')
  reader.close()
  t.ok(said === 'not gone' || left.length === 0, `${left.length} traces are in the files`)
  await eraseOf(ledger, erased)
  t.strictSame(tracesIn(path), [], 'once nobody reads, erasing again takes it out')
})
