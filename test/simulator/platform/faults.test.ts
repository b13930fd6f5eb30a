import t from 'tap'
import type { Fault } from '../../../src/simulator/control/scene-shapes.ts'
import { callWithAgent, stage } from '../stage.ts'

const REPLACE = 'POST /conversations/{id}/participants/{id}/replace/queue'

async function readyToReplace(t: Parameters<typeof stage>[0]) {
  const at = await stage(t, { clock: 'manual' })
  const { conversationId, participantId } = await callWithAgent(at)
  at.scene.addQueue({ id: 'target' })
  const replace = () =>
    at.ask('POST', `/conversations/${conversationId}/participants/${participantId}/replace/queue`, { queueId: 'target' })
  const acted = () => at.scene.transfers(conversationId).length
  return { ...at, replace, acted, conversationId }
}

const ANSWERED: [fault: Fault, status: number, acts: boolean, seen: object][] = [
  [{ kind: 'status', status: 503 }, 503, false, { body: { code: 'service.unavailable', status: 503, message: /./, contextId: /./ } }],
  [{ kind: 'status', status: 500, acts: true }, 500, true, { body: { code: 'internal.server.error' } }],
  [{ kind: 'status', status: 418, body: { odd: true }, headers: { 'x-odd': '1' } }, 418, false, { body: { odd: true } }],
  [{ kind: 'empty', status: 502 }, 502, false, { text: '' }],
  [{ kind: 'html', status: 502 }, 502, false, { text: /^<html>/ }],
  [{ kind: 'wrong-shape' }, 202, true, { body: { unexpected: Array } }],
  [{ kind: 'conflict' }, 409, false, { body: { code: 'general.conflict' } }],
  [{ kind: 'conflict', acts: true }, 409, true, { body: { code: 'general.conflict' } }],
  [{ kind: 'rate-limited', retryAfterSeconds: 7 }, 429, false, { body: { code: 'too.many.requests', message: /\[7\] seconds/ } }],
  [{ kind: 'delay', ms: 5 }, 202, true, { text: '' }],
]

for (const [fault, status, acts, seen] of ANSWERED) {
  t.test(
    `given the fault ${JSON.stringify(fault)}, then one request meets ${status}, ${acts ? 'acted upon' : 'not acted upon'}`,
    async (t) => {
      const at = await readyToReplace(t)
      at.scene.addFault({ operation: REPLACE, fault })
      const heard = await at.replace()
      t.equal(heard.status, status)
      t.match(heard, seen)
      t.equal(at.acted(), acts ? 1 : 0)
      t.equal((await at.replace()).status, 202, 'the fault is spent')
    },
  )
}

const BROKEN: [fault: Fault, acts: boolean][] = [
  [{ kind: 'reset-before' }, false],
  [{ kind: 'reset-after' }, true],
  [{ kind: 'half-response' }, true],
  [{ kind: 'half-response', acts: false }, false],
]

for (const [fault, acts] of BROKEN) {
  t.test(`given the fault ${JSON.stringify(fault)}, then the connection breaks, ${acts ? 'acted upon' : 'not acted upon'}`, async (t) => {
    const at = await readyToReplace(t)
    at.scene.addFault({ operation: REPLACE, fault })
    await t.rejects(at.replace())
    t.equal(at.acted(), acts ? 1 : 0)
    t.equal((await at.replace()).status, 202)
  })
}

t.test('given a half response to a read, then half of the body came before the break', async (t) => {
  const at = await readyToReplace(t)
  at.scene.addFault({ operation: 'GET /conversations/{id}', fault: { kind: 'half-response' } })
  await t.rejects(at.conversation(at.conversationId))
})

t.test('given a silence, then nothing is answered until the client gives up; closing the simulator does not wait for it', async (t) => {
  const at = await readyToReplace(t)
  at.scene.addFault({ fault: { kind: 'silence' } })
  const giveUp = new AbortController()
  const waiting = fetch(`${at.url}/api/v2/conversations/x/disconnect`, {
    method: 'POST',
    signal: giveUp.signal,
    headers: { authorization: 'Bearer none' },
  })
  t.equal((await waiting).status, 401, 'a fault is only met by a request that is admitted')
  const silent = at.replace()
  silent.catch(() => {})
  while (at.scene.calls().counts[REPLACE] !== 1) await new Promise((resolve) => setImmediate(resolve))
  t.equal(at.scene.calls().log.at(-1)?.status, 0)
  t.equal(at.acted(), 0)
})

t.test('given skip and times, then that many are let through and that many fail; other operations are not touched', async (t) => {
  const at = await readyToReplace(t)
  const read = async () => (await at.ask('GET', `/conversations/${at.conversationId}`)).status
  at.scene.addFault({ operation: 'GET /conversations/{id}', skip: 1, times: 2, fault: { kind: 'empty', status: 504 } })
  t.equal((await at.ask('GET', '/routing/queues/target')).status, 200)
  t.strictSame([await read(), await read(), await read(), await read()], [200, 504, 504, 200])
})

t.test('given a fault for one conversation, then requests about another neither meet it nor count for it', async (t) => {
  const at = await readyToReplace(t)
  const { conversationId: other } = at.scene.addConversation({ in: 'ivr' })
  const read = async (id: string) => (await at.ask('GET', `/conversations/${id}`)).status
  at.scene.addFault({
    operation: 'GET /conversations/{id}',
    conversationId: at.conversationId,
    skip: 1,
    fault: { kind: 'empty', status: 504 },
  })
  t.strictSame([await read(other), await read(other)], [200, 200])
  t.strictSame([await read(at.conversationId), await read(other), await read(at.conversationId)], [200, 200, 504])
})

t.test('given faults for everything and for ever, then the login fails too, until they are cleared', async (t) => {
  const at = await readyToReplace(t)
  at.scene.addFault({ operation: '*', times: Infinity, fault: { kind: 'status', status: 500 } })
  const statuses = [(await at.logIn()).status, (await at.replace()).status, (await at.replace()).status]
  t.strictSame(statuses, [500, 500, 500])
  at.scene.clearFaults()
  t.equal((await at.logIn()).status, 200)
})

t.test('given two faults for one operation, then they are met in the order in which they were set', async (t) => {
  const at = await readyToReplace(t)
  at.scene.addFault({ operation: 'POST /oauth/token', fault: { kind: 'empty', status: 503 } })
  at.scene.addFault({ operation: 'POST /oauth/token', fault: { kind: 'wrong-shape' } })
  t.equal((await at.logIn()).status, 503)
  t.match(await at.logIn(), { status: 200, body: { access_token: undefined, unexpected: Array } })
})

t.test('given a fault that cannot be, then it is refused and nothing fails', async (t) => {
  const at = await readyToReplace(t)
  t.throws(() => at.scene.addFault({ operation: 'GET /nowhere', fault: { kind: 'silence' } }), { message: /is none of/ })
  t.throws(() => at.scene.addFault({ operation: 'GET /routing/queues/{id}', conversationId: 'one', fault: { kind: 'silence' } }), {
    message: /is about no conversation/,
  })
  t.throws(() => at.scene.addFault({ fault: { kind: 'explodes' } as never }), { message: /fault/ })
  t.throws(() => at.scene.addFault({ times: 0, fault: { kind: 'silence' } }), { message: /times/ })
  t.equal((await at.replace()).status, 202)
})
