/** What an accepted transfer command does to a call. */
import t from 'tap'
import { startCallWithAgent, startPlatform } from '../test-platform.ts'

t.test(
  'given a call with an agent, when it is transferred to a queue, then the response is 202 with an empty body, and the call moves after the delay',
  async (t) => {
    const platform = await startPlatform(t, { clock: 'manual' })
    const { conversationId, participantId } = await startCallWithAgent(platform)
    platform.control.addQueue({ id: 'second' })
    const response = await platform.request('POST', `/conversations/${conversationId}/participants/${participantId}/replace/queue`, {
      queueId: 'second',
    })
    t.strictSame([response.status, response.text], [202, ''])

    const justAfter = await platform.getConversation(conversationId)
    t.equal(justAfter.participants.at(-1).calls[0].state, 'connected', 'the call has not moved yet')
    t.match(justAfter.recentTransfers, [
      { state: 'Pending', transferType: 'Unattended', dateIssued: String, destination: { address: /second/ } },
    ])

    platform.control.advance(50)
    const afterDelay = await platform.getConversation(conversationId)
    t.match(afterDelay.participants.at(-2), { id: participantId, calls: [{ state: 'terminated', disconnectType: 'transfer' }] })
    t.match(afterDelay.participants.at(-1), { purpose: 'acd', queueId: 'second', calls: [{ state: 'connected' }] })
    t.equal(afterDelay.recentTransfers[0].state, 'Complete')
    t.match(platform.control.transfers(conversationId), [{ conversationId, participantId, kind: 'queue', to: 'second', at: String }])
  },
)

t.test('given a call in the IVR, when its ivr participant is replaced, then the ivr leg ends with transfer', async (t) => {
  const platform = await startPlatform(t, { clock: 'manual' })
  platform.control.addQueue({ id: 'support' })
  const { conversationId } = platform.control.addConversation({ in: 'ivr' })
  const [ivr] = await platform.getParticipants(conversationId, 'ivr')
  t.equal(
    (await platform.request('POST', `/conversations/${conversationId}/participants/${ivr.id}/replace/queue`, { queueId: 'support' }))
      .status,
    202,
  )
  platform.control.advance(50)
  t.match(await platform.getParticipants(conversationId, 'ivr'), [{ calls: [{ state: 'terminated', disconnectType: 'transfer' }] }])
  t.match(await platform.getParticipants(conversationId, 'acd'), [{ queueId: 'support', calls: [{ state: 'connected' }] }])
})

t.test(
  'given a waiting call that is offered to an agent, when its acd participant is replaced, then the agent’s phone stops ringing',
  async (t) => {
    const platform = await startPlatform(t, { clock: 'manual' })
    platform.control.addQueue({ id: 'first' })
    platform.control.addQueue({ id: 'second' })
    platform.control.addAgent({ queueIds: ['first'], answers: ['never'] })
    const { conversationId } = platform.control.addConversation({ in: { queueId: 'first' } })
    platform.control.advance(100)
    const [acd] = await platform.getParticipants(conversationId, 'acd')
    await platform.request('POST', `/conversations/${conversationId}/participants/${acd.id}/replace/queue`, { queueId: 'second' })
    platform.control.advance(60_000)
    t.match(await platform.getParticipants(conversationId, 'agent'), [{ calls: [{ state: 'terminated' }] }])
    t.strictSame(
      (await platform.getParticipants(conversationId, 'acd')).map((participant) => [participant.queueId, participant.calls[0].state]),
      [
        ['first', 'terminated'],
        ['second', 'connected'],
      ],
    )
  },
)

t.test(
  'given a call from a queue, when it is transferred to an agent who picks up, then the command is Pending, Active and Complete in turn',
  async (t) => {
    const platform = await startPlatform(t, { clock: 'manual' })
    const { conversationId, participantId } = await startCallWithAgent(platform)
    platform.control.addAgent({ id: 'target', routingStatus: 'OFF_QUEUE' })
    const readState = async () => (await platform.getConversation(conversationId)).recentTransfers[0].state
    t.equal(
      (await platform.request('POST', `/conversations/${conversationId}/participants/${participantId}/replace/agent`, { userId: 'target' }))
        .status,
      202,
    )
    t.equal(await readState(), 'Pending')
    platform.control.advance(50)
    t.equal(await readState(), 'Active')
    t.match((await platform.getParticipants(conversationId, 'agent')).at(-1), { userId: 'target', calls: [{ state: 'alerting' }] })
    platform.control.advance(200)
    t.equal(await readState(), 'Complete')
    t.match((await platform.getParticipants(conversationId, 'agent')).at(-1), { userId: 'target', calls: [{ state: 'connected' }] })
  },
)

for (const [afterFailedTransfer, voicemailState, isEnded] of [
  ['voicemail', 'connected', false],
  ['alone', undefined, false],
  ['disconnect', undefined, true],
] as const) {
  t.test(
    `given afterFailedTransfer ${afterFailedTransfer}, when the agent of a direct transfer declines, then the command has failed`,
    async (t) => {
      const platform = await startPlatform(t, { clock: 'manual' })
      platform.control.configure({ afterFailedTransfer })
      const { conversationId, participantId } = await startCallWithAgent(platform)
      platform.control.addAgent({ id: 'target', answers: [{ after: 10, with: 'decline' }] })
      await platform.request('POST', `/conversations/${conversationId}/participants/${participantId}/replace/agent`, { userId: 'target' })
      platform.control.advance(1_000)
      const { recentTransfers, endTime } = await platform.getConversation(conversationId)
      t.equal(recentTransfers[0].state, 'Failed')
      t.equal((await platform.getParticipants(conversationId, 'voicemail'))[0]?.calls[0].state, voicemailState)
      t.equal(endTime !== undefined, isEnded)
    },
  )
}

t.test(
  'given a transfer to a number, then a new external leg is connected if the number answers, and has an error code if not',
  async (t) => {
    const platform = await startPlatform(t, { clock: 'manual' })
    platform.control.configure({ dialMs: 3_000 })
    for (const dialFails of [false, true]) {
      platform.control.configure({ dialFails })
      const { conversationId } = platform.control.addConversation({ in: 'ivr' })
      const [ivr] = await platform.getParticipants(conversationId, 'ivr')
      t.equal(
        (await platform.request('POST', `/conversations/${conversationId}/participants/${ivr.id}/transfer`, { address: '+13175550123' }))
          .status,
        202,
      )
      platform.control.advance(50)
      t.match(await platform.getParticipants(conversationId, 'external'), [
        { address: 'tel:+13175550123', calls: [{ state: 'dialing', direction: 'outbound' }] },
      ])
      platform.control.advance(3_000)
      const [external] = await platform.getParticipants(conversationId, 'external')
      t.equal(external.calls[0].state, dialFails ? 'terminated' : 'connected')
      t.equal(external.calls[0].errorInfo.code !== undefined, dialFails)
      t.match(await platform.getConversation(conversationId), { recentTransfers: [{ state: dialFails ? 'Failed' : 'Complete' }] })
      t.match(await platform.getParticipants(conversationId, 'customer'), [{ calls: [{ state: 'connected' }] }])
    }
  },
)

t.test('given the same command twice, then both are accepted and recorded, and only the first moves the call', async (t) => {
  const platform = await startPlatform(t, { clock: 'manual' })
  const { conversationId, participantId } = await startCallWithAgent(platform)
  platform.control.addQueue({ id: 'second' })
  const path = `/conversations/${conversationId}/participants/${participantId}/replace/queue`
  const statuses = [
    await platform.request('POST', path, { queueId: 'second' }),
    await platform.request('POST', path, { queueId: 'second' }),
  ].map(({ status }) => status)
  t.strictSame(statuses, [202, 202])
  t.equal(platform.control.transfers(conversationId).length, 2, 'both are recorded')
  platform.control.advance(50)
  t.strictSame(
    (await platform.getConversation(conversationId)).recentTransfers.map(({ state }: any) => state),
    ['Complete', 'Failed'],
  )
})

t.test('given an accepted command, when the caller hangs up before the call moves, then the command is canceled', async (t) => {
  const platform = await startPlatform(t, { clock: 'manual' })
  const { conversationId, participantId } = await startCallWithAgent(platform)
  platform.control.addQueue({ id: 'second' })
  await platform.request('POST', `/conversations/${conversationId}/participants/${participantId}/replace/queue`, { queueId: 'second' })
  platform.control.hangUp(conversationId)
  platform.control.advance(1_000)
  t.match(await platform.getConversation(conversationId), { recentTransfers: [{ state: 'Canceled' }], endTime: String })
  t.equal((await platform.getParticipants(conversationId, 'acd')).length, 1, 'no leg is added after the end')
})
