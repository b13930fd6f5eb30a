import t from 'tap'
import { callWithAgent, stage } from '../stage.ts'

t.test(
  'given a call with an agent, when it is replaced to a queue, then 202 with an empty body, and the call moves after the delay',
  async (t) => {
    const at = await stage(t, { clock: 'manual' })
    const { conversationId, participantId } = await callWithAgent(at)
    at.scene.addQueue({ id: 'second' })
    const heard = await at.ask('POST', `/conversations/${conversationId}/participants/${participantId}/replace/queue`, {
      queueId: 'second',
    })
    t.strictSame([heard.status, heard.text], [202, ''])

    const justAfter = await at.conversation(conversationId)
    t.equal(justAfter.participants.at(-1).calls[0].state, 'connected', 'the old picture still stands')
    t.match(justAfter.recentTransfers, [
      { state: 'Pending', transferType: 'Unattended', dateIssued: String, destination: { address: /second/ } },
    ])

    at.scene.advance(50)
    const landed = await at.conversation(conversationId)
    t.match(landed.participants.at(-2), { id: participantId, calls: [{ state: 'terminated', disconnectType: 'transfer' }] })
    t.match(landed.participants.at(-1), { purpose: 'acd', queueId: 'second', calls: [{ state: 'connected' }] })
    t.equal(landed.recentTransfers[0].state, 'Complete')
    t.match(at.scene.transfers(conversationId), [{ conversationId, participantId, kind: 'queue', to: 'second', at: String }])
  },
)

t.test('given a call in the IVR, when its ivr participant is replaced, then the ivr leg ends with transfer', async (t) => {
  const at = await stage(t, { clock: 'manual' })
  at.scene.addQueue({ id: 'support' })
  const { conversationId } = at.scene.addConversation({ in: 'ivr' })
  const [ivr] = await at.legs(conversationId, 'ivr')
  t.equal(
    (await at.ask('POST', `/conversations/${conversationId}/participants/${ivr.id}/replace/queue`, { queueId: 'support' })).status,
    202,
  )
  at.scene.advance(50)
  t.match(await at.legs(conversationId, 'ivr'), [{ calls: [{ state: 'terminated', disconnectType: 'transfer' }] }])
  t.match(await at.legs(conversationId, 'acd'), [{ queueId: 'support', calls: [{ state: 'connected' }] }])
})

t.test('given a waiting call that rings an agent, when its acd participant is replaced, then the ringing stops', async (t) => {
  const at = await stage(t, { clock: 'manual' })
  at.scene.addQueue({ id: 'first' })
  at.scene.addQueue({ id: 'second' })
  at.scene.addAgent({ queueIds: ['first'], answers: ['never'] })
  const { conversationId } = at.scene.addConversation({ in: { queueId: 'first' } })
  at.scene.advance(100)
  const [acd] = await at.legs(conversationId, 'acd')
  await at.ask('POST', `/conversations/${conversationId}/participants/${acd.id}/replace/queue`, { queueId: 'second' })
  at.scene.advance(60_000)
  t.match(await at.legs(conversationId, 'agent'), [{ calls: [{ state: 'terminated' }] }])
  t.strictSame(
    (await at.legs(conversationId, 'acd')).map((leg) => [leg.queueId, leg.calls[0].state]),
    [
      ['first', 'terminated'],
      ['second', 'connected'],
    ],
  )
})

t.test(
  'given a call in a queue’s hands, when it is sent to an agent who picks up, then the command goes Pending, Active, Complete',
  async (t) => {
    const at = await stage(t, { clock: 'manual' })
    const { conversationId, participantId } = await callWithAgent(at)
    at.scene.addAgent({ id: 'target', routingStatus: 'OFF_QUEUE' })
    const state = async () => (await at.conversation(conversationId)).recentTransfers[0].state
    t.equal(
      (await at.ask('POST', `/conversations/${conversationId}/participants/${participantId}/replace/agent`, { userId: 'target' })).status,
      202,
    )
    t.equal(await state(), 'Pending')
    at.scene.advance(50)
    t.equal(await state(), 'Active')
    t.match((await at.legs(conversationId, 'agent')).at(-1), { userId: 'target', calls: [{ state: 'alerting' }] })
    at.scene.advance(200)
    t.equal(await state(), 'Complete')
    t.match((await at.legs(conversationId, 'agent')).at(-1), { userId: 'target', calls: [{ state: 'connected' }] })
  },
)

for (const [after, holder, ended] of [
  ['voicemail', 'connected', false],
  ['alone', undefined, false],
  ['disconnect', undefined, true],
] as const) {
  t.test(`given an agent who declines a direct transfer, then the command has failed (${after})`, async (t) => {
    const at = await stage(t, { clock: 'manual' })
    at.scene.configure({ afterFailedTransfer: after })
    const { conversationId, participantId } = await callWithAgent(at)
    at.scene.addAgent({ id: 'target', answers: [{ after: 10, with: 'decline' }] })
    await at.ask('POST', `/conversations/${conversationId}/participants/${participantId}/replace/agent`, { userId: 'target' })
    at.scene.advance(1_000)
    const { recentTransfers, endTime } = await at.conversation(conversationId)
    t.equal(recentTransfers[0].state, 'Failed')
    t.equal((await at.legs(conversationId, 'voicemail'))[0]?.calls[0].state, holder)
    t.equal(endTime !== undefined, ended)
  })
}

t.test(
  'given a number, when it answers, then a new external leg is connected; when it does not, the leg carries an errorInfo',
  async (t) => {
    const at = await stage(t, { clock: 'manual' })
    at.scene.configure({ dialMs: 3_000 })
    for (const dialFails of [false, true]) {
      at.scene.configure({ dialFails })
      const { conversationId } = at.scene.addConversation({ in: 'ivr' })
      const [ivr] = await at.legs(conversationId, 'ivr')
      t.equal(
        (await at.ask('POST', `/conversations/${conversationId}/participants/${ivr.id}/transfer`, { address: '+13175550123' })).status,
        202,
      )
      at.scene.advance(50)
      t.match(await at.legs(conversationId, 'external'), [
        { address: 'tel:+13175550123', calls: [{ state: 'dialing', direction: 'outbound' }] },
      ])
      at.scene.advance(3_000)
      const [external] = await at.legs(conversationId, 'external')
      t.equal(external.calls[0].state, dialFails ? 'terminated' : 'connected')
      t.equal(external.calls[0].errorInfo !== undefined, dialFails)
      t.match(await at.conversation(conversationId), { recentTransfers: [{ state: dialFails ? 'Failed' : 'Complete' }] })
      t.match(await at.legs(conversationId, 'customer'), [{ calls: [{ state: 'connected' }] }])
    }
  },
)

t.test('given the same command twice, then both are accepted and on record, and only the first moves the call', async (t) => {
  const at = await stage(t, { clock: 'manual' })
  const { conversationId, participantId } = await callWithAgent(at)
  at.scene.addQueue({ id: 'second' })
  const path = `/conversations/${conversationId}/participants/${participantId}/replace/queue`
  const statuses = [await at.ask('POST', path, { queueId: 'second' }), await at.ask('POST', path, { queueId: 'second' })].map(
    ({ status }) => status,
  )
  t.strictSame(statuses, [202, 202])
  t.equal(at.scene.transfers(conversationId).length, 2, 'a double move cannot hide')
  at.scene.advance(50)
  t.strictSame(
    (await at.conversation(conversationId)).recentTransfers.map(({ state }: any) => state),
    ['Complete', 'Failed'],
  )
})

t.test('given a caller who hangs up while the command is under way, then it is canceled', async (t) => {
  const at = await stage(t, { clock: 'manual' })
  const { conversationId, participantId } = await callWithAgent(at)
  at.scene.addQueue({ id: 'second' })
  await at.ask('POST', `/conversations/${conversationId}/participants/${participantId}/replace/queue`, { queueId: 'second' })
  at.scene.hangUp(conversationId)
  at.scene.advance(1_000)
  t.match(await at.conversation(conversationId), { recentTransfers: [{ state: 'Canceled' }], endTime: String })
  t.equal((await at.legs(conversationId, 'acd')).length, 1, 'no new leg after the end')
})
