import t from 'tap'
import { startWorld, usualScene } from '../support/service.ts'
import { until } from '../support/until.ts'

/** What comes of a transfer is the same, state for state, whether it is heard or polled. */
for (const events of ['on', 'off'])
  t.test(`modes that do not move the call, ${events === 'on' ? 'heard' : 'polled'}`, async (t) => {
    const { scene, transfer, reaches, ask, crm } = await startWorld(t, { PICKUP_EVENTS: events })
    const commands = (conversationId: string) =>
      scene.calls().log.filter(({ operation, path }) => /^(POST|PATCH) /.test(operation) && path.includes(conversationId)).length

    t.test('given a flow that asks where to go, when it then moves the call there, then the pickup is watched as usual', async (t) => {
      const { conversationId, skillId, queueId, userId } = usualScene(scene)
      const { status, body } = await transfer({ conversationId, target: { type: 'skill', skillId, queueId }, priority: 7, mode: 'decide' })
      t.match(
        { status, body },
        { status: 202, body: { state: 'decided', mode: 'decide', resolvedTarget: { queueId, skillIds: [skillId], priority: 7 } } },
      )
      t.equal(scene.transfers(conversationId).length, 0)
      scene.transferByFlow(conversationId, { queueId, skillIds: [skillId], priority: 7 })
      t.match(await reaches(body.id, 'picked_up'), { agentUserId: userId })
      const [first] = await until(() => crm.about(body.id).length > 0 && crm.about(body.id), 'the CRM')
      t.equal(first, 'transfer.initiated')
      t.equal(scene.calls().counts['PATCH /routing/conversations/{id}'] ?? 0, 0, 'the flow has put skills and priority on the call itself')
    })

    t.test('given a decision, when the flow never follows it, then it ends as failed with a code of its own', async (t) => {
      const { scene, transfer, reaches } = await startWorld(t, { PICKUP_TIMEOUT_MS: '700', PICKUP_EVENTS: events })
      const { conversationId, queueId } = usualScene(scene)
      const { body } = await transfer({ conversationId, target: { type: 'queue', queueId }, mode: 'decide' })
      t.match(await reaches(body.id, 'failed'), { code: 'DECISION_NOT_FOLLOWED', transferDepth: 1 })
      const again = await transfer({ conversationId, target: { type: 'queue', queueId }, mode: 'decide' })
      t.match(again.body, { state: 'decided', transferDepth: 1 }, 'what was not followed does not count')
    })

    t.test('given a decision, when the caller hangs up in the flow, then it is abandoned', async (t) => {
      const { conversationId, queueId } = usualScene(scene)
      const { body } = await transfer({ conversationId, target: { type: 'queue', queueId }, mode: 'decide' })
      scene.hangUp(conversationId)
      t.match(await reaches(body.id, 'abandoned'), { code: 'CALLER_ABANDONED' })
    })

    t.test('given a dryRun, when it is answered, then nothing has changed anywhere', async (t) => {
      const { conversationId, skillId, queueId } = usualScene(scene)
      const before = await ask<{ total: number }>('GET', '/v1/transfers/summary')
      const { status, body } = await transfer({
        conversationId,
        target: { type: 'skill', skillId, queueId },
        mode: 'dryRun',
        context: { a: 'b' },
        idempotencyKey: 'dry',
      })
      t.match(
        { status, body },
        { status: 200, body: { conversationId, state: 'decided', mode: 'dryRun', resolvedTarget: { queueId, usedFallback: false } } },
      )
      t.notHas(body, 'id')
      t.equal(commands(conversationId), 0)
      t.same(
        crm.attempts.filter(({ data }) => data.conversationId === conversationId),
        [],
      )
      t.equal((await ask<{ total: number }>('GET', '/v1/transfers/summary')).body.total, before.body.total)
      t.equal((await ask<{ transfers: unknown[] }>('GET', `/v1/transfers?conversationId=${conversationId}`)).body.transfers.length, 0)
      const real = await transfer({ conversationId, target: { type: 'queue', queueId }, idempotencyKey: 'dry' })
      t.equal(real.status, 202, 'its key was not used up')
    })

    t.test('given a dryRun that would be refused, when it is answered, then the refusal is the same and not written down', async (t) => {
      const { conversationId } = usualScene(scene)
      const { status, body } = await transfer({ conversationId, target: { type: 'number', address: '+491234567890' }, mode: 'dryRun' })
      t.match({ status, body }, { status: 422, body: { code: 'TARGET_NOT_ALLOWED' } })
      t.equal((await ask<{ transfers: unknown[] }>('GET', `/v1/transfers?conversationId=${conversationId}`)).body.transfers.length, 0)
    })
  })
