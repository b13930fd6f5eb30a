/** The loop guard: no call goes back to a place where it was, or through more transfers than allowed. */
import fc from 'fast-check'
import t from 'tap'
import { checkDepth, checkLoop, longerHistory, loopGuardAttributes, placeOf } from '../../src/transfers/loop-guard.ts'
import { startTestSystem, type TestSystem } from '../support/test-system.ts'
import { setUpIvrCall } from '../support/calls.ts'
import { waitFor } from '../support/wait-for.ts'

const secret = 'a secret for the loop token'

t.test('the history of a conversation', async (t) => {
  const history = fc.record({
    depth: fc.nat(20),
    path: fc.array(
      fc.uuid().map((id) => `queue:${id}`),
      { maxLength: 5 },
    ),
  })

  t.test('given attributes that Handoff wrote, when they are read back, then the longer history counts', async (t) => {
    t.doesNotThrow(() =>
      fc.assert(
        fc.property(fc.uuid(), history, history, (id, ledger, written) => {
          const read = longerHistory(ledger, id, loopGuardAttributes(id, written, secret), ['another secret of sixteen', secret])
          return read.depth === Math.max(ledger.depth, written.depth)
        }),
      ),
    )
  })
  t.test('given attributes that were changed in any way, when they are read back, then only the ledger counts', async (t) => {
    t.doesNotThrow(() =>
      fc.assert(
        fc.property(
          fc.uuid(),
          history,
          history,
          fc.constantFrom('transferDepth', 'transferPath', 'loopPreventionToken'),
          fc.string({ minLength: 1 }),
          (id, ledger, written, name, addition) => {
            const attributes = loopGuardAttributes(id, written, secret)
            const forged = { ...attributes, [name]: attributes[name as 'transferDepth'] + addition }
            return (
              longerHistory(ledger, id, forged, [secret]) === ledger &&
              longerHistory(ledger, `${id}x`, attributes, [secret]) === ledger &&
              longerHistory(ledger, id, attributes, [`${secret}x`]) === ledger
            )
          },
        ),
      ),
    )
  })
  t.test('given a depth limit, then a depth below it passes, and one at the limit does not', async (t) => {
    t.doesNotThrow(() => checkDepth({ depth: 2, path: [] }, 3))
    t.throws(() => checkDepth({ depth: 3, path: [] }, 3), { code: 'DEPTH_LIMIT_REACHED' })
  })
  t.test('given a place that was visited, then the refusal names it, and the path if there is more to it', async (t) => {
    t.throws(() => checkLoop({ depth: 1, path: ['queue:a'] }, 'queue:a'), { message: 'This conversation was at queue:a before.' })
    t.throws(() => checkLoop({ depth: 2, path: ['queue:a', 'queue:b'] }, 'queue:a'), {
      message: 'This conversation was at queue:a before: queue:a > queue:b.',
    })
    t.throws(() => checkLoop({ depth: 1, path: ['callback:a'] }, 'callback:b'), {
      message: 'This conversation has a callback already: callback:a.',
    })
  })
  t.test('given a skill target, when its skills are in another order, then it is the same place', async (t) => {
    const place = (skillIds: string[]) => placeOf({ type: 'skill', queueId: 'q', skillIds }, secret)
    t.equal(place(['a', 'b']), place(['b', 'a']))
    t.throws(() => checkLoop({ depth: 1, path: [place(['a', 'b'])] }, place(['b', 'a'])), { code: 'LOOP_DETECTED' })
  })
})

/** Requests a transfer until it is not refused as not transferable: right after a pickup the queue still holds the call for a moment. */
const requestTransfer = (system: TestSystem, conversationId: string, target: object) =>
  waitFor(async () => {
    const response = await system.postTransfer({ conversationId, target })
    return response.body.code !== 'CONVERSATION_NOT_TRANSFERABLE' && response
  }, 'a call that can be transferred')

/** Requests a transfer, and waits for the pickup if it is accepted. */
async function transferCall(system: TestSystem, conversationId: string, target: object) {
  const response = await requestTransfer(system, conversationId, target)
  if (response.status === 202) await system.waitForState(response.body.id, 'picked_up')
  return response
}

t.test('given a conversation that is transferred repeatedly', async (t) => {
  const system = await startTestSystem(t)
  const { control } = system
  const queues = Array.from({ length: 5 }, () => control.addQueue({}).id)
  for (const queueId of queues)
    for (let n = 0; n < 3; n++) control.addAgent({ queueIds: [queueId], answers: [{ after: 10, with: 'pickup' }] })
  const [a, b, c, d] = queues.map((queueId) => ({ type: 'queue', queueId }))

  t.test('when it goes from A to B and back to A, then the loop is refused', async (t) => {
    const { conversationId } = setUpIvrCall(control)
    t.equal((await transferCall(system, conversationId, a as object)).body.transferDepth, 1)
    t.equal((await transferCall(system, conversationId, b as object)).body.transferDepth, 2)
    await waitFor(
      async () =>
        (await system.getConversation(conversationId)).participants.filter((participant) => participant.calls[0]?.state === 'connected')
          .length === 2,
      'one agent and the caller on the call',
    )
    control.clearRequests()
    const back = await transferCall(system, conversationId, a as object)
    t.match(back, { status: 422, body: { code: 'LOOP_DETECTED', stage: 'validation', retryable: false } })
    t.equal(control.requests().counts['GET /conversations/{id}'] ?? 0, 0, 'the platform is not asked')
    t.equal(control.transfers(conversationId).length, 2)
  })

  t.test('when a call from queue A is transferred to B, then the way back to A is a loop', async (t) => {
    control.addAgent({ queueIds: [String(queues[4])], answers: [{ after: 10, with: 'pickup' }] })
    const conversationId = control.addConversation({ in: { queueId: String(queues[4]) } }).conversationId
    await waitFor(
      async () =>
        (await system.getConversation(conversationId)).participants.some(
          (participant) => participant.purpose === 'agent' && participant.calls[0]?.state === 'connected',
        ),
      'an agent and the caller on the call',
    )
    t.strictSame(
      (await transferCall(system, conversationId, b as object)).body.transferPath.length,
      3,
      'the path begins where the call came from',
    )
    const back = await transferCall(system, conversationId, { type: 'queue', queueId: queues[4] })
    t.equal(back.body.code, 'LOOP_DETECTED')
  })

  t.test('when a fourth transfer is requested, then the depth limit refuses it', async (t) => {
    const { conversationId } = setUpIvrCall(control)
    for (const target of [a, b, c]) t.equal((await transferCall(system, conversationId, target as object)).status, 202)
    const fourth = await transferCall(system, conversationId, d as object)
    t.match(fourth, { status: 422, body: { code: 'DEPTH_LIMIT_REACHED' } })
    t.equal(control.transfers(conversationId).length, 3)
  })

  t.test('when another service with an empty ledger gets the next request, then the depth in the attributes counts', async (t) => {
    const { conversationId } = setUpIvrCall(control)
    for (const target of [a, b]) await transferCall(system, conversationId, target as object)
    // The queue has no agents, so the call waits long enough for the attributes to be written.
    t.equal((await requestTransfer(system, conversationId, { type: 'queue', queueId: control.addQueue({}).id })).status, 202)
    await waitFor(
      async () =>
        (await system.getConversation(conversationId)).participants.find(({ purpose }) => purpose === 'customer')?.attributes?.[
          'transferDepth'
        ] === '3',
      'the attributes',
    )
    const another = await startTestSystem(t, { GENESYS_GATEWAY_URL: system.simulator.url })
    const fourth = await another.postTransfer({ conversationId, target: d as object })
    t.match(fourth, { status: 422, body: { code: 'DEPTH_LIMIT_REACHED' } })
  })
})
