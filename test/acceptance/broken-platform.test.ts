/** A platform that breaks half way: the report has what was answered until then, and says in which state the call is. */
import t from 'tap'
import type { FaultOptions } from '../../src/simulator/control/fault-options.ts'
import { runOn, startPlatform } from './run-on-simulator.ts'

t.setTimeout(240_000)

const read = 'GET /conversations/{id}'
const replace = 'POST /conversations/{id}/participants/{id}/replace/queue'

t.test('given reads that fail for a moment, then they are repeated and the run comes to its end', async (t) => {
  const platform = await startPlatform(t)
  platform.control.addFault({ operation: read, conversationId: platform.conversationId, times: 2, fault: { kind: 'status', status: 503 } })
  const { report, value } = await runOn(platform)
  t.equal(report.outcome, 'complete')
  t.strictSame(value('replace-in-flow'), { moves: true })
})

for (const [name, fault, reason] of [
  ['500', { kind: 'status', status: 500 }, /GET \/conversations\/\{id\} was answered with 500/],
  ['429', { kind: 'rate-limited', retryAfterSeconds: 60 }, /was answered with 429/],
  ['a reset connection', { kind: 'reset-before' }, /got no answer/],
] as Array<[string, FaultOptions['fault'], RegExp]>) {
  t.test(`given a platform that answers with ${name} once the call is on its way, then the report says what is known`, async (t) => {
    const platform = await startPlatform(t, ['never'])
    const { conversationId } = platform
    const { report, value, why } = await runOn(platform, {
      onLine(line) {
        if (line.startsWith('Waiting for an agent')) platform.control.addFault({ operation: read, conversationId, times: 'always', fault })
      },
    })
    t.equal(report.outcome, 'stopped')
    t.match(report.reason, reason)
    t.strictSame(value('replace-in-flow'), { moves: true }, 'what was answered stays answered')
    t.match(why('pickup-time'), /the run ended before/)
    t.match(report.callState, /^unknown: it could not be read in the end\. \d+ s before, it waits in the queue/)
    t.equal(platform.control.transfers().length, 1)
  })
}

t.test('given a command whose answer is lost, then it is not sent again, and the report says where the call is', async (t) => {
  const platform = await startPlatform(t, ['never'])
  platform.control.addFault({ operation: replace, conversationId: platform.conversationId, fault: { kind: 'reset-after' } })
  platform.control.configure({ queueDelayMs: 0 })
  const { report, why } = await runOn(platform)
  t.equal(report.outcome, 'stopped')
  t.match(report.reason, /replace\/queue got no answer/)
  t.equal(platform.control.transfers().length, 1)
  t.match(report.callState, /^(it waits in the queue|it rings|a flow has it)$/)
  t.ok(why('arrival'))
})

t.test('given a command that fails with 500 and did nothing, then the call is where it was', async (t) => {
  const platform = await startPlatform(t)
  platform.control.addFault({ operation: replace, conversationId: platform.conversationId, fault: { kind: 'status', status: 500 } })
  const { report, why } = await runOn(platform)
  t.equal(report.outcome, 'stopped')
  t.equal(report.callState, 'a flow has it')
  t.match(why('replace-in-flow'), /answered with 500/)
})

t.test('given a token that is not valid any more, then the run logs in again', async (t) => {
  const platform = await startPlatform(t)
  const { report } = await runOn(platform, {
    onLine(line) {
      if (line.startsWith('Writing attributes')) platform.control.revokeTokens()
    },
  })
  t.equal(report.outcome, 'complete')
})

t.test('given a client that is refused from the middle on, then the run stops', async (t) => {
  const platform = await startPlatform(t)
  const { report } = await runOn(platform, {
    onLine(line) {
      if (!line.startsWith('Moving the call')) return
      platform.control.revokeTokens()
      platform.control.addFault({ operation: 'POST /oauth/token', times: 'always', fault: { kind: 'status', status: 401 } })
    },
  })
  t.equal(report.outcome, 'stopped')
  t.match(report.reason, /401/)
  t.strictSame(platform.control.transfers(), [])
  t.match(report.callState, /unknown: .*a flow has it/)
})

t.test('given a client that is refused from the start, then the report says so, and that no command was sent', async (t) => {
  const platform = await startPlatform(t, undefined, { clientSecret: 'another secret' })
  const { report, why } = await runOn(platform)
  t.equal(report.outcome, 'stopped')
  t.match(report.reason, /does not accept the OAuth client/)
  t.equal(report.callState, 'unknown: the call was never read; no command was sent')
  t.match(why('permissions'), /the run ended before/)
})

t.test('given a platform that is gone from the middle on, then the run stops', async (t) => {
  const platform = await startPlatform(t, ['never'])
  let closed: Promise<void> | undefined
  const { report } = await runOn(platform, {
    onLine(line) {
      if (line.startsWith('Waiting for an agent')) closed = platform.simulator.close()
    },
  })
  await closed
  t.equal(report.outcome, 'stopped')
  t.match(report.reason, /got no answer/)
  t.match(report.callState, /^unknown: it could not be read in the end/)
})

t.test('given a user who interrupts the run, then the report has what was answered, and the state of the call', async (t) => {
  const platform = await startPlatform(t, ['never'])
  const stop = new AbortController()
  const { report, value } = await runOn(platform, {
    signal: stop.signal,
    onLine(line) {
      if (line.startsWith('Waiting for an agent')) stop.abort()
    },
  })
  t.equal(report.outcome, 'stopped')
  t.equal(report.reason, 'interrupted by the user')
  t.strictSame(value('replace-in-flow'), { moves: true })
  t.equal(report.callState, 'it waits in the queue')
})
