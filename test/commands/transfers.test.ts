/** `npm run transfers` as a user runs it. */
import { randomUUID } from 'node:crypto'
import t, { test } from 'tap'
import { fit, formatAge, formatTarget } from '../../src/commands/transfers/format.ts'
import type { TimelineItem } from '../../src/transfers/history/timeline.ts'
import { settlements } from '../../src/transfers/unknown-outcome/operator-settlement.ts'
import { setUpIvrCall } from '../support/calls.ts'
import { writeIndeterminate } from '../support/indeterminate-transfer.ts'
import { operationsKey } from '../support/settings.ts'
import { startTestSystem } from '../support/test-system.ts'
import { waitFor } from '../support/wait-for.ts'
import { runCommand, runNpmScript, startCommand } from './run-command.ts'

// Most steps start a process.
t.setTimeout(240_000)
const script = 'src/commands/transfers.ts'
const longestLine = (text: string): number => Math.max(...text.split('\n').map((line) => line.length))

test('given a service with transfers, when an operator uses the command line', { timeout: 240_000 }, async (t) => {
  const settlerKey = `hk_settler_${'s'.repeat(43)}`
  const system = await startTestSystem(t, {
    API_KEYS: `${operationsKey}:transfers:write+transfers:read,${settlerKey}:transfers:read+transfers:settle+webhooks:write`,
  })
  const settings = { HANDOFF_URL: `${system.url}/`, HANDOFF_API_KEY: settlerKey }
  const run = (...args: string[]) => runCommand(process.execPath, [script, ...args], settings)
  const { conversationId, queueId, otherQueueId, userId } = setUpIvrCall(system.control, [{ after: 20, with: 'pickup' }])
  const pickedUp = (await system.postTransfer({ conversationId, target: { type: 'queue', queueId } })).body.id
  await system.waitForState(pickedUp, 'picked_up')
  const call = system.control.addConversation({ in: 'ivr' }).conversationId
  const stuck = await writeIndeterminate(system, { conversationId: call, queueId: otherQueueId })

  await t.test('then list prints what is not over, on 80 columns, by name', async (t) => {
    await waitFor(async () => /Sales/.test((await run('list')).stdout), 'the name of the queue')
    const { exitCode, stdout } = await run('list')
    t.equal(exitCode, 0)
    t.match(stdout, new RegExp(`^STATE[^]*indeterminate +\\d+s +queue Sales +${stuck}`))
    t.notMatch(stdout, pickedUp)
    t.ok(longestLine(stdout) <= 80, `${longestLine(stdout)} columns`)
    t.match((await run('list', '--state', 'all')).stdout, pickedUp)
    const filtered = JSON.parse((await run('list', '--state', 'picked_up', '--queue', queueId, '--json')).stdout) as object
    t.match(filtered, { transfers: [{ id: pickedUp }], nextCursor: null })
    t.match((await run('list', '--state', 'all', '--code', 'QUEUE_CLOSED')).stdout, 'There is no such transfer.')
  })

  await t.test('then show prints a transfer and what happened, on 80 columns', async (t) => {
    const { stdout } = await run('show', pickedUp)
    for (const word of ['picked_up', 'Support', 'Alex', 'accepted', 'hop 1 started', 'transfer.initiated']) t.match(stdout, word)
    t.ok(longestLine(stdout) <= 80, `${longestLine(stdout)} columns`)
    t.match(JSON.parse((await run('show', pickedUp, '--json')).stdout), {
      id: pickedUp,
      agentUserId: userId,
      timeline: [{ kind: 'audit' }],
    })
  })

  await t.test('then watch prints a change when it happens, and ends with its transfer; settle makes the change', async (t) => {
    const watching = startCommand(process.execPath, [script, 'watch', stuck, '--json'], settings)
    const everything = startCommand(process.execPath, [script, 'watch'], settings)
    t.teardown(() => {
      for (const { child } of [watching, everything]) child.kill()
    })
    // Changes of other transfers show that the stream is open.
    const changed: string[] = []
    await waitFor(async () => {
      const { body } = await system.postTransfer({
        conversationId: system.control.addConversation({ in: 'ivr' }).conversationId,
        target: { type: 'queue', queueId: otherQueueId },
      })
      changed.push(body.id)
      return changed.some((id) => everything.output.stdout.includes(id))
    }, 'a change')
    await waitFor(() => watching.output.stdout.includes(stuck), 'the transfer as it is')
    const { exitCode, stdout } = await run(
      'settle',
      stuck,
      '--state',
      'rejected',
      '--reason',
      'the caller is \u001b[1mstill\u001b[0m in the flow',
    )
    t.strictSame([exitCode, stdout], [0, `Transfer ${stuck} is rejected now.\n`])
    await waitFor(() => new RegExp(`rejected .*${stuck}\n  rejected`).test(everything.output.stdout), 'the change as text')
    t.ok(longestLine(everything.output.stdout) <= 80)
    const watched = await watching.result
    t.equal(watched.exitCode, 0)
    const printed = watched.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object)
    t.match(printed.at(0), { transfer: { id: stuck, state: 'indeterminate' }, changes: [] }, 'first the transfer as it is')
    t.match(printed.at(-1), { transfer: { id: stuck, state: 'rejected' }, changes: [{ status: 'rejected' }] })
  })

  await t.test('then show prints who settled a transfer and the reason, on 80 columns', async (t) => {
    const { stdout } = await run('show', stuck)
    const withoutBreaks = stdout.replaceAll(/\s+/g, ' ')
    t.match(withoutBreaks, /rejected EXPIRED \(execution\), settled by settler: the caller is \[1mstill \[0m in the flow/)
    t.notMatch(stdout, '\u001b', 'nothing controls the terminal')
    t.ok(longestLine(stdout) <= 80, `${longestLine(stdout)} columns`)
    const { timeline } = JSON.parse((await run('show', stuck, '--json')).stdout) as { timeline: TimelineItem[] }
    const settled = timeline.find(({ status }) => status === 'rejected')
    t.match(settled?.audit?.detail, { settledBy: 'settler', reason: 'the caller is \u001b[1mstill\u001b[0m in the flow' })
  })

  await t.test('then watch with a transfer that is over prints it and ends, and with one that does not exist it fails', async (t) => {
    const over = await run('watch', pickedUp)
    t.strictSame([over.exitCode, over.stdout.includes(pickedUp)], [0, true])
    t.match(await run('watch', randomUUID()), { exitCode: 1, stdout: '', stderr: /^transfers: NOT_FOUND: / })
  })

  await t.test('then redeliver queues a webhook again', async (t) => {
    const { body } = await system.request<{ deliveries: Array<{ id: string }> }>(
      'GET',
      `/v1/webhook-deliveries?transferId=${pickedUp}`,
      undefined,
      {
        authorization: `Bearer ${settlerKey}`,
      },
    )
    const [delivery] = body.deliveries
    await waitFor(async () => (await run('redeliver', String(delivery?.id))).exitCode === 0, 'a delivery that is not being attempted')
    t.match((await run('redeliver', pickedUp)).stdout, /^\d+ webhooks are queued again\.\n$/)
  })

  await t.test('then what is refused is said in one line, with exit code 1', async (t) => {
    const refusals: Array<[args: string[], message: RegExp]> = [
      [['show', randomUUID()], /^transfers: NOT_FOUND: There is no transfer/],
      [['show', 'x'], /^transfers: the id of a transfer is needed/],
      [['redeliver', 'x'], /^transfers: the id of a webhook \(evt_…\) or of a transfer \(a UUID\) is needed/],
      [['show', pickedUp, '--state', 'failed'], /--state is no option of show/],
      [['list', pickedUp], /list takes no id/],
      [['settle', pickedUp], /--state and --reason/],
      [['settle', pickedUp, '--state', 'failed', '--reason', 'because'], /^transfers: STATE_CONFLICT: /],
      [['list', '--state', 'lost'], /^transfers: INVALID_REQUEST: /],
      [['lists'], /^transfers: there is no command lists: use list, show, watch, settle, redeliver or --help\n$/],
    ]
    for (const [args, message] of refusals) {
      const { exitCode, stdout, stderr } = await run(...args)
      t.strictSame([exitCode, stdout], [1, ''], args.join(' '))
      t.match(stderr, message)
    }
    const wrongKey = await runCommand(process.execPath, [script, 'watch'], { ...settings, HANDOFF_API_KEY: 'hk_none_0123456789abcdef' })
    t.match(wrongKey, { exitCode: 1, stderr: /UNAUTHENTICATED/ })
    t.notMatch(wrongKey.stderr, '0123456789abcdef')
    t.match(await runCommand(process.execPath, [script, 'list'], { ...settings, HANDOFF_URL: 'http://127.0.0.1:1' }), {
      exitCode: 1,
      stderr: /^transfers: http:\/\/127.0.0.1:1 does not answer/,
    })
    for (const HANDOFF_URL of ['foo', 'localhost:3000'])
      t.match(await runCommand(process.execPath, [script, 'list'], { ...settings, HANDOFF_URL }), {
        exitCode: 1,
        stderr: `transfers: HANDOFF_URL must be an address such as https://handoff.example.com, not ${HANDOFF_URL}\n`,
      })
  })
})

test('given no arguments, or --help, when the command runs, then its help fits into 80 columns', async (t) => {
  const { exitCode, stdout } = await runNpmScript('transfers', ['--help'])
  t.equal(exitCode, 0)
  t.ok(longestLine(stdout) <= 80, `${longestLine(stdout)} columns`)
  for (const state of settlements) t.match(stdout, state)
  t.match(await runNpmScript('transfers'), { exitCode: 1, stdout: '', stderr: /list[^]*settle/ })
})

test('given names, ages and targets, when they are printed, then they fit, and nothing controls the terminal', async (t) => {
  t.equal(fit('Support', 10), 'Support   ')
  t.equal(fit('Support in Berlin', 10), 'Support i…')
  t.equal(fit('a\u001b[31mb', 8), 'a [31mb ')
  t.strictSame([0, 119_000, 120_000, 7_300_000, 400_000_000].map(formatAge), ['0s', '119s', '2m', '2h', '4d'])
  const target = { type: 'queue', queueId: 'q' } as never
  t.equal(formatTarget({ target, resolvedTarget: null }, {}), 'queue q')
  t.equal(formatTarget({ target, resolvedTarget: { type: 'agent', userId: 'u' } as never }, { u: 'Alex' }), 'agent Alex')
})
