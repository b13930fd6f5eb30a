/** How log lines are written to a device that fails, is full or is slow. */
import t from 'tap'
import { createLog } from '../../src/telemetry/log.ts'
import { createLogOutput, standardOutput, type LogOutput } from '../../src/telemetry/log-output.ts'
import { waitFor } from '../support/wait-for.ts'

type WriteCallback = (error: Error | null, written: number) => void

/** A device in memory. */
function createDevice() {
  const device = {
    text: '',
    /** The result of each write: success, an error, no answer, or at most this many bytes. */
    behavior: 'works' as 'works' | 'full' | 'hangs' | number,
    writes: 0,
    pending: undefined as (() => void) | undefined,
    write(bytes: Buffer, done: WriteCallback): void {
      device.writes++
      const answer = (): void => {
        device.pending = undefined
        if (device.behavior === 'full') return done(Object.assign(new Error('no space'), { code: 'ENOSPC' }), 0)
        const count = typeof device.behavior === 'number' ? Math.min(device.behavior, bytes.length) : bytes.length
        device.text += bytes.subarray(0, count).toString()
        done(null, count)
      }
      if (device.behavior === 'hangs') device.pending = answer
      else setImmediate(answer)
    },
    writeSync(bytes: Buffer): number {
      device.writes++
      if (device.behavior !== 'works') throw Object.assign(new Error('not now'), { code: 'EAGAIN' })
      device.text += bytes.toString()
      return bytes.length
    },
  }
  return device
}
const line = (index: number): string => `line ${String(index).padStart(6, '0')} ${'x'.repeat(1_000)}\n`
/** More lines than the output keeps in memory. */
const tooManyLines = 6_000
function writeLines(output: LogOutput, count: number): void {
  for (let index = 0; index < count; index++) output.write(line(index))
}

t.test('given a device that works, when lines are written, then they arrive in order, several with one write', async (t) => {
  const device = createDevice()
  const output = createLogOutput(() => device)
  writeLines(output, 500)
  await output.flush()
  t.equal(device.text, Array.from({ length: 500 }, (_, index) => line(index)).join(''))
  t.ok(device.writes < 50, `${device.writes} writes`)
  t.equal(output.lostLines, 0)
})

t.test('given a working device, when a single short line is written, then it arrives without waiting for more lines', async (t) => {
  const device = createDevice()
  createLogOutput(() => device).write('short\n')
  await waitFor(() => device.text !== '', 'the line')
  t.equal(device.text, 'short\n')
})

t.test('given a device that takes only a part of each write, when lines are written, then no line is torn or repeated', async (t) => {
  const device = createDevice()
  device.behavior = 777
  const output = createLogOutput(() => device)
  writeLines(output, 100)
  await output.flush()
  t.equal(device.text, Array.from({ length: 100 }, (_, index) => line(index)).join(''))
})

for (const behavior of ['full', 'hangs'] as const)
  t.test(
    `given a device that ${behavior === 'full' ? 'is full' : 'hangs'}, when more lines are written than are kept, then the lost ones are counted, and once it works again, the kept lines are written and the loss is reported once`,
    async (t) => {
      const device = createDevice()
      device.behavior = behavior
      const output = createLogOutput(() => device)
      const notices: number[] = []
      output.onRecovery = (lostLines) => {
        notices.push(lostLines)
        output.write(`lost ${lostLines}\n`)
      }
      writeLines(output, tooManyLines)
      await output.flush()
      const kept = tooManyLines - output.lostLines
      t.ok(kept > 1_000 && output.lostLines > 1_000, `${output.lostLines} lost`)
      t.strictSame([device.text, notices], ['', []])

      device.behavior = 'works'
      device.pending?.()
      await output.flush()
      const written = Array.from({ length: kept }, (_, index) => line(index)).join('')
      t.ok(device.text === `${written}lost ${output.lostLines}\n`, 'the kept lines, and then the number')
      output.write('later\n')
      await output.flush()
      t.ok(device.text.endsWith('\nlater\n'))
      t.strictSame(notices, [output.lostLines])
    },
  )

t.test('given a device that is full, when a line is written, then the write is repeated with growing pauses', async (t) => {
  const device = createDevice()
  device.behavior = 'full'
  const output = createLogOutput(() => device)
  output.write('first\n')
  await output.flush()
  t.ok(device.writes >= 2 && device.writes < 20, `${device.writes} attempts`)
})

t.test(
  'given unwritten lines, when the process exits, then they are written, without waiting for a device that fails or is busy',
  async (t) => {
    const working = createDevice()
    const output = createLogOutput(() => working)
    output.write('last\n')
    output.flushAtExit()
    t.equal(working.text, 'last\n')

    const full = createDevice()
    full.behavior = 'full'
    const failing = createLogOutput(() => full)
    writeLines(failing, 3)
    failing.flushAtExit()
    t.equal(full.writes, 1, 'one attempt')

    const slow = createDevice()
    slow.behavior = 'hangs'
    const busy = createLogOutput(() => slow)
    writeLines(busy, 10)
    busy.flushAtExit()
    t.equal(slow.writes, 1, 'the write that is running')
  },
)

t.test('given the log on standard output, when lines were lost, then a warning says how many', async (t) => {
  createLog('fatal')
  const lines: string[] = []
  t.teardown(() => void (standardOutput.onRecovery = () => {}))
  const original = standardOutput.write
  t.teardown(() => void (standardOutput.write = original))
  standardOutput.write = (text) => void lines.push(text)
  createLog('info')
  standardOutput.onRecovery(17)
  t.match(JSON.parse(lines[0] ?? ''), { 'log.level': 'warn', lostLines: 17, message: /^log lines were lost/ })
})
