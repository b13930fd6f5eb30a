/** One fault of the platform at a time: the call is moved at most once, and the response says what happened. */
import t from 'tap'
import type { Simulator } from '../../src/simulator/simulator.ts'
import { startTestSystem } from '../support/test-system.ts'
import { setUpIvrCall } from '../support/calls.ts'
import { waitFor } from '../support/wait-for.ts'

// These tests wait for deadlines, each in a system of its own.
t.setTimeout(240_000)
t.jobs = 3

type Fault = Parameters<Simulator['control']['addFault']>[0]['fault']
const command = 'POST /conversations/{id}/participants/{id}/replace/queue'

t.test('given a platform in trouble', async (t) => {
  const { control, postTransfer, waitForState, request } = await startTestSystem(t)
  t.beforeEach(() => control.clearFaults())

  /** One fault of an operation (by default the command), the response, and the state of the transfer. `times` is 1 by default. */
  const cases: Array<{
    situation: string
    operation?: string
    fault: Fault
    times?: number | 'always'
    status: number
    code?: string
    state: string
    /** How often the platform moved the call. */
    moved: number
    /** How often Handoff sent the command. */
    commands?: number
  }> = [
    {
      situation: 'a 429 with Retry-After',
      fault: { kind: 'rate-limited', retryAfterSeconds: 1 },
      status: 202,
      state: 'initiated',
      moved: 1,
      commands: 2,
    },
    { situation: 'a 409 once', fault: { kind: 'conflict' }, status: 202, state: 'initiated', moved: 1, commands: 2 },
    {
      situation: 'a 409 every time',
      fault: { kind: 'conflict' },
      times: 'always',
      status: 409,
      code: 'GENESYS_CONFLICT',
      state: 'rejected',
      moved: 0,
      commands: 2,
    },
    {
      situation: 'a 400 for the command',
      fault: { kind: 'status', status: 400, body: { code: 'bad.request', message: 'no', status: 400 } },
      status: 502,
      code: 'GENESYS_REJECTED',
      state: 'rejected',
      moved: 0,
      commands: 1,
    },
    {
      situation: 'a reset after the platform has acted',
      fault: { kind: 'reset-after' },
      status: 202,
      state: 'initiated',
      moved: 1,
      commands: 1,
    },
    {
      situation: 'a 500 although the platform has acted',
      fault: { kind: 'status', status: 500, acts: true },
      status: 202,
      state: 'initiated',
      moved: 1,
      commands: 1,
    },
    {
      situation: 'a reset before the platform has acted',
      fault: { kind: 'reset-before' },
      status: 202,
      state: 'initiated',
      moved: 1,
      commands: 2,
    },
    {
      situation: 'a 503 before the platform has acted',
      fault: { kind: 'status', status: 503 },
      status: 202,
      state: 'initiated',
      moved: 1,
      commands: 2,
    },
    {
      situation: 'half an answer after the platform has acted',
      fault: { kind: 'half-response', acts: true },
      status: 202,
      state: 'initiated',
      moved: 1,
      commands: 1,
    },
    {
      situation: 'an HTML page for the command',
      fault: { kind: 'html', status: 502 },
      status: 202,
      state: 'initiated',
      moved: 1,
      commands: 2,
    },
    {
      situation: 'HTML for the conversation',
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
      situation: 'an empty answer for the conversation',
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
      situation: 'a conversation with the wrong fields',
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
      situation: 'a reset of every read',
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
      situation: 'one reset of a read',
      operation: 'GET /conversations/{id}',
      fault: { kind: 'reset-before' },
      status: 202,
      state: 'initiated',
      moved: 1,
      commands: 1,
    },
    {
      situation: 'a token that has expired',
      operation: 'GET /conversations/{id}',
      fault: { kind: 'status', status: 401 },
      status: 202,
      state: 'initiated',
      moved: 1,
      commands: 1,
    },
    {
      situation: 'a missing permission',
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
  for (const { situation, operation = command, fault, times = 1, status, code, state, moved, commands } of cases) {
    t.test(
      `given ${situation}, when a call is transferred, then ${moved === 0 ? 'it stays' : 'it is moved once'} and the answer is ${code ?? status}`,
      async (t) => {
        const { conversationId, queueId } = setUpIvrCall(control)
        control.clearRequests()
        // Calls of earlier cases may still be polled, so the fault is for this conversation only.
        control.addFault({ operation, ...(operation.includes('/conversations/') && { conversationId }), fault, times })
        const response = await postTransfer({ conversationId, target: { type: 'queue', queueId } })
        t.equal(response.status, status, JSON.stringify(response.body))
        if (code) t.equal(response.body.code, code)
        if (status === 503) t.ok(response.headers.get('retry-after'))
        t.equal(control.transfers(conversationId).length, moved)
        if (commands !== undefined) t.equal(control.requests().counts[command] ?? 0, commands)
        const id = response.body.transferId ?? response.body.id
        t.ok(await waitForState(id, state, ...(state === 'initiated' ? ['picked_up'] : [])))
        control.clearFaults()
      },
    )
  }

  t.test('when the platform refuses skills and priority, then the transfer goes on and the audit trail says so', async (t) => {
    const { conversationId, queueId, userId } = setUpIvrCall(control)
    control.setAgent(userId, { routingStatus: 'OFF_QUEUE' })
    control.addFault({
      operation: 'PATCH /routing/conversations/{id}',
      fault: { kind: 'status', status: 403, body: { code: 'missing.permissions', message: 'no', status: 403 } },
      times: 'always',
    })
    const { body } = await postTransfer({ conversationId, target: { type: 'queue', queueId }, priority: 3 })
    await waitFor(async () => {
      const trail = await request<{ entries: Array<{ status: string }> }>('GET', `/v1/transfers/${body.id}/audit`)
      return trail.body.entries.some(({ status }) => status === 'routing_refused')
    }, 'the audit entry')
    control.setAgent(userId, { routingStatus: 'IDLE' })
    t.ok(await waitForState(body.id, 'picked_up'))
  })
})

t.test('given a platform that does not answer until the deadline', async (t) => {
  const { control, postTransfer, waitForState } = await startTestSystem(t, { TRANSFER_DEADLINE_MS: '6000' })
  t.beforeEach(() => control.clearFaults())

  t.test('when it moved the call without an answer, then the outcome is unknown at the deadline, and becomes known later', async (t) => {
    const { conversationId, queueId } = setUpIvrCall(control)
    control.addFault({ operation: command, fault: { kind: 'silence', acts: true } })
    control.addFault({ operation: 'GET /conversations/{id}', conversationId, skip: 1, times: 'always', fault: { kind: 'silence' } })
    const answer = await postTransfer({ conversationId, target: { type: 'queue', queueId } }, { 'idempotency-key': 'silent' })
    t.match(answer, { status: 504, body: { code: 'OUTCOME_UNKNOWN', stage: 'execution', retryable: false } })
    t.equal(control.transfers(conversationId).length, 1)
    const meanwhile = await postTransfer({ conversationId, target: { type: 'queue', queueId } }, { 'idempotency-key': 'silent' })
    t.match(meanwhile, { status: 504, body: { code: 'OUTCOME_UNKNOWN', transferId: answer.body.transferId } })
    control.clearFaults()
    t.ok(await waitForState(String(answer.body.transferId), 'initiated', 'picked_up'))
    const again = await postTransfer({ conversationId, target: { type: 'queue', queueId } }, { 'idempotency-key': 'silent' })
    t.match(
      { status: again.status, id: again.body.id, replayed: again.headers.get('idempotent-replayed') },
      { status: 202, id: answer.body.transferId, replayed: 'true' },
    )
    t.equal(control.transfers(conversationId).length, 1)
  })

  t.test('when it did not act, then the outcome is unknown at the deadline, and the call is not moved later', async (t) => {
    const { conversationId, queueId } = setUpIvrCall(control)
    control.addFault({ operation: command, fault: { kind: 'silence', acts: false } })
    const answer = await postTransfer({ conversationId, target: { type: 'queue', queueId } })
    t.equal(answer.body.code, 'OUTCOME_UNKNOWN')
    t.match(await waitForState(String(answer.body.transferId), 'rejected'), { code: 'EXPIRED' })
    t.equal(control.transfers(conversationId).length, 0)
  })

  t.test('when reads take longer than the deadline, then the call is not moved', async (t) => {
    const { conversationId, queueId } = setUpIvrCall(control)
    control.addFault({ operation: 'GET /conversations/{id}', conversationId, fault: { kind: 'delay', ms: 8_000 }, times: 'always' })
    const answer = await postTransfer({ conversationId, target: { type: 'queue', queueId } })
    t.equal(answer.status, 503)
    t.ok(['EXPIRED', 'GENESYS_UNAVAILABLE'].includes(answer.body.code))
    t.equal(control.transfers(conversationId).length, 0)
  })
})

t.test(
  'given a first command that arrives late, when the second is refused because of it, then the transfer is initiated and the call moved once',
  async (t) => {
    const { control, postTransfer, waitForState } = await startTestSystem(t)
    const { conversationId, queueId } = setUpIvrCall(control)
    control.addFault({ operation: command, fault: { kind: 'reset-before' } })
    control.addFault({
      operation: command,
      fault: { kind: 'status', status: 400, body: { code: 'bad.request', message: 'no', status: 400 }, acts: true },
    })
    const { status, body } = await postTransfer({ conversationId, target: { type: 'queue', queueId } })
    t.equal(status, 202, JSON.stringify(body))
    t.ok(await waitForState(body.id, 'picked_up'))
    t.equal(control.requests().counts[command], 2)
    t.equal(control.transfers(conversationId).length, 1)
  },
)

t.test(
  'given credentials that the platform does not accept, when a call is transferred, then it stays and the answer says why',
  async (t) => {
    const { control, postTransfer, request } = await startTestSystem(t, { GENESYS_CLIENT_SECRET: 'not the secret' })
    const { conversationId, queueId } = setUpIvrCall(control)
    const answer = await postTransfer({ conversationId, target: { type: 'queue', queueId } })
    t.match(answer, { status: 502, body: { code: 'GENESYS_AUTH_FAILED', retryable: false } })
    t.notMatch(JSON.stringify(answer.body), 'not the secret')
    t.match(await request('GET', '/ready'), { status: 503, body: { status: 'not_ready', ledger: 'ready' } })
    t.equal(control.transfers(conversationId).length, 0)
  },
)
