/** The steps that a run makes only if it is asked to: a second queue, a late command, a consult, a callback, preferred agents. */
import t from 'tap'
import { runOn, startPlatform } from './run-on-simulator.ts'

t.setTimeout(240_000)

t.test('given a second queue, when the call rings, then it is moved on, and the report says what became of the offer', async (t) => {
  const platform = await startPlatform(t, ['never'])
  platform.control.addAgent({ name: 'Second', queueIds: [platform.otherQueueId], answers: [{ after: 50, with: 'pickup' }] })
  const { report, value } = await runOn(platform, { options: { secondQueueId: platform.otherQueueId } })
  t.strictSame(value('ringing-offer'), { disconnectTypes: ['system'], hasMoved: true })
  t.match(value('pickup-time'), { pickedUpAfterMs: Number })
  t.equal(report.commands, 2)
  t.equal(report.callState, 'an agent has it')
  t.strictSame(
    platform.control.transfers().map(({ to }) => to),
    [platform.queueId, platform.otherQueueId],
  )
})

t.test('given a late command, when the platform refuses it, then the report has the code', async (t) => {
  const platform = await startPlatform(t, ['never'])
  platform.control.addAgent({ name: 'Second', queueIds: [platform.otherQueueId], answers: [{ after: 50, with: 'pickup' }] })
  const refused = { status: 400, code: 'conversations.error.transfer.not.connected' }
  platform.control.addFault({
    operation: 'POST /conversations/{id}/participants/{id}/replace/queue',
    heldBy: 'agent',
    fault: { kind: 'status', status: 400, body: refused },
  })
  const { value, report } = await runOn(platform, { options: { secondQueueId: platform.otherQueueId, shouldSendLateCommand: true } })
  t.strictSame(value('late-command'), { moves: false, refused })
  t.equal(report.callState, 'an agent has it')
  t.equal(report.commands, 3)
})

t.test('given an agent who consults, then the report says whom the platform marks', async (t) => {
  const platform = await startPlatform(t)
  const colleague = platform.control.addAgent({ name: 'Colleague', answers: [{ after: 20, with: 'pickup' }] })
  const { value } = await runOn(platform, {
    options: { consultWaitMs: 600 },
    onLine(line) {
      if (line.includes('Let the agent consult')) platform.control.consult(platform.conversationId, { userId: colleague.id })
    },
  })
  t.equal(value('consult-mark'), undefined, 'the simulator does not end a consult by itself, so its end is not seen')
})

t.test('given a consult that ends, then the report says which participants were marked, and that the mark stays', async (t) => {
  const platform = await startPlatform(t)
  const colleague = platform.control.addAgent({ name: 'Colleague', answers: ['never'], alertingTimeoutMs: 300 })
  const { value } = await runOn(platform, {
    options: { consultWaitMs: 15_000 },
    pace: { shownWithinMs: 300 },
    onLine(line) {
      if (!line.includes('Let the agent consult')) return
      setTimeout(() => platform.control.consult(platform.conversationId, { userId: colleague.id }), 150)
    },
  })
  t.match(value('consult-mark'), { marked: ['agent', 'user'], isCleared: false })
})

t.test('given a number for a callback, then the callback is created, and the report says when it and its data show', async (t) => {
  const platform = await startPlatform(t)
  const { value, recording } = await runOn(platform, { options: { callbackNumber: '+13175550123' } })
  t.match(value('callback'), { isCreated: true, showsData: true, shownAfterMs: Number, dataAfterMs: Number })
  t.equal(platform.control.callbacks().length, 1)
  t.notMatch(JSON.stringify(recording), /3175550123/)
})

t.test('given a platform that refuses callbacks, then the report has the code', async (t) => {
  const platform = await startPlatform(t)
  platform.control.behave({ callback: { status: 403, code: 'not.a.user' } })
  const refused = await runOn(platform, { options: { callbackNumber: '+13175550123' } })
  t.strictSame(refused.value('callback'), { isCreated: false, refused: { status: 403, code: 'not.a.user' } })
  t.strictSame(refused.report.behavior.callback, { status: 403, code: 'not.a.user' })
})

t.test('given an agent to prefer and another idle one, then the report says who was offered the call first', async (t) => {
  const platform = await startPlatform(t, ['never'])
  platform.control.configure({ offerDelayMs: 5_000 })
  const preferred = platform.control.addAgent({ name: 'Preferred', queueIds: [platform.queueId], answers: [{ after: 30, with: 'pickup' }] })
  const { value, why } = await runOn(platform, { options: { agentId: preferred.id } })
  t.strictSame([value('preferred-agents'), why('preferred-agents')], [{ isPreferredFirst: true }, undefined])
})

t.test('given a platform that limits attributes, then the report says up to which length they are kept', async (t) => {
  const platform = await startPlatform(t)
  platform.control.behave({ longestAttribute: 1_000 })
  const { value, report } = await runOn(platform)
  t.strictSame(value('attribute-size'), { atLeast: 1_000, below: 4_000, kept: 0 })
  t.equal(report.behavior.longestAttribute, 1_000)
})

t.test('given --read-only, then nothing is written and nothing is moved', async (t) => {
  const platform = await startPlatform(t)
  const { report, why, lines } = await runOn(platform, { options: { isReadOnly: true } })
  t.equal(report.outcome, 'read_only')
  t.equal(why('replace-in-flow'), 'the run was read-only')
  t.notOk(lines.includes('Go on?'))
  const changes = platform.control
    .requests()
    .log.filter(({ operation, path }) => !operation.startsWith('GET ') && path.includes(platform.conversationId))
  t.strictSame(changes, [])
  t.equal(report.callState, 'a flow has it')
})

t.test('given a user who does not agree, then nothing is written and nothing is moved', async (t) => {
  const platform = await startPlatform(t)
  const { report } = await runOn(platform, { isAgreed: false })
  t.equal(report.outcome, 'declined')
  const changes = platform.control
    .requests()
    .log.filter(({ operation, path }) => !operation.startsWith('GET ') && path.includes(platform.conversationId))
  t.strictSame(changes, [])
})

for (const [name, options, reason] of [
  ['a conversation that does not exist', { conversationId: 'ca110000-0000-4000-8000-00000000ffff' }, /cannot be read \(404\)/],
  ['a queue that does not exist', { queueId: '9e0e0000-0000-4000-8000-00000000ffff' }, /--queue/],
] as const) {
  t.test(`given ${name}, then nothing is moved and the reason is named`, async (t) => {
    const platform = await startPlatform(t)
    const { report } = await runOn({ ...platform, ...options })
    t.equal(report.outcome, 'not_moved')
    t.match(report.reason, reason)
    t.strictSame(platform.control.transfers(), [])
  })
}
