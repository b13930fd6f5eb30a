/** The log as text for people (LOG_FORMAT=pretty): what a line looks like, and that nothing secret or harmful gets into it. */
import { stripVTControlCharacters } from 'node:util'
import t from 'tap'
import { startSimulator } from '../../src/simulator/simulator.ts'
import { createLog } from '../../src/telemetry/log.ts'
import { canColorOutput, createReadableLines } from '../../src/telemetry/readable-log.ts'
import { runCommand, startCommand } from '../commands/run-command.ts'
import { testSettings } from '../support/settings.ts'
import { waitFor } from '../support/wait-for.ts'

/** Whether a text has control characters that a terminal would obey. */
const hasControls = (text: string): boolean => ['\u001b', '\u009b', '\r'].some((character) => text.includes(character))

function createTestLog({ isColored }: { isColored: boolean }) {
  const written: string[] = []
  const log = createLog('info', {
    destination: { write: (text: string) => void written.push(text) },
    secrets: ['a secret of the tests'],
    format: createReadableLines({ isColored }),
  })
  return { log, written }
}

t.test(
  'given log lines, when they are written for people, then they have at most 80 columns, and show what differs from line to line',
  async (t) => {
    const { log, written } = createTestLog({ isColored: false })
    log.info(
      { transferId: '01a2253e-ec4e-7671-ba41-925b5529c73f', stage: 'validation', outcome: 'passed', durationMs: 29, code: null },
      'validation passed',
    )
    log.warn({ reason: 'a reason of several words', considered: [{ type: 'queue' }] }, `${'a long message '.repeat(10)}ends`)
    log.error({ err: new TypeError('boom') }, 'it failed')
    const lines = written.join('').split('\n')
    t.match(
      written[0],
      /^\d\d:\d\d:\d\d INFO: validation passed\n {9}transferId=01a2253e-ec4e-7671-ba41-925b5529c73f stage=validation\n {9}outcome=passed durationMs=29\n$/,
    )
    t.match(
      written[1],
      /^[\d:]{8} WARN: a long message(.|\n)*ends\n {9}reason="a reason of several words" considered=\[{"type":"queue"}\]\n$/,
    )
    t.match(written[2], /^[\d:]{8} ERROR: it failed\n {9}error\.type=TypeError error\.message=boom\n {9}TypeError: boom\n {9} {4}at /)
    for (const line of lines.filter((text) => !text.includes(' at '))) t.ok(line.length <= 80, line)
    t.notMatch(written.join(''), /ecs\.version|host\.hostname/)
    t.notOk(hasControls(written.join('')))
  },
)

t.test('given a terminal, then the text is the same, with colors', async (t) => {
  const [plain, colored] = [createTestLog({ isColored: false }), createTestLog({ isColored: true })]
  for (const { log } of [plain, colored]) log.error({ stage: 'webhook' }, 'it failed')
  t.ok(colored.written[0]?.includes('\u001b[31mERROR'))
  t.equal(stripVTControlCharacters(String(colored.written[0])).slice(8), plain.written[0]?.slice(8))
  const original = process.stdout.isTTY
  t.teardown(() => (process.stdout.isTTY = original))
  process.stdout.isTTY = true
  t.strictSame([{}, { NO_COLOR: '' }, { NO_COLOR: '1' }].map(canColorOutput), [true, true, false])
  process.stdout.isTTY = false
  t.equal(canColorOutput({}), false)
})

t.test('given secrets, numbers and control characters, then none of them is written', async (t) => {
  const { log, written } = createTestLog({ isColored: false })
  log.info(
    { reason: 'a secret of the tests', to: '+4915112345678', text: '\u001b[2Jx\u009b1A', 'bad\u001b': 1 },
    'to +4915112345678 \u001b[2J\r\nhandoff: fake line',
  )
  t.notMatch(written.join(''), /a secret of the tests|15112345678/)
  t.notOk(hasControls(written.join('')))
  t.notMatch(written.join(''), /^handoff: fake/m)
})

t.test(
  'given LOG_FORMAT, when the service is started, then its log is text for people, and a wrong value is refused',
  { timeout: 240_000 },
  async (t) => {
    const simulator = await startSimulator()
    t.teardown(() => simulator.close())
    const settings = testSettings(simulator.url)
    const { child, output, result } = startCommand(process.execPath, ['src/server.ts'], { ...settings, LOG_FORMAT: 'pretty' })
    t.teardown(() => child.kill('SIGKILL'))
    await waitFor(() => output.stdout.includes('Server listening'), 'the service', 60_000)
    child.kill('SIGTERM')
    t.match(await result, {
      exitCode: 0,
      stdout: /^\d\d:\d\d:\d\d INFO: Server listening at http:\/\/127\.0\.0\.1:\d+\n(.|\n)*INFO: stopping/,
      stderr: '',
    })
    t.match(await runCommand(process.execPath, ['src/server.ts'], { ...settings, LOG_FORMAT: 'text' }), {
      exitCode: 1,
      stdout: '',
      stderr: 'handoff: LOG_FORMAT: must be one of json, pretty\n',
    })
  },
)
