import t from 'tap'
import { stage } from '../stage.ts'

t.test(
  'given a waiting call, when its routing is patched, then 200 says what it asks for now, the acd participant shows it, and offers obey',
  async (t) => {
    const at = await stage(t, { clock: 'manual' })
    at.scene.addSkill({ id: 'billing', name: 'Billing' })
    at.scene.addQueue({ id: 'support' })
    const { conversationId } = at.scene.addConversation({ in: { queueId: 'support' } })
    const patch = (body: unknown) => at.ask('PATCH', `/routing/conversations/${conversationId}`, body)

    const heard = await patch({ priority: 10, skillIds: ['billing'], languageId: 'de' })
    t.equal(heard.status, 200)
    t.match(heard.body, { priority: 10, skills: [{ id: 'billing', name: 'Billing', state: 'active' }], language: { id: 'de' } })
    t.match(await at.legs(conversationId, 'acd'), [
      { conversationRoutingData: { priority: 10, skills: [{ id: 'billing' }], language: { id: 'de' } } },
    ])

    at.scene.addAgent({ id: 'unskilled', queueIds: ['support'] })
    at.scene.advance(1_000)
    t.strictSame(await at.legs(conversationId, 'agent'), [])

    t.match((await patch({ priority: 11 })).body, { priority: 11, skills: [{ id: 'billing' }] }, 'what is not given stays')
    t.match((await patch({ skillIds: [], languageId: '' })).body, { priority: 11, skills: [] }, 'empty clears')
    t.match(await at.legs(conversationId, 'agent'), [{ userId: 'unskilled' }], 'and the call is offered at once')
  },
)

t.test('given a call that is not in a queue, when its routing is patched, then it is refused', async (t) => {
  const at = await stage(t, { clock: 'manual' })
  at.scene.addQueue({ id: 'support' })
  const { conversationId } = at.scene.addConversation({ in: 'ivr' })
  const patch = () => at.ask('PATCH', `/routing/conversations/${conversationId}`, { priority: 1 })
  t.match(await patch(), { status: 400, body: { code: 'bad.request' } })
  const [ivr] = await at.legs(conversationId, 'ivr')
  await at.ask('POST', `/conversations/${conversationId}/participants/${ivr.id}/replace/queue`, { queueId: 'support' })
  t.equal((await patch()).status, 400, 'accepted is not yet in the queue')
  at.scene.advance(50)
  t.equal((await patch()).status, 200)
  t.match(await at.ask('PATCH', '/routing/conversations/nobody', { priority: 1 }), { status: 404, body: { code: 'not.found' } })
})

t.test('given wishes that cannot be, then 400 and the call asks for what it asked before', async (t) => {
  const at = await stage(t, { clock: 'manual' })
  at.scene.addQueue({ id: 'support' })
  const { conversationId } = at.scene.addConversation({ in: { queueId: 'support' } })
  const before = await at.legs(conversationId, 'acd')
  for (const wishes of [
    { priority: 1.5 },
    { priority: 25_000_001 },
    { priority: '3' },
    { skillIds: 'billing' },
    { skillIds: ['unknown'] },
    { languageId: 4 },
    [],
  ]) {
    t.match(
      await at.ask('PATCH', `/routing/conversations/${conversationId}`, wishes),
      { status: 400, body: { code: /^(bad\.request|invalid\.value)$/ } },
      JSON.stringify(wishes),
    )
  }
  t.strictSame(await at.legs(conversationId, 'acd'), before)
})

t.test('given attributes on a participant, when more are patched, then they merge, and the caller’s outlive every hop', async (t) => {
  const at = await stage(t, { clock: 'manual' })
  at.scene.addQueue({ id: 'support' })
  const { conversationId } = at.scene.addConversation({ in: 'ivr' })
  const [customer] = await at.legs(conversationId, 'customer')
  const patch = (attributes: unknown) =>
    at.ask('PATCH', `/conversations/${conversationId}/participants/${customer.id}/attributes`, { attributes })
  t.match(await patch({ depth: '1', path: 'a' }), { status: 202, text: '' })
  t.equal((await patch({ depth: '2' })).status, 202)
  t.match(await patch({ depth: null }), { status: 400, body: { code: 'conversation.error.participant.attribute.null' } })
  t.match(await patch({ path: 'b', depth: 3 }), { status: 400, body: { code: 'bad.request' } })
  at.scene.transferByFlow(conversationId, { queueId: 'support' })
  at.scene.advance(1_000)
  t.strictSame((await at.legs(conversationId, 'customer'))[0].attributes, { depth: '2', path: 'a' })
  t.strictSame((await at.legs(conversationId, 'acd'))[0].attributes, {}, 'another participant has its own')
  t.equal((await at.ask('PATCH', `/conversations/${conversationId}/participants/nobody/attributes`, { attributes: {} })).status, 404)
})
