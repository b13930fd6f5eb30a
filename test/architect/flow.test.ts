import t, { type Test } from 'tap'
import { architect, shippedAction, type Flow, type Outputs, type Path } from './architect.ts'
import { until } from '../support/until.ts'
import { newId, operationsKey, startWorld, usualScene, type World } from '../support/service.ts'

// Deadlines are waited for here.
t.setTimeout(120_000)

const [request, decide, look] = ['Request', 'Decide', 'Get'].map((what) => shippedAction(`Handoff-${what}-Transfer.custom.json`)) as [
  ReturnType<typeof shippedAction>,
  ReturnType<typeof shippedAction>,
  ReturnType<typeof shippedAction>,
]
const command = 'POST /conversations/{id}/participants/{id}/replace/queue'

function flowOf(t: Test, { url }: Pick<World, 'url'>): Flow {
  const flow = architect({ baseUrl: url, apiKey: operationsKey })
  t.teardown(() => flow.close())
  return flow
}
function outputs(path: Path): Outputs {
  if (path.path !== 'success') throw new Error(`took the path ${path.path}`)
  return path.outputs
}

const reachesIn = (flow: Flow, id: unknown, state: string): Promise<Outputs> =>
  until(async () => {
    const seen = outputs(await flow.call(look, { transferId: String(id) }))
    return seen['state'] === state && seen
  }, `state ${state}`)

t.test('the shipped data actions, run by a flow against the service', async (t) => {
  const world = await startWorld(t, { TRANSFER_DEADLINE_MS: '2500' })
  const { scene } = world
  const flow = flowOf(t, world)
  t.beforeEach(() => {
    scene.clearFaults()
    scene.clearCalls()
  })
  const reaches = (id: unknown, state: string): Promise<Outputs> => reachesIn(flow, id, state)

  t.test('given an idle agent, when the flow asks, then the call is moved and the flow can read that it was picked up', async (t) => {
    const { conversationId, queueId, skillId, userId } = usualScene(scene)
    const asked = outputs(await flow.call(request, { conversationId, targetType: 'skill', targetId: skillId, queueId, priority: 7 }))
    t.match(asked, {
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
    t.strictSame(Object.keys(asked).toSorted(), Object.keys(request.contract.output.successSchema.properties).toSorted(), 'every field')
    t.match(await reaches(asked['transferId'], 'picked_up'), { ok: true, userId })
    t.equal(scene.transfers(conversationId).length, 1)
  })

  t.test('given nobody with the skill, when there is a fallback, then the call goes there and the answer says so', async (t) => {
    const { conversationId, queueId, otherQueueId } = usualScene(scene)
    const skillId = scene.addSkill({ name: 'French' }).id
    const asked = { conversationId, targetType: 'skill', skillId, queueId }
    t.match(outputs(await flow.call(request, asked)), { ok: false, code: 'NO_AGENT_AVAILABLE', state: 'rejected', retryable: true })
    t.match(outputs(await flow.call(request, { ...asked, fallbackQueueId: otherQueueId })), {
      ok: true,
      state: 'initiated',
      queueId: otherQueueId,
      usedFallback: true,
    })
  })

  t.test('given a call that was at a queue before, when the flow sends it there again, then it is told of the loop', async (t) => {
    const { conversationId, queueId } = usualScene(scene)
    const asked = { conversationId, targetType: 'queue', targetId: queueId }
    const first = outputs(await flow.call(request, asked))
    await reaches(first['transferId'], 'picked_up')
    t.match(outputs(await flow.call(request, asked)), { ok: false, code: 'LOOP_DETECTED', state: 'rejected', retryable: false })
  })

  t.test('given a request that makes no sense, when the flow sends it, then it takes Success and reads why', async (t) => {
    const { conversationId } = usualScene(scene)
    for (const [inputs, message] of [
      [{ conversationId, targetType: 'queue' }, /targetId is required/],
      [{ conversationId: 'Call.ConversationId', targetType: 'queue', targetId: newId() }, /conversationId must be an id/],
      [{ conversationId, targetType: 'fax', targetId: newId() }, /agent, queue, skill, number/],
    ] as const)
      t.match(outputs(await flow.call(request, inputs)), { ok: false, code: 'INVALID_REQUEST', message, transferId: '', state: '' })
    t.match(outputs(await flow.call(look, { transferId: 'no such/thing' })), { ok: false, code: 'INVALID_REQUEST' })
  })

  t.test('given a slow platform, when the flow has taken Timeout and asks again, then it is the same transfer', async (t) => {
    for (const [what, key] of [
      ['without a key', {}],
      ['with a key', { idempotencyKey: 'start' }],
    ] as const) {
      const { conversationId, queueId, userId } = usualScene(scene)
      // Once somebody has picked up, it is not the same any more.
      scene.setAgent(userId, { routingStatus: 'OFF_QUEUE' })
      scene.addFault({ operation: command, fault: { kind: 'delay', ms: 600 } })
      const asked = { conversationId, targetType: 'queue', targetId: queueId, ...key }
      t.equal((await flow.call(request, asked, { timeoutMs: 250 })).path, 'timeout', what)
      t.match(outputs(await flow.call(request, asked)), { ok: true, state: 'initiated' }, `${what}: it is told what became of it`)
      t.equal(scene.transfers(conversationId).length, 1, `${what}: one transfer`)
      const { transfers } = (await world.ask<{ transfers: unknown[] }>('GET', `/v1/transfers?conversationId=${conversationId}`)).body
      t.equal(transfers.length, 1)
    }
  })

  t.test('given two flows that ask at once, when both are answered, then it is one transfer', async (t) => {
    for (const key of [{}, { idempotencyKey: 'both' }]) {
      const { conversationId, queueId, userId } = usualScene(scene)
      scene.setAgent(userId, { routingStatus: 'OFF_QUEUE' })
      const asked = { conversationId, targetType: 'queue', targetId: queueId, ...key }
      const both = (await Promise.all([flow.call(request, asked), flow.call(request, asked)])).map(outputs)
      t.match(both, [{ ok: true }, { ok: true }])
      t.equal(both[0]?.['transferId'], both[1]?.['transferId'])
      t.equal(scene.transfers(conversationId).length, 1)
    }
  })

  t.test('given a platform that is silent after the command, when time is up, then the flow is told that it is under way', async (t) => {
    const { conversationId, queueId } = usualScene(scene)
    scene.addFault({ operation: command, fault: { kind: 'silence', acts: true } })
    scene.addFault({ operation: 'GET /conversations/{id}', conversationId, skip: 1, times: 'always', fault: { kind: 'silence' } })
    const asked = { conversationId, targetType: 'queue', targetId: queueId }
    const told = outputs(await flow.call(request, asked))
    t.match(told, { ok: true, state: 'executing', code: 'OUTCOME_UNKNOWN', queueId })
    scene.clearFaults()
    t.match(await reaches(told['transferId'], 'picked_up'), { ok: true })
    t.equal(scene.transfers(conversationId).length, 1)
  })

  t.test('given a flow that asks where to go, when it moves the call there itself, then the pickup is seen', async (t) => {
    const { conversationId, skillId, queueId, userId } = usualScene(scene)
    const said = outputs(
      await flow.call(decide, { conversationId, targetType: 'skill', skillId, queueId, priority: 4, idempotencyKey: 'a"\\b' }),
    )
    t.match(said, { ok: true, state: 'decided', code: '', queueId, skillIds: [skillId], priority: 4, usedFallback: false })
    t.equal(scene.transfers(conversationId).length, 0, 'Handoff moved nothing')
    scene.transferByFlow(conversationId, { queueId: String(said['queueId']), skillIds: said['skillIds'] as string[], priority: 4 })
    t.match(await reaches(said['transferId'], 'picked_up'), { ok: true, userId })
  })
})

t.test('given a decision, when the flow never follows it, then it has failed with a code of its own', async (t) => {
  const world = await startWorld(t, { PICKUP_TIMEOUT_MS: '700' })
  const flow = flowOf(t, world)
  const { conversationId, queueId } = usualScene(world.scene)
  const said = outputs(await flow.call(decide, { conversationId, targetType: 'queue', targetId: queueId }))
  t.match(said, { ok: true, state: 'decided' })
  t.match(await reachesIn(flow, said['transferId'], 'failed'), { ok: false, code: 'DECISION_NOT_FOLLOWED' })
})

t.test('given a platform that has no room for us, when the flow asks, then it is told when to come again', async (t) => {
  const world = await startWorld(t)
  const { scene } = world
  const flow = flowOf(t, world)
  const { conversationId, queueId } = usualScene(scene)
  scene.addFault({ operation: command, fault: { kind: 'rate-limited', retryAfterSeconds: 30 } })
  const told = outputs(await flow.call(request, { conversationId, targetType: 'queue', targetId: queueId }))
  t.match(told, { ok: false, code: 'RATE_LIMITED', retryable: true })
  t.ok(Number(told['retryAfterSeconds']) > 0)
  t.equal(scene.transfers(conversationId).length, 0)
})

t.test('given a platform that is down, when the flow asks, then it is told at once and may look after the caller', async (t) => {
  const world = await startWorld(t)
  const { scene } = world
  const flow = flowOf(t, world)
  const { conversationId, queueId } = usualScene(scene)
  scene.addFault({ times: 'always', fault: { kind: 'reset-before' } })
  t.match(outputs(await flow.call(request, { conversationId, targetType: 'queue', targetId: queueId })), {
    ok: false,
    code: 'GENESYS_UNAVAILABLE',
    retryable: true,
  })
  scene.clearFaults()
})

t.test('a flow that does not reach us takes Failure or Timeout', async (t) => {
  const world = await startWorld(t)
  const inputs = { conversationId: newId(), targetType: 'queue', targetId: newId() }
  const stranger = architect({ baseUrl: world.url, apiKey: 'hk_nobody_at_all' })
  t.teardown(() => stranger.close())
  t.equal((await stranger.call(request, inputs)).path, 'failure', 'a wrong key')
  const flow = flowOf(t, world)
  await world.stop()
  t.equal((await flow.call(request, inputs)).path, 'failure', 'a service that is down')
})

t.test('a flow with a credential of the type User Defined (OAuth)', async (t) => {
  const world = await startWorld(t)
  const { conversationId, queueId } = usualScene(world.scene)
  const login = shippedAction('Handoff-OAuth.customAuth.json')
  const flow = architect({ baseUrl: world.url, clientId: 'ops', clientSecret: operationsKey }, login)
  t.teardown(() => flow.close())
  // What the Terraform module makes of the action where use_oauth is set.
  const { 'X-API-Key': _, ...headers } = request.config.request.headers
  const withToken = structuredClone(request)
  withToken.config.request.requestUrlTemplate = request.config.request.requestUrlTemplate.replace('${credentials.baseUrl}', world.url)
  withToken.config.request.headers = { ...headers, Authorization: '${authResponse.token_type} ${authResponse.access_token}' }
  t.match(outputs(await flow.call(withToken, { conversationId, targetType: 'queue', targetId: queueId })), { ok: true, state: 'initiated' })
})
