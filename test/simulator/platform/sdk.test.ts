import platformClient from 'purecloud-platform-client-v2'
import t from 'tap'
import { listen } from '../notifications/socket-client.ts'
import { stage } from '../stage.ts'

t.test(
  'given the official SDK with its gateway set to the stand-in, then it logs in, reads, moves and is refused as by the platform',
  async (t) => {
    const at = await stage(t, { clock: 'manual' })
    at.scene.addSkill({ id: 'billing' })
    at.scene.addSkill({ id: 'other' })
    at.scene.addQueue({ id: 'support' })
    at.scene.addAgent({ id: 'alex', queueIds: ['support'], skillIds: ['billing'] })
    const { conversationId } = at.scene.addConversation({ in: 'ivr' })

    const client = platformClient.ApiClient as any
    client.config.setConfigPath('')
    const { hostname, port } = new URL(at.url)
    client.setGateway({ protocol: 'http', host: hostname, port: Number(port), path_params_login: '', path_params_api: '' })
    await client.loginClientCredentialsGrant('handoff-demo', 'handoff-demo-secret')

    const conversations = new platformClient.ConversationsApi()
    const routing = new platformClient.RoutingApi()
    const { participants } = await conversations.getConversation(conversationId)
    const ivr = participants.find(({ purpose }) => purpose === 'ivr')
    t.match(await routing.getRoutingSkills({ id: ['billing', 'other'] } as any), { total: 2 })
    t.match(
      await routing.getRoutingQueueMembers('support', {
        joined: true,
        routingStatus: ['IDLE'],
        expand: ['skills', 'routingStatus', 'presence'],
        pageSize: 100,
      } as any),
      {
        entities: [{ user: { skills: [{ id: 'billing' }], routingStatus: { status: 'IDLE' } } }],
      },
    )
    await conversations.patchConversationParticipantAttributes(conversationId, ivr?.id ?? '', { attributes: { a: 'b' } })
    await conversations.postConversationParticipantReplaceQueue(conversationId, ivr?.id ?? '', {
      queueId: 'support',
      transferType: 'Unattended',
    })
    at.scene.advance(50)
    t.match(await routing.patchRoutingConversation(conversationId, { skillIds: ['billing'], priority: 3 }), {
      priority: 3,
      skills: [{ id: 'billing' }],
    })
    await t.rejects(conversations.postConversationParticipantReplaceQueue(conversationId, ivr?.id ?? '', { queueId: 'support' }), {
      code: 'conversations.error.transfer.not.connected',
    } as never)
    await conversations.postConversationDisconnect(conversationId)

    const notifications = new platformClient.NotificationsApi()
    const { id = '', connectUri = '' } = await notifications.postNotificationsChannels()
    const topics = [{ id: 'v2.detail.events.conversation.c1.customer.end' }, { id: 'v2.users.alex.conversations.calls' }]
    at.scene.notifications.forbidTopics({ pattern: 'v2.users.*' })
    t.match(await notifications.putNotificationsChannelSubscriptions(id, topics, { ignoreErrors: true }), {
      entities: [{ state: 'Permitted' }, { state: 'Rejected' }],
    })
    await t.rejects(notifications.postNotificationsChannelSubscriptions(id, topics), { code: 'missing.permissions', status: 403 } as never)
    t.match(await notifications.getNotificationsAvailabletopics({ expand: ['requiresPermissions'] }), { entities: Array })
    const ear = await listen(t, connectUri)
    at.scene.addConversation({ id: 'c1', in: 'ivr', callerHangsUpAfter: 1 })
    at.scene.advance(1)
    await ear.caughtUp()
    t.match(ear.messages, [{ topicName: topics[0]?.id }, {}])
    await notifications.deleteNotificationsChannelSubscriptions(id)
    t.match(await notifications.getNotificationsChannelSubscriptions(id), { entities: [] })
    t.strictSame(
      Object.keys(at.scene.calls().counts).filter((name) => name.endsWith('(unknown)')),
      [],
    )
  },
)
