/** A request may skip checks by `override`, if its API key has the scope transfers:override. */
import t from 'tap'
import { setUpIvrCall, waitUntilQueued } from '../../support/calls.ts'
import { operationsKey } from '../../support/settings.ts'
import { startTestSystem } from '../../support/test-system.ts'
import { addClosedGroup, findAuditEntry } from './opening-hours.ts'

const chiefKey = `hk_chief_${'c'.repeat(43)}`
const asChief = { authorization: `Bearer ${chiefKey}` }

t.test('given a key with the scope transfers:override and one without', async (t) => {
  const system = await startTestSystem(t, {
    API_KEYS: `${operationsKey}:transfers:write+transfers:read+audit:read,${chiefKey}:transfers:write+transfers:override`,
    MAX_TRANSFER_DEPTH: '1',
  })
  const { control, postTransfer, request } = system
  const closed = () => ({ openHours: { scheduleGroupId: addClosedGroup(control) } })

  t.test('when openHours is overridden, then the closed target takes the call, and the audit trail names the override', async (t) => {
    const { conversationId, queueId } = setUpIvrCall(control)
    const countsBefore = { ...control.requests().counts }
    const { status, body } = await postTransfer(
      { conversationId, target: { type: 'queue', queueId, ...closed() }, override: ['openHours'] },
      asChief,
    )
    t.match({ status, body }, { status: 202, body: { state: 'initiated', considered: [{ taken: true, reason: null }] } })
    t.match(await findAuditEntry(system, body.id, 'accepted'), { caller: 'chief', detail: { override: 'openHours' } })
    const operation = 'GET /architect/schedulegroups/{id}'
    t.equal(control.requests().counts[operation], countsBefore[operation], 'the opening hours are not read')
  })

  t.test('when maxWait is overridden, then a wait that is too long does not matter', async (t) => {
    const { conversationId, queueId } = setUpIvrCall(control)
    control.setQueue(queueId, { estimatedWaitSeconds: 600 })
    const transfer = { conversationId, target: { type: 'queue', queueId, maxWaitSeconds: 60 } }
    t.match(await postTransfer(transfer, asChief), { status: 422, body: { code: 'NO_AGENT_AVAILABLE' } })
    t.match(await postTransfer({ ...transfer, override: ['maxWait'] }, asChief), { status: 202 })
  })

  t.test('when only another check is overridden, then the target stays closed', async (t) => {
    const { conversationId, queueId } = setUpIvrCall(control)
    const transfer = { conversationId, target: { type: 'queue', queueId, ...closed() }, override: ['maxWait', 'depth', 'loop'] }
    t.match(await postTransfer(transfer, asChief), { status: 422, body: { code: 'QUEUE_CLOSED' } })
  })

  t.test('when the depth limit and the loop guard are overridden, then a call goes beyond the limit, and back to a queue', async (t) => {
    const { conversationId, otherQueueId } = setUpIvrCall(control)
    const queueId = control.addQueue({}).id
    const send = (id: string, override?: string[]) =>
      postTransfer({ conversationId, target: { type: 'queue', queueId: id }, ...(override && { override }) }, asChief)
    t.equal((await send(queueId)).status, 202)
    await waitUntilQueued(system, conversationId, queueId)
    t.match(await send(otherQueueId), { status: 422, body: { code: 'DEPTH_LIMIT_REACHED' } })
    t.match(await send(otherQueueId, ['loop']), { status: 422, body: { code: 'DEPTH_LIMIT_REACHED' } })
    t.match(await send(otherQueueId, ['depth']), { status: 202, body: { transferDepth: 2 } })
    await waitUntilQueued(system, conversationId, otherQueueId)
    t.match(await send(queueId, ['depth']), { status: 422, body: { code: 'LOOP_DETECTED' } })
    const { status, body } = await send(queueId, ['loop', 'depth'])
    t.match({ status, body }, { status: 202, body: { transferDepth: 3 } })
    t.match(await findAuditEntry(system, body.id, 'accepted'), { detail: { override: 'depth loop' } })
  })

  t.test('when the loop guard is overridden, then a fallback is not passed over because the call was there', async (t) => {
    const { conversationId, otherQueueId } = setUpIvrCall(control)
    const queueId = control.addQueue({}).id
    await postTransfer({ conversationId, target: { type: 'queue', queueId } })
    await waitUntilQueued(system, conversationId, queueId)
    await postTransfer({ conversationId, target: { type: 'queue', queueId: otherQueueId }, override: ['depth'] }, asChief)
    await waitUntilQueued(system, conversationId, otherQueueId)
    const transfer = {
      conversationId,
      target: { type: 'agent', userId: control.addAgent({ routingStatus: 'INTERACTING' }).id },
      fallback: [{ type: 'queue', queueId }],
    }
    t.match((await postTransfer({ ...transfer, override: ['depth'] }, asChief)).body, {
      code: 'NO_AGENT_AVAILABLE',
      considered: [{ reason: 'not_available' }, { reason: 'visited_before' }],
    })
    t.match((await postTransfer({ ...transfer, override: ['depth', 'loop'] }, asChief)).body, { resolvedTarget: { queueId } })
  })

  t.test('when the key lacks the scope, then the request is refused in every mode, with an audit entry', async (t) => {
    for (const mode of ['execute', 'decide', 'dryRun']) {
      const { conversationId, queueId } = setUpIvrCall(control)
      const { status, body } = await postTransfer({ conversationId, mode, target: { type: 'queue', queueId }, override: ['depth'] })
      t.match({ status, body }, { status: 403, body: { code: 'FORBIDDEN', detail: /transfers:override/ } })
      t.strictSame(control.transfers(conversationId), [])
    }
    const { body } = await request<string>('GET', '/v1/audit?since=2020-01-01T00:00:00Z')
    const refused = body.split('\n').filter((line) => line.includes('"caller_refused"'))
    t.equal(refused.length, 3)
  })

  t.test('when the list of overrides is empty, then no scope is needed', async (t) => {
    const { conversationId, queueId } = setUpIvrCall(control)
    t.equal((await postTransfer({ conversationId, target: { type: 'queue', queueId }, override: [] })).status, 202)
  })

  t.test('when an override is unknown or named twice, then the request is refused', async (t) => {
    const { conversationId, queueId } = setUpIvrCall(control)
    for (const override of [['everything'], ['depth', 'depth'], 'depth'])
      t.match(await postTransfer({ conversationId, target: { type: 'queue', queueId }, override }, asChief), {
        status: 400,
        body: { code: 'INVALID_REQUEST' },
      })
  })
})
