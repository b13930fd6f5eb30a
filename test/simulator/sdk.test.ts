import platformClient from 'purecloud-platform-client-v2'
import t from 'tap'
import { stage } from './stage.ts'

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
    t.strictSame(
      Object.keys(at.scene.calls().counts).filter((name) => name.endsWith('(unknown)')),
      [],
    )
  },
)
