/** The sample flow with a voice bot runs against the service: where the caller is at the end, and what bot, agent and flow were told. */
import { readFileSync } from 'node:fs'
import t from 'tap'
import { setUpIvrCall } from '../support/calls.ts'
import { startTestSystem } from '../support/test-system.ts'
import { waitFor } from '../support/wait-for.ts'
import { prepareFlow } from './prepare-flow.ts'
import type { BotSession } from './simulated-flow.ts'

const summary = 'Was charged twice for invoice 4711 and wants the second amount back.'
/** The bot says that the caller needs an agent. */
const asksForAgent: BotSession = () => ({ handoff: 'agent', summary, reason: 'billing.refund', somethingElse: 'ignored' })
const hasFinished: BotSession = () => ({ handoff: 'done' })

const page = readFileSync(new URL('../../architect/audio-connector.md', import.meta.url), 'utf8')
/** The JSON examples of the page. */
const examples = [...page.matchAll(/```json\n(.*?)```/gs)].map(([, code]) => JSON.parse(String(code)) as Record<string, unknown>)
const messageOf = (type: string) => examples.find((example) => example['type'] === type) as { parameters: Record<string, unknown> }

t.test('given the flow with a voice bot', async (t) => {
  const system = await startTestSystem(t)
  const { control } = system
  const run = prepareFlow(t, system, 'sample-voice-bot.yaml')
  /** A call for a queue in which no agent is free. */
  function setUpCallWithoutAgents() {
    const ids = setUpIvrCall(control)
    control.setAgent(ids.userId, { routingStatus: 'OFF_QUEUE' })
    return ids
  }
  /** The transfers of a conversation, the newest first. */
  const listTransfers = async (conversationId: string) =>
    (await system.request<{ transfers: object[] }>('GET', `/v1/transfers?conversationId=${conversationId}`)).body.transfers

  t.test('when the bot asks for an agent and one is free, then the call goes there, and the agent sees the summary', async (t) => {
    const ids = setUpIvrCall(control, ['never'])
    const { conversationId, queueId, skillId, userId } = ids
    t.match(await run(ids, { botSessions: [asksForAgent] }), { transfer: { queueId, priority: 5 } })
    t.match(await listTransfers(conversationId), [{ state: 'decided', mode: 'decide', summary, reason: 'billing.refund' }])
    control.transferByFlow(conversationId, { queueId, priority: 5, skillIds: [skillId] })
    const calls = await waitFor(() => {
      const offered = control.agentCalls(userId)
      return offered.length > 0 && offered
    }, 'the offer to the agent')
    t.match(calls, [{ conversationId, attributes: { handoffSummary1: summary, handoffReason: 'billing.refund' } }])
  })

  t.test('when the bot has helped the caller, then the call ends, and Handoff is not asked', async (t) => {
    const ids = setUpIvrCall(control)
    const { steps, transfer } = await run(ids, { botSessions: [hasFinished] })
    t.equal(steps.at(-1), 'disconnect The bot has finished')
    t.equal(transfer, undefined)
    t.strictSame(await listTransfers(ids.conversationId), [])
  })

  t.test('when nobody is free, then the caller is back with the bot, which is told why and can end the call', async (t) => {
    const ids = setUpCallWithoutAgents()
    let told: unknown
    const { steps, transfer } = await run(ids, {
      botSessions: [
        asksForAgent,
        (inputs) => {
          told = inputs
          return { handoff: 'done' }
        },
      ],
    })
    t.strictSame(told, { handoffCode: 'NO_AGENT_AVAILABLE', summary })
    t.strictSame(steps.slice(-3), [
      'callAudioConnector Back to the bot',
      'decision Has the bot finished now?',
      'disconnect The bot has finished',
    ])
    t.equal(transfer, undefined)
    t.match(await listTransfers(ids.conversationId), [{ state: 'rejected', code: 'NO_AGENT_AVAILABLE' }])
  })

  t.test('when nobody is free and the caller wants to wait, then the call goes to the queue with the latest summary', async (t) => {
    const ids = setUpCallWithoutAgents()
    const { transfer, steps } = await run(ids, {
      botSessions: [asksForAgent, () => ({ handoff: 'wait', summary: `${summary} Will wait.`, reason: 'billing.refund' })],
    })
    t.match(transfer, { queueId: ids.queueId, priority: 5 })
    t.equal(steps.at(-1), 'transferToAcd To the queue')
    t.match(await listTransfers(ids.conversationId), [
      { state: 'decided', target: { type: 'queue' }, summary: `${summary} Will wait.` },
      { state: 'rejected', code: 'NO_AGENT_AVAILABLE' },
    ])
  })

  t.test(
    'when the bot returns what audio-connector.md shows, then Handoff takes it, and the bot gets the inputs that it shows',
    async (t) => {
      const ids = setUpCallWithoutAgents()
      let told: object = {}
      const returned = messageOf('disconnect').parameters['outputVariables'] as Record<string, string>
      await run(ids, { botSessions: [() => returned, (inputs) => ((told = inputs), { handoff: 'done' })] })
      t.match(await listTransfers(ids.conversationId), [{ summary: returned['summary'], reason: returned['reason'] }])
      t.strictSame(Object.keys(told), Object.keys(messageOf('open').parameters['inputVariables'] as object))
      const [, hex = ''] = /User-to-User=00([0-9a-f]+)%3Bencoding%3Dhex/.exec(page) ?? []
      t.equal(Buffer.from(hex, 'hex').toString(), returned['reason'], 'the data of the REFER')
    },
  )

  t.test('when the bot asks Handoff itself as audio-connector.md shows, then the call is moved', async (t) => {
    const { conversationId, skillId, queueId } = setUpIvrCall(control)
    const body = examples.find((example) => 'target' in example) as { target: object }
    const { status } = await system.postTransfer({ ...body, conversationId, target: { ...body.target, skillId, queueId } })
    t.equal(status, 202)
  })

  t.test('when the bot returns nothing, then an agent is asked for', async (t) => {
    const ids = setUpIvrCall(control)
    t.match(await run(ids, { botSessions: [() => ({})] }), { transfer: { queueId: ids.queueId } })
  })

  t.test('when the bot fails, then an agent is asked for', async (t) => {
    const ids = setUpIvrCall(control)
    t.match(await run(ids, { outcomes: { 'Talk to the bot': 'failure' } }), { transfer: { queueId: ids.queueId } })
  })

  t.test('when the bot fails after nobody was free, then the call waits in the queue', async (t) => {
    const ids = setUpCallWithoutAgents()
    t.match(await run(ids, { botSessions: [asksForAgent], outcomes: { 'Back to the bot': 'failure' } }), {
      transfer: { queueId: ids.queueId },
    })
  })

  t.test('when the first answer is lost, then the second one is about the same transfer', async (t) => {
    const ids = setUpIvrCall(control)
    const { transfer } = await run(ids, { botSessions: [asksForAgent], outcomes: { 'Ask for an agent': 'lostAnswer' } })
    t.match(transfer, { queueId: ids.queueId })
    t.equal((await listTransfers(ids.conversationId)).length, 1)
  })

  for (const [outcome, outcomes] of [
    ['Handoff does not answer', { 'Ask for an agent': 'failure' }],
    ['the answer is lost twice', { 'Ask for an agent': 'lostAnswer', 'Ask for an agent again': 'lostAnswer' }],
    ['the transfer to the agent fails', { 'To the agent': 'transferFails' }],
  ] as const)
    t.test(`when ${outcome}, then the call goes to the fallback`, async (t) => {
      const ids = setUpIvrCall(control)
      t.match(await run(ids, { botSessions: [asksForAgent], outcomes }), { transfer: { queueId: ids.otherQueueId } })
    })

  for (const [outcome, outcomes] of [
    ['Handoff does not answer', { 'Ask for the queue': 'failure' }],
    ['the answer is lost', { 'Ask for the queue': 'lostAnswer' }],
    ['the transfer to the queue fails', { 'To the queue': 'transferFails' }],
  ] as const)
    t.test(`given a caller who wants to wait, when ${outcome}, then the call goes to the fallback`, async (t) => {
      const ids = setUpCallWithoutAgents()
      t.match(await run(ids, { botSessions: [asksForAgent, asksForAgent], outcomes }), { transfer: { queueId: ids.otherQueueId } })
    })

  for (const [what, returned] of [
    ['a summary that is too long', { summary: 'x'.repeat(1_001) }],
    ['a reason that is no code', { reason: 'The caller wants a refund!' }],
  ] as const)
    t.test(`when the bot returns ${what}, then the caller still gets to a queue`, async (t) => {
      const ids = setUpIvrCall(control)
      const { transfer } = await run(ids, { botSessions: [() => ({ handoff: 'agent', ...returned })] })
      t.match(transfer, { queueId: ids.otherQueueId })
    })
})
