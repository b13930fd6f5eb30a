/** The shipped data actions with the service: which path a flow takes, and what it reads. */
import { randomUUID } from 'node:crypto'
import t, { type Test } from 'tap'
import { createArchitect, readShippedAction, type SimulatedArchitect, type Outputs, type Path } from './simulated-architect.ts'
import { waitFor } from '../support/wait-for.ts'
import { operationsKey } from '../support/settings.ts'
import { startTestSystem, type TestSystem } from '../support/test-system.ts'
import { setUpIvrCall } from '../support/calls.ts'

// Some tests wait for a deadline.
t.setTimeout(240_000)

const requestAction = readShippedAction('Handoff-Request-Transfer.custom.json')
const decideAction = readShippedAction('Handoff-Decide-Transfer.custom.json')
const getAction = readShippedAction('Handoff-Get-Transfer.custom.json')
const queueCommand = 'POST /conversations/{id}/participants/{id}/replace/queue'

function startFlow(t: Test, { url }: Pick<TestSystem, 'url'>): SimulatedArchitect {
  const flow = createArchitect({ baseUrl: url, apiKey: operationsKey })
  t.teardown(() => flow.close())
  return flow
}
function outputsOf(path: Path): Outputs {
  if (path.path !== 'success') throw new Error(`took the path ${path.path}`)
  return path.outputs
}

const waitForState = (flow: SimulatedArchitect, id: unknown, state: string): Promise<Outputs> =>
  waitFor(async () => {
    const answer = outputsOf(await flow.runAction(getAction, { transferId: String(id) }))
    return answer['state'] === state && answer
  }, `state ${state}`)

t.test('given a flow that uses the shipped data actions', async (t) => {
  const system = await startTestSystem(t)
  const { control } = system
  const flow = startFlow(t, system)
  t.beforeEach(() => {
    control.clearFaults()
    control.clearRequests()
  })

  t.test(
    'given an idle agent, when the flow requests a transfer, then the call is moved, and the flow can read that it was picked up',
    async (t) => {
      const { conversationId, queueId, skillId, userId } = setUpIvrCall(control)
      const answer = outputsOf(
        await flow.runAction(requestAction, { conversationId, targetType: 'skill', targetId: skillId, queueId, priority: 7 }),
      )
      t.match(answer, {
        ok: true,
        state: 'initiated',
        code: '',
        message: '',
        retryable: false,
        retryAfterSeconds: 0,
        queueId,
        skillIds: [skillId],
        priority: 7,
        transferDepth: 1,
        usedFallback: false,
      })
      t.strictSame(
        Object.keys(answer).toSorted(),
        Object.keys(requestAction.contract.output.successSchema.properties).toSorted(),
        'every field',
      )
      t.match(await waitForState(flow, answer['transferId'], 'picked_up'), { ok: true, userId })
      t.equal(control.transfers(conversationId).length, 1)
    },
  )

  t.test('given a summary with quotes and line breaks, when the flow sends it, then the agent gets it as the bot wrote it', async (t) => {
    const summary = 'Says: "I was charged twice".\nAsked for the invoice\\receipt of May – \u20ac 40.'
    for (const action of [requestAction, decideAction]) {
      const { conversationId, queueId } = setUpIvrCall(control)
      const inputs = { conversationId, targetType: 'queue', targetId: queueId, summary, reason: 'billing.double_charge' }
      t.match(outputsOf(await flow.runAction(action, inputs)), { ok: true })
      const { participants } = await system.getConversation(conversationId)
      t.match(participants.find(({ purpose }) => purpose === 'customer')?.attributes, {
        handoffSummary1: summary,
        handoffSummary2: '',
        handoffReason: 'billing.double_charge',
      })
    }
  })

  t.test('given no agent with the skill, when the request has a fallback, then the call goes there, and the answer says so', async (t) => {
    const { conversationId, queueId, otherQueueId } = setUpIvrCall(control)
    const skillId = control.addSkill({ name: 'French' }).id
    const inputs = { conversationId, targetType: 'skill', skillId, queueId }
    t.match(outputsOf(await flow.runAction(requestAction, inputs)), {
      ok: false,
      code: 'NO_AGENT_AVAILABLE',
      state: 'rejected',
      retryable: true,
    })
    t.match(outputsOf(await flow.runAction(requestAction, { ...inputs, fallbackQueueId: otherQueueId })), {
      ok: true,
      state: 'initiated',
      queueId: otherQueueId,
      usedFallback: true,
    })
  })

  t.test(
    'given a call that was in a queue before, when the flow sends it there again, then the answer is that it would loop',
    async (t) => {
      const { conversationId, queueId } = setUpIvrCall(control)
      const inputs = { conversationId, targetType: 'queue', targetId: queueId }
      const first = outputsOf(await flow.runAction(requestAction, inputs))
      await waitForState(flow, first['transferId'], 'picked_up')
      t.match(outputsOf(await flow.runAction(requestAction, inputs)), {
        ok: false,
        code: 'LOOP_DETECTED',
        state: 'rejected',
        retryable: false,
      })
    },
  )

  t.test('given a request that is not valid, when the flow sends it, then it takes the Success path and reads the reason', async (t) => {
    const { conversationId } = setUpIvrCall(control)
    for (const [inputs, message] of [
      [{ conversationId, targetType: 'queue' }, /targetId is required/],
      [{ conversationId: 'Call.ConversationId', targetType: 'queue', targetId: randomUUID() }, /conversationId must be an id/],
      [{ conversationId, targetType: 'fax', targetId: randomUUID() }, /agent, queue, skill, number/],
    ] as const)
      t.match(outputsOf(await flow.runAction(requestAction, inputs)), {
        ok: false,
        code: 'INVALID_REQUEST',
        message,
        transferId: '',
        state: '',
      })
    t.match(outputsOf(await flow.runAction(getAction, { transferId: 'no such/thing' })), { ok: false, code: 'NOT_FOUND' })
  })

  t.test(
    'given a slow platform, when the flow takes the Timeout path and repeats the request, then the answer is about the same transfer',
    async (t) => {
      for (const [description, key] of [
        ['without a key', {}],
        ['with a key', { idempotencyKey: 'start' }],
      ] as const) {
        const { conversationId, queueId, userId } = setUpIvrCall(control)
        // After a pickup a repeat would be a new transfer.
        control.setAgent(userId, { routingStatus: 'OFF_QUEUE' })
        control.addFault({ operation: queueCommand, fault: { kind: 'delay', ms: 600 } })
        const inputs = { conversationId, targetType: 'queue', targetId: queueId, ...key }
        t.equal((await flow.runAction(requestAction, inputs, { timeoutMs: 250 })).path, 'timeout', description)
        t.match(
          outputsOf(await flow.runAction(requestAction, inputs)),
          { ok: true, state: 'initiated' },
          `${description}: the repeat gets the outcome`,
        )
        t.equal(control.transfers(conversationId).length, 1, `${description}: one transfer`)
        const { transfers } = (await system.request<{ transfers: unknown[] }>('GET', `/v1/transfers?conversationId=${conversationId}`)).body
        t.equal(transfers.length, 1)
      }
    },
  )

  t.test('given two identical requests at the same time, when both are answered, then there is one transfer', async (t) => {
    for (const key of [{}, { idempotencyKey: 'both' }]) {
      const { conversationId, queueId, userId } = setUpIvrCall(control)
      control.setAgent(userId, { routingStatus: 'OFF_QUEUE' })
      const inputs = { conversationId, targetType: 'queue', targetId: queueId, ...key }
      const answers = (await Promise.all([flow.runAction(requestAction, inputs), flow.runAction(requestAction, inputs)])).map(outputsOf)
      t.match(answers, [{ ok: true }, { ok: true }])
      t.equal(answers[0]?.['transferId'], answers[1]?.['transferId'])
      t.equal(control.transfers(conversationId).length, 1)
    }
  })

  t.test(
    'given a platform that stops answering after the command, when the time is up, then the answer is that the transfer is being executed',
    async (t) => {
      const hurried = await startTestSystem(t, { TRANSFER_DEADLINE_MS: '5000' })
      const { control } = hurried
      const flow = startFlow(t, hurried)
      const { conversationId, queueId } = setUpIvrCall(control)
      control.addFault({ operation: queueCommand, fault: { kind: 'silence', acts: true } })
      control.addFault({ operation: 'GET /conversations/{id}', conversationId, skip: 1, times: 'always', fault: { kind: 'silence' } })
      const inputs = { conversationId, targetType: 'queue', targetId: queueId }
      const answer = outputsOf(await flow.runAction(requestAction, inputs))
      t.match(answer, { ok: true, state: 'executing', code: 'OUTCOME_UNKNOWN', queueId })
      control.clearFaults()
      t.match(await waitForState(flow, answer['transferId'], 'picked_up'), { ok: true })
      t.equal(control.transfers(conversationId).length, 1)
    },
  )

  t.test('given a flow that requests a decision, when it moves the call there itself, then the pickup is detected', async (t) => {
    const { conversationId, skillId, queueId, userId } = setUpIvrCall(control)
    const decision = outputsOf(
      await flow.runAction(decideAction, { conversationId, targetType: 'skill', skillId, queueId, priority: 4, idempotencyKey: 'a"\\b' }),
    )
    t.match(decision, { ok: true, state: 'decided', code: '', queueId, skillIds: [skillId], priority: 4, usedFallback: false })
    t.equal(control.transfers(conversationId).length, 0, 'Handoff moved nothing')
    control.transferByFlow(conversationId, {
      queueId: String(decision['queueId']),
      skillIds: decision['skillIds'] as string[],
      priority: 4,
    })
    t.match(await waitForState(flow, decision['transferId'], 'picked_up'), { ok: true, userId })
  })
})

t.test('given a decision, when the flow does not follow it, then the transfer fails with DECISION_NOT_FOLLOWED', async (t) => {
  const system = await startTestSystem(t, { PICKUP_TIMEOUT_MS: '700' })
  const flow = startFlow(t, system)
  const { conversationId, queueId } = setUpIvrCall(system.control)
  const decision = outputsOf(await flow.runAction(decideAction, { conversationId, targetType: 'queue', targetId: queueId }))
  t.match(decision, { ok: true, state: 'decided' })
  t.match(await waitForState(flow, decision['transferId'], 'failed'), { ok: false, code: 'DECISION_NOT_FOLLOWED' })
})

t.test('given a platform that answers 429, when the flow requests a transfer, then the answer says when to retry', async (t) => {
  const system = await startTestSystem(t)
  const { control } = system
  const flow = startFlow(t, system)
  const { conversationId, queueId } = setUpIvrCall(control)
  control.addFault({ operation: queueCommand, fault: { kind: 'rate-limited', retryAfterSeconds: 30 } })
  const answer = outputsOf(await flow.runAction(requestAction, { conversationId, targetType: 'queue', targetId: queueId }))
  t.match(answer, { ok: false, code: 'RATE_LIMITED', retryable: true })
  t.ok(Number(answer['retryAfterSeconds']) > 0)
  t.equal(control.transfers(conversationId).length, 0)
})

t.test(
  'given a platform that is down, when the flow requests a transfer, then the answer comes at once, and the flow can handle the call itself',
  async (t) => {
    const system = await startTestSystem(t)
    const { control } = system
    const flow = startFlow(t, system)
    const { conversationId, queueId } = setUpIvrCall(control)
    control.addFault({ times: 'always', fault: { kind: 'reset-before' } })
    t.match(outputsOf(await flow.runAction(requestAction, { conversationId, targetType: 'queue', targetId: queueId })), {
      ok: false,
      code: 'GENESYS_UNAVAILABLE',
      retryable: true,
    })
    control.clearFaults()
  },
)

t.test('given a wrong key or a service that is down, when the flow requests a transfer, then it takes the Failure path', async (t) => {
  const system = await startTestSystem(t)
  const inputs = { conversationId: randomUUID(), targetType: 'queue', targetId: randomUUID() }
  const unauthorized = createArchitect({ baseUrl: system.url, apiKey: 'hk_nobody_at_all' })
  t.teardown(() => unauthorized.close())
  t.equal((await unauthorized.runAction(requestAction, inputs)).path, 'failure', 'a wrong key')
  const flow = startFlow(t, system)
  await system.stop()
  t.equal((await flow.runAction(requestAction, inputs)).path, 'failure', 'a service that is down')
})

t.test('given a credential of the type User Defined (OAuth), when the flow requests a transfer, then the call is moved', async (t) => {
  const system = await startTestSystem(t)
  const { conversationId, queueId } = setUpIvrCall(system.control)
  const login = readShippedAction('Handoff-OAuth.customAuth.json')
  const flow = createArchitect({ baseUrl: system.url, clientId: 'ops', clientSecret: operationsKey }, login)
  t.teardown(() => flow.close())
  // The same change that the Terraform module makes when use_oauth is set.
  const { 'X-API-Key': _, ...headers } = requestAction.config.request.headers
  const withToken = structuredClone(requestAction)
  withToken.config.request.requestUrlTemplate = requestAction.config.request.requestUrlTemplate.replace(
    '${credentials.baseUrl}',
    system.url,
  )
  withToken.config.request.headers = { ...headers, Authorization: '${authResponse.token_type} ${authResponse.access_token}' }
  t.match(outputsOf(await flow.runAction(withToken, { conversationId, targetType: 'queue', targetId: queueId })), {
    ok: true,
    state: 'initiated',
  })
})
