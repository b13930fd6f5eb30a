/** The official SDK works with the simulator as with the platform. */
import platformClient from 'purecloud-platform-client-v2'
import t from 'tap'
import { openEventSocket } from '../notifications/socket-client.ts'
import { startPlatform } from '../test-platform.ts'

t.test(
  'given the official SDK with the simulator as its gateway, then login, reads, transfers, refusals and notifications work as with the platform',
  async (t) => {
    const platform = await startPlatform(t, { clock: 'manual' })
    platform.control.addSkill({ id: 'billing' })
    platform.control.addSkill({ id: 'other' })
    platform.control.addQueue({ id: 'support' })
    platform.control.addAgent({ id: 'alex', queueIds: ['support'], skillIds: ['billing'] })
    const { conversationId } = platform.control.addConversation({ in: 'ivr' })

    const client = platformClient.ApiClient as any
    client.config.setConfigPath('')
    const { hostname, port } = new URL(platform.url)
    client.setGateway({ protocol: 'http', host: hostname, port: Number(port), path_params_login: '', path_params_api: '' })
    await client.loginClientCredentialsGrant('handoff-demo', 'handoff-demo-secret')

    const conversations = new platformClient.ConversationsApi()
    const routing = new platformClient.RoutingApi()
    const { participants } = await conversations.getConversation(conversationId)
    const ivr = participants.find(({ purpose }) => purpose === 'ivr')
    t.match(await routing.getRoutingSkills({ id: ['billing', 'other'] }), { total: 2 })
    t.match(
      await routing.getRoutingQueueMembers('support', {
        joined: true,
        routingStatus: ['IDLE'],
        expand: ['skills', 'routingStatus', 'presence'],
        pageSize: 100,
      }),
      {
        entities: [{ user: { skills: [{ id: 'billing' }], routingStatus: { status: 'IDLE' } } }],
      },
    )
    await conversations.patchConversationParticipantAttributes(conversationId, ivr?.id ?? '', { attributes: { a: 'b' } })
    await conversations.postConversationParticipantReplaceQueue(conversationId, ivr?.id ?? '', {
      queueId: 'support',
      transferType: 'Unattended',
    })
    platform.control.advance(50)
    t.match(await routing.patchRoutingConversation(conversationId, { skillIds: ['billing'], priority: 3 }), {
      priority: 3,
      skills: [{ id: 'billing' }],
    })
    await t.rejects(conversations.postConversationParticipantReplaceQueue(conversationId, ivr?.id ?? '', { queueId: 'support' }), {
      code: 'conversations.error.transfer.not.connected',
    })
    await conversations.postConversationDisconnect(conversationId)

    const notifications = new platformClient.NotificationsApi()
    const { id = '', connectUri = '' } = await notifications.postNotificationsChannels()
    const topics = [{ id: 'v2.detail.events.conversation.c1.customer.end' }, { id: 'v2.users.alex.conversations.calls' }]
    platform.control.notifications.forbidTopics({ pattern: 'v2.users.*' })
    t.match(await notifications.putNotificationsChannelSubscriptions(id, topics, { ignoreErrors: true }), {
      entities: [{ state: 'Permitted' }, { state: 'Rejected' }],
    })
    await t.rejects(notifications.postNotificationsChannelSubscriptions(id, topics), { code: 'missing.permissions', status: 403 })
    t.match(await notifications.getNotificationsAvailabletopics({ expand: ['requiresPermissions'] }), { entities: Array })
    const socket = await openEventSocket(t, connectUri)
    platform.control.addConversation({ id: 'c1', in: 'ivr', callerHangsUpAfter: 1 })
    platform.control.advance(1)
    await socket.waitForPending()
    t.match(socket.messages, [{ topicName: topics[0]?.id }, {}])
    await notifications.deleteNotificationsChannelSubscriptions(id)
    t.match(await notifications.getNotificationsChannelSubscriptions(id), { entities: [] })
    t.strictSame(
      Object.keys(platform.control.requests().counts).filter((name) => name.endsWith('(unknown)')),
      [],
    )
  },
)
