import t from 'tap'
import type { Simulator } from '../../src/simulator/simulator.ts'
import { startWorld, usualScene } from '../support/service.ts'
import { until } from '../support/until.ts'

// Deadlines are waited for here.
t.setTimeout(120_000)

type Fault = Parameters<Simulator['scene']['addFault']>[0]['fault']
const command = 'POST /conversations/{id}/participants/{id}/replace/queue'

t.test('a platform in trouble', async (t) => {
  const { scene, transfer, reaches, ask } = await startWorld(t)
  t.beforeEach(() => scene.clearFaults())

  /** One fault on one operation, and what the caller is answered. */
  const cases: Array<{
    given: string
    operation?: string
    fault: Fault
    times?: number | 'always'
    status: number
    code?: string
    state: string
    moved: number
    commands?: number
  }> = [
    {
      given: 'a 429 with Retry-After, then room',
      fault: { kind: 'rate-limited', retryAfterSeconds: 1 },
      status: 202,
      state: 'initiated',
      moved: 1,
      commands: 2,
    },
    { given: 'a 409 once', fault: { kind: 'conflict' }, status: 202, state: 'initiated', moved: 1, commands: 2 },
    {
      given: 'a 409 again and again',
      fault: { kind: 'conflict' },
      times: 'always',
      status: 409,
      code: 'GENESYS_CONFLICT',
      state: 'rejected',
      moved: 0,
      commands: 2,
    },
    {
      given: 'a 400 for the command',
      fault: { kind: 'status', status: 400, body: { code: 'bad.request', message: 'no', status: 400 } },
      status: 502,
      code: 'GENESYS_REJECTED',
      state: 'rejected',
      moved: 0,
      commands: 1,
    },
    {
      given: 'a reset after the platform has acted',
      fault: { kind: 'reset-after' },
      status: 202,
      state: 'initiated',
      moved: 1,
      commands: 1,
    },
    {
      given: 'a 500 although the platform has acted',
      fault: { kind: 'status', status: 500, acts: true },
      status: 202,
      state: 'initiated',
      moved: 1,
      commands: 1,
    },
    {
      given: 'a reset before the platform has acted',
      fault: { kind: 'reset-before' },
      status: 202,
      state: 'initiated',
      moved: 1,
      commands: 2,
    },
    { given: 'a 503 without acting', fault: { kind: 'status', status: 503 }, status: 202, state: 'initiated', moved: 1, commands: 2 },
    {
      given: 'half an answer of a platform that has acted',
      fault: { kind: 'half-response', acts: true },
      status: 202,
      state: 'initiated',
      moved: 1,
      commands: 1,
    },
    { given: 'an HTML page for the command', fault: { kind: 'html', status: 502 }, status: 202, state: 'initiated', moved: 1, commands: 2 },
    {
      given: 'HTML for the conversation',
      operation: 'GET /conversations/{id}',
      fault: { kind: 'html', status: 200 },
      times: 'always',
      status: 503,
      code: 'GENESYS_UNAVAILABLE',
      state: 'rejected',
      moved: 0,
      commands: 0,
    },
    {
      given: 'an empty answer for the conversation',
      operation: 'GET /conversations/{id}',
      fault: { kind: 'empty', status: 200 },
      times: 'always',
      status: 503,
      code: 'GENESYS_UNAVAILABLE',
      state: 'rejected',
      moved: 0,
      commands: 0,
    },
    {
      given: 'a wrong shape for the conversation',
      operation: 'GET /conversations/{id}',
      fault: { kind: 'wrong-shape' },
      times: 'always',
      status: 503,
      code: 'GENESYS_UNAVAILABLE',
      state: 'rejected',
      moved: 0,
      commands: 0,
    },
    {
      given: 'resets for every read',
      operation: 'GET /conversations/{id}',
      fault: { kind: 'reset-before' },
      times: 'always',
      status: 503,
      code: 'GENESYS_UNAVAILABLE',
      state: 'rejected',
      moved: 0,
      commands: 0,
    },
    {
      given: 'one reset of a read',
      operation: 'GET /conversations/{id}',
      fault: { kind: 'reset-before' },
      status: 202,
      state: 'initiated',
      moved: 1,
      commands: 1,
    },
    {
      given: 'one token that has run out',
      operation: 'GET /conversations/{id}',
      fault: { kind: 'status', status: 401 },
      status: 202,
      state: 'initiated',
      moved: 1,
      commands: 1,
    },
    {
      given: 'a missing permission',
      operation: 'GET /routing/queues/{id}',
      fault: {
        kind: 'status',
        status: 403,
        body: {
          code: 'missing.permissions',
          message: 'Unable to perform the requested action. You are missing the following permission(s): routing:queue:view',
          status: 403,
          messageParams: { permissions: 'routing:queue:view' },
        },
      },
      status: 502,
      code: 'PERMISSION_MISSING',
      state: 'rejected',
      moved: 0,
      commands: 0,
    },
  ]
  for (const { given, operation = command, fault, times = 1, status, code, state, moved, commands } of cases) {
    t.test(
      `given ${given}, when a call is to be moved, then ${moved === 0 ? 'it stays' : 'it is moved once'} and the answer is ${code ?? status}`,
      async (t) => {
        const { conversationId, queueId } = usualScene(scene)
        scene.clearCalls()
        // Calls of the cases before may still be looked at.
        scene.addFault({ operation, ...(operation.includes('/conversations/') && { conversationId }), fault, times })
        const answer = await transfer({ conversationId, target: { type: 'queue', queueId } })
        t.equal(answer.status, status, JSON.stringify(answer.body))
        if (code) t.equal(answer.body.code, code)
        if (status === 503) t.ok(answer.headers.get('retry-after'))
        t.equal(scene.transfers(conversationId).length, moved)
        if (commands !== undefined) t.equal(scene.calls().counts[command] ?? 0, commands)
        const id = String(answer.body.transferId ?? answer.body.id)
        t.ok(await reaches(id, state, ...(state === 'initiated' ? ['picked_up'] : [])))
        scene.clearFaults()
      },
    )
  }

  t.test('given a refused routing patch, when the call waits, then the transfer goes on and the trail says so', async (t) => {
    const { conversationId, queueId, userId } = usualScene(scene)
    scene.setAgent(userId, { routingStatus: 'OFF_QUEUE' })
    scene.addFault({
      operation: 'PATCH /routing/conversations/{id}',
      fault: { kind: 'status', status: 403, body: { code: 'missing.permissions', message: 'no', status: 403 } },
      times: 'always',
    })
    const { body } = await transfer({ conversationId, target: { type: 'queue', queueId }, priority: 3 })
    await until(async () => {
      const trail = await ask<{ entries: Array<{ status: string }> }>('GET', `/v1/transfers/${body.id}/audit`)
      return trail.body.entries.some(({ status }) => status === 'routing_refused')
    }, 'the trail')
    scene.setAgent(userId, { routingStatus: 'IDLE' })
    t.ok(await reaches(body.id, 'picked_up'))
  })
})

t.test('a platform that keeps silent until the deadline', async (t) => {
  const { scene, transfer, reaches } = await startWorld(t, { TRANSFER_DEADLINE_MS: '2500' })
  t.beforeEach(() => scene.clearFaults())

  t.test(
    'given a platform that is silent after the command, when the deadline comes, then the caller is told that it is not known, and the truth follows',
    async (t) => {
      const { conversationId, queueId } = usualScene(scene)
      scene.addFault({ operation: command, fault: { kind: 'silence', acts: true } })
      scene.addFault({ operation: 'GET /conversations/{id}', conversationId, skip: 1, times: 'always', fault: { kind: 'silence' } })
      const answer = await transfer({ conversationId, target: { type: 'queue', queueId } }, { 'idempotency-key': 'silent' })
      t.match(answer, { status: 504, body: { code: 'OUTCOME_UNKNOWN', stage: 'execution', retryable: false } })
      t.equal(scene.transfers(conversationId).length, 1)
      const meanwhile = await transfer({ conversationId, target: { type: 'queue', queueId } }, { 'idempotency-key': 'silent' })
      t.match(meanwhile, { status: 504, body: { code: 'OUTCOME_UNKNOWN', transferId: answer.body.transferId } })
      scene.clearFaults()
      t.ok(await reaches(String(answer.body.transferId), 'initiated', 'picked_up'))
      const again = await transfer({ conversationId, target: { type: 'queue', queueId } }, { 'idempotency-key': 'silent' })
      t.match(
        { status: again.status, id: again.body.id, replayed: again.headers.get('idempotent-replayed') },
        { status: 202, id: answer.body.transferId, replayed: 'true' },
      )
      t.equal(scene.transfers(conversationId).length, 1)
    },
  )

  t.test('given a platform that is silent and did not act, when the deadline has passed, then nothing is done any more', async (t) => {
    const { conversationId, queueId } = usualScene(scene)
    scene.addFault({ operation: command, fault: { kind: 'silence', acts: false } })
    const answer = await transfer({ conversationId, target: { type: 'queue', queueId } })
    t.equal(answer.body.code, 'OUTCOME_UNKNOWN')
    t.match(await reaches(String(answer.body.transferId), 'rejected'), { code: 'EXPIRED' })
    t.equal(scene.transfers(conversationId).length, 0)
  })

  t.test('given slow reads, when the deadline passes before the platform was asked, then nothing is done', async (t) => {
    const { conversationId, queueId } = usualScene(scene)
    scene.addFault({ operation: 'GET /conversations/{id}', conversationId, fault: { kind: 'delay', ms: 4_000 }, times: 'always' })
    const answer = await transfer({ conversationId, target: { type: 'queue', queueId } })
    t.equal(answer.status, 503)
    t.ok(['EXPIRED', 'GENESYS_UNAVAILABLE'].includes(answer.body.code))
    t.equal(scene.transfers(conversationId).length, 0)
  })
})

t.test(
  'given a first command that lands late, when the second is refused for it, then the call counts as moved, and was moved once',
  async (t) => {
    const { scene, transfer, reaches } = await startWorld(t)
    const { conversationId, queueId } = usualScene(scene)
    scene.addFault({ operation: command, fault: { kind: 'reset-before' } })
    scene.addFault({
      operation: command,
      fault: { kind: 'status', status: 400, body: { code: 'bad.request', message: 'no', status: 400 }, acts: true },
    })
    const { status, body } = await transfer({ conversationId, target: { type: 'queue', queueId } })
    t.equal(status, 202, JSON.stringify(body))
    t.ok(await reaches(body.id, 'picked_up'))
    t.equal(scene.calls().counts[command], 2)
    t.equal(scene.transfers(conversationId).length, 1)
  },
)

t.test('given a login that the platform does not accept, when a call is to be moved, then it stays and the answer says so', async (t) => {
  const { scene, transfer, ask } = await startWorld(t, { GENESYS_CLIENT_SECRET: 'not the secret' })
  const { conversationId, queueId } = usualScene(scene)
  const answer = await transfer({ conversationId, target: { type: 'queue', queueId } })
  t.match(answer, { status: 502, body: { code: 'GENESYS_AUTH_FAILED', retryable: false } })
  t.notMatch(JSON.stringify(answer.body), 'not the secret')
  t.match(await ask('GET', '/ready'), { status: 503, body: { status: 'not_ready', ledger: 'ready' } })
  t.equal(scene.transfers(conversationId).length, 0)
})
