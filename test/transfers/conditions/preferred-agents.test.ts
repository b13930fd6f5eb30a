/** A queue offers the call to preferred agents first. */
import t from 'tap'
import { startTestSystem } from '../../support/test-system.ts'
import { findAuditEntry } from './opening-hours.ts'

t.test('given a queue in which several agents are free', async (t) => {
  const system = await startTestSystem(t)
  const { control, postTransfer, waitForState } = system
  // Long enough for the preference to be on the call before it is offered, also on a busy machine.
  const { id: queueId } = control.addQueue({ offerDelayMs: 2_000 })
  const { id: skillId } = control.addSkill({})
  const [, second = '', third = ''] = ['A', 'B', 'C'].map(
    (name) => control.addAgent({ name, queueIds: [queueId], skillIds: [skillId], answers: [{ after: 20, with: 'pickup' }], talkMs: 1 }).id,
  )
  const stranger = control.addAgent({ name: 'Stranger' }).id

  for (const [target, fields] of [
    ['a queue', { type: 'queue', queueId }],
    ['a skill', { type: 'skill', skillId, queueId }],
  ] as const)
    t.test(`when a call to ${target} prefers one of them, then that agent gets it`, async (t) => {
      for (const userId of [third, second]) {
        const { conversationId } = control.addConversation({ in: 'ivr' })
        const { body } = await postTransfer({ conversationId, target: { ...fields, preferredUserIds: [userId.toUpperCase()] } })
        t.match(body.resolvedTarget, { preferredUserIds: [userId] })
        t.match(await waitForState(body.id, 'picked_up'), { agentUserId: userId })
        t.match(await findAuditEntry(system, body.id, 'routing_applied'), { detail: { verified: true, preferredUserIds: userId } })
      }
    })

  t.test(
    'when the first preferred agent is not a member of the queue, then the second one gets the call, and the audit trail names only members',
    async (t) => {
      const { conversationId } = control.addConversation({ in: 'ivr' })
      const { body } = await postTransfer({
        conversationId,
        target: { type: 'queue', queueId, preferredUserIds: [stranger, third, second] },
      })
      t.match(await waitForState(body.id, 'picked_up'), { agentUserId: third })
      t.match(await findAuditEntry(system, body.id, 'routing_applied'), { detail: { preferredUserIds: `${third} ${second}` } })
    },
  )

  t.test('when the preferred agent is busy, then another one gets the call', async (t) => {
    const busy = control.addAgent({ queueIds: [queueId], routingStatus: 'INTERACTING' }).id
    const { conversationId } = control.addConversation({ in: 'ivr' })
    const { body } = await postTransfer({ conversationId, target: { type: 'queue', queueId, preferredUserIds: [busy] } })
    t.not((await waitForState(body.id, 'picked_up')).agentUserId, busy)
  })

  t.test('when the mode is decide, then the response names the preferred agents for the flow', async (t) => {
    const { conversationId } = control.addConversation({ in: 'ivr' })
    const { body } = await postTransfer({ conversationId, mode: 'decide', target: { type: 'queue', queueId, preferredUserIds: [third] } })
    t.match(body, { state: 'decided', resolvedTarget: { preferredUserIds: [third] } })
  })
})
