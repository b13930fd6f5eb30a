import fc from 'fast-check'
import t from 'tap'
import { longerHistory, guardDepth, guardLoop, loopGuardAttributes, placeOf } from '../../src/transfers/loop-guard.ts'
import { startWorld, usualScene, type World } from '../support/service.ts'
import { until } from '../support/until.ts'

const secret = 'a secret for the loop token'

t.test('the mirror of the loop guard', async (t) => {
  const travels = fc.record({
    depth: fc.nat(20),
    path: fc.array(
      fc.uuid().map((id) => `queue:${id}`),
      { maxLength: 5 },
    ),
  })

  t.test('given a mirror that we wrote, when it is read back, then the further of ledger and mirror counts', async (t) => {
    t.doesNotThrow(() =>
      fc.assert(
        fc.property(fc.uuid(), travels, travels, (id, ledger, written) => {
          const read = longerHistory(ledger, id, loopGuardAttributes(id, written, secret), secret)
          return read.depth === Math.max(ledger.depth, written.depth)
        }),
      ),
    )
  })
  t.test('given any change of the mirror, when it is read back, then only the ledger counts', async (t) => {
    t.doesNotThrow(() =>
      fc.assert(
        fc.property(
          fc.uuid(),
          travels,
          travels,
          fc.constantFrom('transferDepth', 'transferPath', 'loopPreventionToken'),
          fc.string({ minLength: 1 }),
          (id, ledger, written, name, addition) => {
            const attributes = loopGuardAttributes(id, written, secret)
            const forged = { ...attributes, [name]: attributes[name as 'transferDepth'] + addition }
            return (
              longerHistory(ledger, id, forged, secret) === ledger &&
              longerHistory(ledger, `${id}x`, attributes, secret) === ledger &&
              longerHistory(ledger, id, attributes, `${secret}x`) === ledger
            )
          },
        ),
      ),
    )
  })
  t.test('a depth below the limit passes, at the limit it does not', async (t) => {
    t.doesNotThrow(() => guardDepth({ depth: 2, path: [] }, 3))
    t.throws(() => guardDepth({ depth: 3, path: [] }, 3), { code: 'DEPTH_LIMIT_REACHED' })
  })
  t.test('skills make the same place in whatever order they are named', async (t) => {
    const place = (skillIds: string[]) => placeOf({ type: 'skill', queueId: 'q', userId: null, skillIds, address: null }, secret)
    t.equal(place(['a', 'b']), place(['b', 'a']))
    t.throws(() => guardLoop({ depth: 1, path: [place(['a', 'b'])] }, place(['b', 'a'])), { code: 'LOOP_DETECTED' })
  })
})

/** Right after a pickup the queue still holds the call for a moment, and the answer is to come again. */
const ask = (world: World, conversationId: string, target: object) =>
  until(async () => {
    const got = await world.transfer({ conversationId, target })
    return got.body.code !== 'CONVERSATION_NOT_TRANSFERABLE' && got
  }, 'an answer other than to come again')
async function move(world: World, conversationId: string, target: object) {
  const answer = await ask(world, conversationId, target)
  if (answer.status === 202) await world.reaches(answer.body.id, 'picked_up')
  return answer
}

t.test('a conversation that is transferred again and again', async (t) => {
  const world = await startWorld(t)
  const { scene } = world
  const queues = Array.from({ length: 5 }, () => scene.addQueue({}).id)
  for (const queueId of queues)
    for (let n = 0; n < 3; n++) scene.addAgent({ queueIds: [queueId], answers: [{ after: 10, with: 'pickup' }] })
  const [a, b, c, d] = queues.map((queueId) => ({ type: 'queue', queueId }))

  t.test('given A → B, when it is sent back to A, then the loop is refused', async (t) => {
    const { conversationId } = usualScene(scene)
    t.equal((await move(world, conversationId, a as object)).body.transferDepth, 1)
    t.equal((await move(world, conversationId, b as object)).body.transferDepth, 2)
    await until(
      async () => (await world.conversation(conversationId)).participants.filter((one) => one.calls[0]?.state === 'connected').length === 2,
      'one agent alone with the caller',
    )
    scene.clearCalls()
    const back = await move(world, conversationId, a as object)
    t.match(back, { status: 422, body: { code: 'LOOP_DETECTED', stage: 'validation', retryable: false } })
    t.equal(scene.calls().counts['GET /conversations/{id}'] ?? 0, 0, 'the platform is not even asked')
    t.equal(scene.transfers(conversationId).length, 2)
  })

  t.test('given a call that came from the queue A, when it was sent to B, then the way back to A is a loop', async (t) => {
    scene.addAgent({ queueIds: [String(queues[4])], answers: [{ after: 10, with: 'pickup' }] })
    const conversationId = scene.addConversation({ in: { queueId: String(queues[4]) } }).conversationId
    await until(
      async () =>
        (await world.conversation(conversationId)).participants.some(
          (one) => one.purpose === 'agent' && one.calls[0]?.state === 'connected',
        ),
      'an agent with the caller',
    )
    t.strictSame((await move(world, conversationId, b as object)).body.transferPath.length, 3, 'the path begins where the call came from')
    const back = await move(world, conversationId, { type: 'queue', queueId: queues[4] })
    t.equal(back.body.code, 'LOOP_DETECTED')
  })

  t.test('given three transfers, when a fourth is asked for, then the depth is refused', async (t) => {
    const { conversationId } = usualScene(scene)
    for (const target of [a, b, c]) t.equal((await move(world, conversationId, target as object)).status, 202)
    const fourth = await move(world, conversationId, d as object)
    t.match(fourth, { status: 422, body: { code: 'DEPTH_LIMIT_REACHED' } })
    t.equal(scene.transfers(conversationId).length, 3)
  })

  t.test('given an empty ledger, when the call carries a valid mirror of another Handoff, then its depth counts', async (t) => {
    const { conversationId } = usualScene(scene)
    for (const target of [a, b]) await move(world, conversationId, target as object)
    // Nobody picks up there: the mirror is written while a call waits.
    t.equal((await ask(world, conversationId, { type: 'queue', queueId: scene.addQueue({}).id })).status, 202)
    await until(
      async () =>
        (await world.conversation(conversationId)).participants.find(({ purpose }) => purpose === 'customer')?.attributes?.[
          'transferDepth'
        ] === '3',
      'the mirror',
    )
    const another = await startWorld(t, { GENESYS_GATEWAY_URL: world.simulator.url })
    const fourth = await another.transfer({ conversationId, target: d as object })
    t.match(fourth, { status: 422, body: { code: 'DEPTH_LIMIT_REACHED' } })
  })
})
