import t from 'tap'
import { ringsElsewhere, startWorld, usualScene, waitsIn } from '../support/service.ts'
import { until } from '../support/until.ts'

t.setTimeout(120_000)

/** What comes of a transfer is the same, state for state, whether it is heard or polled. */
for (const events of ['on', 'off'])
  t.test(`a call in the IVR, ${events === 'on' ? 'heard' : 'polled'}`, async (t) => {
    const { scene, transfer, reaches, ask, crm, conversation } = await startWorld(t, { ALLOWED_NUMBERS: '+4930*', PICKUP_EVENTS: events })
    // Long enough for whoever is rung.
    scene.configure({ alertingTimeoutMs: 60_000 })
    type Trail = { entries: Array<{ status: string; actionId: string; conversationId: string; detail: Record<string, unknown> }> }
    const trailOf = async (id: string) => (await ask<Trail>('GET', `/v1/transfers/${id}/audit`)).body.entries
    const routed = (id: string) => until(async () => (await trailOf(id)).find(({ status }) => status === 'routing_applied'), 'the routing')

    t.test('given an idle agent with the skill, when it is sent to the skill, then the agent picks up and everybody is told', async (t) => {
      const { conversationId, skillId, queueId, userId } = usualScene(scene, ['never', { after: 200, with: 'pickup' }])
      const isFree = await ringsElsewhere({ scene, conversation }, queueId)
      const answer = await transfer({ conversationId, target: { type: 'skill', skillId, queueId }, priority: 10 })
      t.equal(answer.status, 202)
      t.equal(answer.headers.get('location'), `/v1/transfers/${answer.body.id}`)
      t.match(answer.body, {
        state: 'initiated',
        transferDepth: 1,
        resolvedTarget: { type: 'skill', queueId, skillIds: [skillId], priority: 10, usedFallback: false },
        code: null,
      })
      t.ok((answer.body.latencyMs ?? -1) >= 0)
      t.match(
        await routed(answer.body.id),
        { detail: { verified: true, priority: 10, skillIds: skillId } },
        'skills and priority were applied and verified',
      )

      isFree()
      const done = await reaches(answer.body.id, 'picked_up')
      t.match(done, { state: 'picked_up', agentUserId: userId, bounces: 0 })
      t.ok(done.pickupMs !== null && done.pickupTime !== null)
      await until(() => crm.about(done.id).length === 2)
      t.strictSame(crm.about(done.id), ['transfer.initiated', 'transfer.picked_up'])
      const entries = await trailOf(done.id)
      t.strictSame(
        entries.map(({ status }) => status).filter((status) => ['accepted', 'executing', 'initiated', 'picked_up'].includes(status)),
        ['accepted', 'executing', 'initiated', 'picked_up'],
      )
      t.ok(entries.every((entry) => entry.actionId === done.id && entry.conversationId === conversationId))
      t.equal(scene.transfers(conversationId).length, 1)
    })

    t.test('given an idle agent, when it is sent to the agent, then that agent picks up', async (t) => {
      const { conversationId, userId } = usualScene(scene)
      const { body } = await transfer({ conversationId, target: { type: 'agent', userId } })
      t.match(await reaches(body.id, 'picked_up'), { agentUserId: userId, resolvedTarget: { type: 'agent', userId, queueId: null } })
    })

    t.test('given a queue, when it is sent there without skills, then what the call required before is cleared', async (t) => {
      const { conversationId, queueId, userId } = usualScene(scene)
      scene.setAgent(userId, { routingStatus: 'OFF_QUEUE' })
      const { body } = await transfer({ conversationId, target: { type: 'queue', queueId } })
      t.match(await routed(body.id), { detail: { verified: true, priority: 0, skillIds: '' } })
      scene.setAgent(userId, { routingStatus: 'IDLE' })
      t.ok(await reaches(body.id, 'picked_up'))
    })

    t.test('given an allowed number, when it is sent there, then the other side answers', async (t) => {
      const { conversationId } = usualScene(scene)
      const { body } = await transfer({ conversationId, target: { type: 'number', address: '+49301234567' } })
      const done = await reaches(body.id, 'picked_up')
      t.equal(done.resolvedTarget?.address, '+49301234567')
      t.notMatch(JSON.stringify(done.transferPath), '49301234567', 'a path shows no number')
    })

    t.test(
      'given an agent who declines twice, when the call waits in the queue, then both bounces are counted and the pickup is seen',
      async (t) => {
        const { conversationId, skillId, queueId } = usualScene(scene, [
          { after: 60, with: 'decline' },
          { after: 60, with: 'decline' },
          { after: 60, with: 'pickup' },
        ])
        const { body } = await transfer({ conversationId, target: { type: 'skill', skillId, queueId } })
        t.match(await reaches(body.id, 'picked_up'), { bounces: 2 })
      },
    )

    t.test(
      'given an agent who never answers, when nobody picks up in time, then it is a timeout, and a later pickup is still written down',
      async (t) => {
        const { scene, transfer, reaches, ask } = await startWorld(t, { PICKUP_TIMEOUT_MS: '900', PICKUP_EVENTS: events })
        const { conversationId, queueId, userId } = usualScene(scene)
        scene.setAgent(userId, { routingStatus: 'OFF_QUEUE' })
        const { body } = await transfer({ conversationId, target: { type: 'queue', queueId } })
        t.match(await reaches(body.id, 'timeout'), { code: 'PICKUP_TIMEOUT', pickupTime: null })
        scene.setAgent(userId, { routingStatus: 'IDLE' })
        await until(
          async () =>
            (await ask<{ entries: Array<{ status: string }> }>('GET', `/v1/transfers/${body.id}/audit`)).body.entries.some(
              ({ status }) => status === 'late_pickup',
            ),
          'the late pickup',
        )
        t.match((await ask('GET', `/v1/transfers/${body.id}`)).body, { state: 'timeout' }, 'a final state stays')
      },
    )

    t.test('given a caller without patience, when they hang up while waiting, then it is abandoned', async (t) => {
      const { conversationId, queueId, userId } = usualScene(scene)
      scene.setAgent(userId, { routingStatus: 'OFF_QUEUE' })
      const { body } = await transfer({ conversationId, target: { type: 'queue', queueId } })
      scene.hangUp(conversationId)
      t.match(await reaches(body.id, 'abandoned'), { code: 'CALLER_ABANDONED' })
      await until(() => crm.about(body.id).includes('transfer.abandoned'))
    })

    t.test('given an in-queue flow, when it moves the call to voicemail, then the transfer has failed', async (t) => {
      const { conversationId, queueId, userId } = usualScene(scene)
      scene.setAgent(userId, { routingStatus: 'OFF_QUEUE' })
      const { body } = await transfer({ conversationId, target: { type: 'queue', queueId } })
      await waitsIn({ conversation }, conversationId, queueId)
      scene.flowOut(conversationId)
      t.match(await reaches(body.id, 'failed'), { code: 'FLOWED_OUT' })
    })

    t.test('given an agent who does not take the call, when it was sent to that agent, then the transfer has failed', async (t) => {
      const { conversationId, userId } = usualScene(scene, [{ after: 50, with: 'decline' }])
      const { body } = await transfer({ conversationId, target: { type: 'agent', userId } })
      t.match(await reaches(body.id, 'failed'), { code: 'TRANSFER_FAILED' })
    })

    t.test('given a context, when the call moves, then the agent sees it, and the loop guard is mirrored', async (t) => {
      const { conversationId, queueId, userId } = usualScene(scene)
      scene.setAgent(userId, { routingStatus: 'OFF_QUEUE' })
      const { body } = await transfer({
        conversationId,
        target: { type: 'queue', queueId },
        context: { reason: 'billing dispute', 'ticket.id': '4711' },
      })
      const order = scene
        .calls()
        .log.filter(({ path }) => path.includes(conversationId))
        .map(({ operation }) => operation)
      const written = order.indexOf('PATCH /conversations/{id}/participants/{id}/attributes')
      t.ok(
        written >= 0 && written < order.indexOf('POST /conversations/{id}/participants/{id}/replace/queue'),
        'written before the call moved',
      )
      const customer = async () =>
        (await conversation(conversationId)).participants.find(({ purpose }) => purpose === 'customer')?.attributes
      const attributes = await until(async () => (await customer())?.['loopPreventionToken'] && customer(), 'the mirror')
      t.match(attributes, {
        reason: 'billing dispute',
        'ticket.id': '4711',
        transferDepth: '1',
        transferPath: `queue:${queueId}`,
        loopPreventionToken: /^[0-9a-f]{64}$/,
      })
      scene.setAgent(userId, { routingStatus: 'IDLE' })
      t.ok(await reaches(body.id, 'picked_up'))
    })

    t.test('given calls that ended in many ways, when they are summed up, then the numbers add up', async (t) => {
      const { body } = await ask<{
        total: number
        byState: Record<string, number>
        pickupRate: number
        latencyMs: { count: number; p50: number }
      }>('GET', '/v1/transfers/summary')
      t.equal(
        Object.values(body.byState).reduce((sum, many) => sum + many, 0),
        body.total,
      )
      t.ok(body.pickupRate > 0 && body.pickupRate < 1)
      t.ok(body.latencyMs.count > 0)
    })
  })
