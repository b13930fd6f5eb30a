/** The report from platforms of different temperaments: what is answered, what is not and why, and which settings follow. */
import t from 'tap'
import { createReport } from '../../src/acceptance/report/report.ts'
import { questions } from '../../src/acceptance/questions/table.ts'
import { runOn, settingOf, startPlatform } from './run-on-simulator.ts'

t.setTimeout(240_000)

t.test('given a platform as the simulator is by itself, then the report says that calls can be moved out of a flow', async (t) => {
  const platform = await startPlatform(t)
  // Long enough for a request to come before the arrival, also on a busy machine.
  platform.control.configure({ queueDelayMs: 4_000 })
  const { report, recording, value, why, lines } = await runOn(platform, { pace: { unmovedAfterMs: 20_000 } })
  t.equal(report.outcome, 'complete')
  t.strictSame(value('permissions'), { missing: [] })
  t.strictSame(value('call-shape'), { isUnderstood: true, isTransferable: true, heldBy: 'ivr' })
  t.strictSame(value('replace-in-flow'), { moves: true })
  t.match(value('routing-before-arrival'), { refused: { status: 400, code: 'bad.request' }, acceptedAfterMs: Number })
  t.match(value('arrival'), { shownAfterMs: Number, commandTookMs: Number })
  t.strictSame(value('queue-destination')?.['namesQueue'], true)
  t.strictSame(value('attribute-size'), { atLeast: 64_000 })
  t.match(value('pickup-time'), { pickedUpAfterMs: Number, ringsAfterMs: Number })
  t.match(value('events'), { isAvailable: true, leadMs: { arrival: Number } })
  t.match(why('unanswered-offer'), /no offer ended unanswered/)
  t.match(why('preferred-agents'), /--agent/)
  t.equal(settingOf(report, 'mode'), 'execute')
  t.equal(settingOf(report, 'PICKUP_EVENTS'), 'on')
  t.equal(settingOf(report, 'PICKUP_TIMEOUT_MS'), '30000')
  t.equal(report.callState, 'an agent has it')
  t.equal(platform.control.transfers().length, 1)
  t.equal(report.answers.length, questions.length)
  t.ok(
    lines.indexOf('Go on?') > lines.indexOf(`  ${platform.conversationId}`) && lines.includes(`  ${platform.conversationId}`),
    'it says which call it is about before it asks',
  )
  t.notMatch(JSON.stringify({ recording, report }), new RegExp(`${platform.conversationId}|${platform.queueId}|4915112345678|Alex|Support`))
})

t.test('given a platform that refuses to take a call from a flow, then the report advises to let the flow move it', async (t) => {
  const platform = await startPlatform(t)
  const refused = { status: 400, code: 'conversations.error.transfer.not.connected' }
  platform.control.behave({ replaceInFlow: refused })
  const { report, value, why } = await runOn(platform, {
    options: { flowWaitMs: 20_000 },
    onLine(line) {
      if (!line.includes('Let the flow transfer')) return
      platform.control.transferByFlow(platform.conversationId, { queueId: platform.queueId })
    },
  })
  t.equal(report.outcome, 'complete')
  t.strictSame(value('replace-in-flow'), { moves: false, refused })
  t.equal(settingOf(report, 'mode'), 'decide')
  t.match(why('arrival'), /did not accept/)
  t.match(value('pickup-time'), { pickedUpAfterMs: Number }, 'what the flow moved is measured')
  t.strictSame(report.behavior.replaceInFlow, refused)
  t.strictSame(platform.control.transfers(), [], 'the platform has moved nothing')
})

t.test('given a platform that refuses, and a flow that does not move the call, then it is said that the flow still has it', async (t) => {
  const platform = await startPlatform(t)
  platform.control.behave({ replaceInFlow: { status: 409, code: 'general.conflict' } })
  const { report, value, why } = await runOn(platform)
  t.strictSame(value('replace-in-flow'), { moves: false, refused: { status: 409, code: 'general.conflict' } })
  t.match(why('pickup-time'), /the flow did not transfer/)
  t.equal(report.callState, 'a flow has it')
})

t.test('given a platform that accepts the command and leaves the call in the flow, then the report says so', async (t) => {
  const platform = await startPlatform(t)
  platform.control.behave({ replaceInFlow: 'ignored' })
  const { report, value, why } = await runOn(platform, { pace: { unmovedAfterMs: 300 } })
  t.strictSame(value('replace-in-flow'), { moves: false, isIgnored: true })
  t.match(why('arrival'), /was not seen/)
  t.equal(settingOf(report, 'mode'), 'decide')
  t.equal(report.behavior.replaceInFlow, 'ignored')
})

t.test('given an agent who does not answer, then the report has the disconnectType, and no time to pickup', async (t) => {
  const platform = await startPlatform(t, ['never'])
  platform.control.configure({ alertingTimeoutMs: 100 })
  const { report, value, why } = await runOn(platform, { options: { pickupWaitMs: 6_000 } })
  t.equal(report.outcome, 'complete')
  t.strictSame(value('unanswered-offer'), { disconnectTypes: ['transfer.noanswer'], offers: 1 })
  t.equal(why('pickup-time'), 'nobody picked up within 6 s')
  t.equal(settingOf(report, 'PICKUP_TIMEOUT_MS'), undefined)
  t.equal(report.callState, 'it waits in the queue')
})

t.test('given an agent who picks up late, then a longer pickup timeout follows', async (t) => {
  const platform = await startPlatform(t, [{ after: 900, with: 'pickup' }])
  const { recording, value } = await runOn(platform)
  const strict = createReport({ ...recording, settings: { ...recording.settings, pickupTimeoutMs: 500 } })
  const measured = Number(value('pickup-time')?.['pickedUpAfterMs'])
  t.ok(measured >= 900, `${measured} ms`)
  t.equal(settingOf(strict, 'PICKUP_TIMEOUT_MS'), String(Math.ceil((measured * 1.5) / 1_000) * 1_000))
})

t.test('given a role without a permission that every transfer needs, then nothing is moved and the permission is named', async (t) => {
  const platform = await startPlatform(t)
  platform.control.behave({
    missingPermissions: ['conversation:communication:blindTransfer', 'conversation:communication:blindTransferQueue'],
  })
  const { report, value, why, lines } = await runOn(platform)
  t.equal(report.outcome, 'not_moved')
  t.strictSame(value('permissions'), { missing: ['conversation:communication:blindTransfer'] })
  t.match(why('replace-in-flow'), /lacks a permission/)
  t.equal(settingOf(report, 'permission'), 'conversation:communication:blindTransfer')
  t.notOk(lines.includes('Go on?'), 'nothing is asked')
  t.strictSame(platform.control.transfers(), [])
})

t.test('given a role without the permission for routing, then the call is moved, and that one question stays open', async (t) => {
  const platform = await startPlatform(t)
  platform.control.behave({ missingPermissions: ['routing:conversation:edit'] })
  const { report, value, why } = await runOn(platform)
  t.strictSame(value('replace-in-flow'), { moves: true })
  t.equal(why('routing-before-arrival'), 'the role lacks routing:conversation:edit')
  t.equal(settingOf(report, 'permission'), 'routing:conversation:edit')
})

t.test('given topics that are refused, then the report advises to poll, and names the permission', async (t) => {
  const platform = await startPlatform(t)
  platform.control.behave({ eventsWithout: ['conversation:call:view'] })
  const { report, value } = await runOn(platform)
  t.strictSame(value('events'), { isAvailable: false, missing: ['conversation:call:view'] })
  t.equal(settingOf(report, 'PICKUP_EVENTS'), 'off')
  t.equal(settingOf(report, 'permission'), 'conversation:call:view')
  t.match(value('pickup-time'), { pickedUpAfterMs: Number }, 'polling finds the pickup')
})

t.test('given events that are lost although the topic is permitted, then the report says that none arrived', async (t) => {
  const platform = await startPlatform(t)
  platform.control.notifications.addEventFault({ times: 'always', fault: { kind: 'drop' } })
  const { value } = await runOn(platform)
  t.strictSame(value('events'), { isAvailable: false, missing: [] })
})
