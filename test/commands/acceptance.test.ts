/** `npm run acceptance` as a user runs it. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import type { Report } from '../../src/acceptance/report/report.ts'
import { acceptanceHelp, parseAcceptanceArguments } from '../../src/commands/acceptance/arguments.ts'
import { startPlatform } from '../acceptance/run-on-simulator.ts'
import { testSettings } from '../support/settings.ts'
import { waitFor } from '../support/wait-for.ts'
import { runCommand, runNpmScript, startCommand } from './run-command.ts'

// Each step starts a process.
t.setTimeout(180_000)

const files = ['recording.json', 'report.json', 'report.md']

async function prepare(t: { teardown(work: () => unknown): void }, answers?: Parameters<typeof startPlatform>[1]) {
  const folder = mkdtempSync(join(tmpdir(), 'handoff-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const platform = await startPlatform(t, answers)
  const { GENESYS_CLIENT_ID, GENESYS_CLIENT_SECRET, GENESYS_GATEWAY_URL } = testSettings(platform.simulator.url)
  const settings = { GENESYS_CLIENT_ID, GENESYS_CLIENT_SECRET, GENESYS_GATEWAY_URL } as Record<string, string>
  const out = join(folder, 'report')
  const args = ['--conversation', platform.conversationId, '--queue', platform.queueId, '--out', out]
  const readReport = (): Report => JSON.parse(readFileSync(join(out, 'report.json'), 'utf8')) as Report
  return { platform, settings, out, args, readReport }
}
const script = ['--require=./src/check-node.cjs', 'src/commands/acceptance.ts']

t.test('given a test call and --yes, then the call is moved, and the three files are written', async (t) => {
  const { platform, settings, out, args, readReport } = await prepare(t)
  const { exitCode, stdout, stderr } = await runNpmScript('acceptance', [...args, '--yes'], settings)
  t.strictSame([exitCode, stderr], [0, ''], stdout)
  for (const file of files) t.ok(existsSync(join(out, file)), file)
  t.equal(readReport().outcome, 'complete')
  t.match(stdout, platform.conversationId, 'it says which call is moved')
  const markdown = readFileSync(join(out, 'report.md'), 'utf8')
  t.match(markdown, '**Yes.**')
  t.strictSame(
    [...markdown.split('\n'), ...stdout.replaceAll(out, '').split('\n')].filter((line) => line.length > 80),
    [],
    'it can be read on 80 columns',
  )
  const written = files.map((file) => readFileSync(join(out, file), 'utf8')).join('\n')
  for (const original of [
    platform.conversationId,
    platform.queueId,
    platform.userId,
    '4915112345678',
    'Alex',
    'Support',
    'handoff-demo-secret',
  ])
    t.notOk(written.includes(original), `${original} is not in the report`)

  const again = await runCommand(process.execPath, [...script, ...args, '--read-only'], settings)
  t.equal(again.exitCode, 1)
  t.match(again.stderr, /has a report already/)
})

t.test('given no terminal and no --yes, then nothing is sent', async (t) => {
  const { platform, settings, args, out } = await prepare(t)
  const { exitCode, stderr } = await runCommand(process.execPath, [...script, ...args], settings)
  t.equal(exitCode, 1)
  t.match(stderr, /--yes agrees beforehand/)
  t.equal(platform.control.requests().total, 0)
  t.notOk(existsSync(out))
})

t.test('given Ctrl-C while the call waits, then the report is written, and the exit code is 1', async (t) => {
  const { settings, args, readReport } = await prepare(t, ['never'])
  const { child, output, result } = startCommand(process.execPath, [...script, ...args, '--yes'], settings)
  await waitFor(() => output.stdout.includes('Waiting for an agent'), 'the call in the queue', 60_000)
  child.kill('SIGINT')
  const { exitCode, stderr } = await result
  t.equal(exitCode, 1)
  t.match(stderr, /interrupted by the user/)
  const { outcome, callState } = readReport()
  t.equal(outcome, 'stopped')
  t.match(callState, /^it (waits in the queue|rings)$/)
})

const conversation = 'ca110000-0000-4000-8000-000000000001'
const queue = '9e0e0000-0000-4000-8000-000000000001'
const parse = (...args: string[]) => parseAcceptanceArguments(new Date('2026-11-29T03:00:00Z'), args)

t.test('given options that do not fit, then the problem is named', async (t) => {
  t.throws(() => parse('--queue', queue), /--conversation must be an id/)
  t.throws(() => parse('--conversation', 'x', '--queue', queue), /--conversation must be an id/)
  t.throws(() => parse('--conversation', conversation), /--queue must be an id/)
  t.throws(() => parse('--conversation', conversation, '--queue', queue, '--late-command'), /--late-command needs --second-queue/)
  t.throws(() => parse('--conversation', conversation, '--queue', queue, '--pickup-wait', 'long'), /--pickup-wait must be/)
  t.throws(() => parse('--conversation', conversation, '--queue', queue, '--callback-number', '030123'), /--callback-number must be/)
})

t.test('given only what is needed, then the rest has its defaults', async (t) => {
  t.strictSame(parse('--conversation', conversation.toUpperCase(), '--queue', queue), {
    options: {
      conversationId: conversation,
      queueId: queue,
      shouldSendLateCommand: false,
      consultWaitMs: 0,
      pickupWaitMs: 60_000,
      flowWaitMs: 30_000,
      isReadOnly: false,
    },
    folder: 'acceptance-2026-11-29T03-00-00',
    isAgreed: false,
  })
})

t.test('given --help, then every option is listed, on 80 columns', async (t) => {
  t.equal(parse('--help'), 'help')
  for (const option of ['--conversation', '--queue', '--read-only', '--yes', '--out', '--late-command']) t.match(acceptanceHelp, option)
  t.strictSame(
    acceptanceHelp.split('\n').filter((line) => line.length > 80),
    [],
  )
})
