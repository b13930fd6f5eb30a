/** What each kind of fault does to requests, and to which requests it applies. */
import t from 'tap'
import type { Fault } from '../../../src/simulator/specs/fault-spec.ts'
import { startCallWithAgent, startPlatform } from '../test-platform.ts'

const replaceOperation = 'POST /conversations/{id}/participants/{id}/replace/queue'

async function startReplaceableCall(t: Parameters<typeof startPlatform>[0]) {
  const platform = await startPlatform(t, { clock: 'manual' })
  const { conversationId, participantId } = await startCallWithAgent(platform)
  platform.control.addQueue({ id: 'target' })
  const replace = () =>
    platform.request('POST', `/conversations/${conversationId}/participants/${participantId}/replace/queue`, { queueId: 'target' })
  const countTransfers = () => platform.control.transfers(conversationId).length
  return { ...platform, replace, countTransfers, conversationId }
}

/** Faults with a response. `isExecuted`: whether the platform carries out the request all the same. */
const respondingFaults: [fault: Fault, status: number, isExecuted: boolean, expectedResponse: object][] = [
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

for (const [fault, status, isExecuted, expectedResponse] of respondingFaults) {
  t.test(
    `given the fault ${JSON.stringify(fault)}, then one request gets ${status} and is ${isExecuted ? 'executed' : 'not executed'}`,
    async (t) => {
      const platform = await startReplaceableCall(t)
      platform.control.addFault({ operation: replaceOperation, fault })
      const response = await platform.replace()
      t.equal(response.status, status)
      t.match(response, expectedResponse)
      t.equal(platform.countTransfers(), isExecuted ? 1 : 0)
      t.equal((await platform.replace()).status, 202, 'the fault applies only once')
    },
  )
}

/** Faults that break the connection. */
const breakingFaults: [fault: Fault, isExecuted: boolean][] = [
  [{ kind: 'reset-before' }, false],
  [{ kind: 'reset-after' }, true],
  [{ kind: 'half-response' }, true],
  [{ kind: 'half-response', acts: false }, false],
]

for (const [fault, isExecuted] of breakingFaults) {
  t.test(
    `given the fault ${JSON.stringify(fault)}, then the connection breaks and the request is ${isExecuted ? 'executed' : 'not executed'}`,
    async (t) => {
      const platform = await startReplaceableCall(t)
      platform.control.addFault({ operation: replaceOperation, fault })
      await t.rejects(platform.replace())
      t.equal(platform.countTransfers(), isExecuted ? 1 : 0)
      t.equal((await platform.replace()).status, 202)
    },
  )
}

t.test('given a half response to a read, then the read fails', async (t) => {
  const platform = await startReplaceableCall(t)
  platform.control.addFault({ operation: 'GET /conversations/{id}', fault: { kind: 'half-response' } })
  await t.rejects(platform.getConversation(platform.conversationId))
})

t.test('given a fault of kind silence, then the request gets no response, and closing the simulator does not wait for it', async (t) => {
  const platform = await startReplaceableCall(t)
  platform.control.addFault({ fault: { kind: 'silence' } })
  const controller = new AbortController()
  const refused = fetch(`${platform.url}/api/v2/conversations/x/disconnect`, {
    method: 'POST',
    signal: controller.signal,
    headers: { authorization: 'Bearer none' },
  })
  t.equal((await refused).status, 401, 'a request without a valid token does not use up the fault')
  const unanswered = platform.replace()
  unanswered.catch(() => {})
  while (platform.control.requests().counts[replaceOperation] !== 1) await new Promise((resolve) => setImmediate(resolve))
  t.equal(platform.control.requests().log.at(-1)?.status, 0)
  t.equal(platform.countTransfers(), 0)
})

t.test(
  'given a fault with skip and times, then the first requests pass, the next ones fail, and other operations are not affected',
  async (t) => {
    const platform = await startReplaceableCall(t)
    const read = async () => (await platform.request('GET', `/conversations/${platform.conversationId}`)).status
    platform.control.addFault({ operation: 'GET /conversations/{id}', skip: 1, times: 2, fault: { kind: 'empty', status: 504 } })
    t.equal((await platform.request('GET', '/routing/queues/target')).status, 200)
    t.strictSame([await read(), await read(), await read(), await read()], [200, 504, 504, 200])
  },
)

t.test('given a fault for one conversation, then requests about another conversation are not affected and not counted', async (t) => {
  const platform = await startReplaceableCall(t)
  const { conversationId: other } = platform.control.addConversation({ in: 'ivr' })
  const read = async (id: string) => (await platform.request('GET', `/conversations/${id}`)).status
  platform.control.addFault({
    operation: 'GET /conversations/{id}',
    conversationId: platform.conversationId,
    skip: 1,
    fault: { kind: 'empty', status: 504 },
  })
  t.strictSame([await read(other), await read(other)], [200, 200])
  t.strictSame([await read(platform.conversationId), await read(other), await read(platform.conversationId)], [200, 200, 504])
})

t.test('given a permanent fault for every operation, then logins fail too, until faults are cleared', async (t) => {
  const platform = await startReplaceableCall(t)
  platform.control.addFault({ operation: '*', times: Infinity, fault: { kind: 'status', status: 500 } })
  const statuses = [(await platform.logIn()).status, (await platform.replace()).status, (await platform.replace()).status]
  t.strictSame(statuses, [500, 500, 500])
  platform.control.clearFaults()
  t.equal((await platform.logIn()).status, 200)
})

t.test('given two faults for one operation, then they apply in the order in which they were set', async (t) => {
  const platform = await startReplaceableCall(t)
  platform.control.addFault({ operation: 'POST /oauth/token', fault: { kind: 'empty', status: 503 } })
  platform.control.addFault({ operation: 'POST /oauth/token', fault: { kind: 'wrong-shape' } })
  t.equal((await platform.logIn()).status, 503)
  t.match(await platform.logIn(), { status: 200, body: { access_token: undefined, unexpected: Array } })
})

t.test('given a fault that is not valid, then it is refused and no request fails', async (t) => {
  const platform = await startReplaceableCall(t)
  t.throws(() => platform.control.addFault({ operation: 'GET /nowhere', fault: { kind: 'silence' } }), { message: /is none of/ })
  t.throws(() => platform.control.addFault({ operation: 'GET /routing/queues/{id}', conversationId: 'one', fault: { kind: 'silence' } }), {
    message: /is about no conversation/,
  })
  t.throws(() => platform.control.addFault({ fault: { kind: 'explodes' } as never }), { message: /fault/ })
  t.throws(() => platform.control.addFault({ times: 0, fault: { kind: 'silence' } }), { message: /times/ })
  t.equal((await platform.replace()).status, 202)
})
