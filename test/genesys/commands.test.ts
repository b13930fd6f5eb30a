/** What the platform receives for each command, and what the client returns. */
import t from 'tap'
import { connectToFakePlatform, dueIn } from './support/connect.ts'
import { replyJson, replyText } from './support/fake-platform.ts'

const conversationId = '0e1f0e5c-0000-4000-8000-00000000000c'
const participantId = '0e1f0e5c-0000-4000-8000-00000000000a'

t.test('given a command, then the platform receives the documented request', async (t) => {
  const { genesys, platform } = await connectToFakePlatform(t)
  platform.replyWith(replyText(202, '', { 'inin-correlation-id': 'corr-0a1b2c3d' }))
  const participant = `/api/v2/conversations/${conversationId}/participants/${participantId}`
  const rows: Array<[send: () => Promise<unknown>, method: string, url: string, body: object]> = [
    [
      () => genesys.replaceWithQueue(conversationId, participantId, 'q1', dueIn(20_000)),
      'POST',
      `${participant}/replace/queue`,
      { transferType: 'Unattended', queueId: 'q1' },
    ],
    [
      () => genesys.replaceWithAgent(conversationId, participantId, 'u1', dueIn(20_000)),
      'POST',
      `${participant}/replace/agent`,
      { transferType: 'Unattended', userId: 'u1' },
    ],
    [
      () => genesys.transferToNumber(conversationId, participantId, '+15551234567', dueIn(20_000)),
      'POST',
      `${participant}/transfer`,
      { transferType: 'Unattended', address: '+15551234567' },
    ],
    [
      () => genesys.setAttributes(conversationId, participantId, { transferDepth: '1' }, dueIn(20_000)),
      'PATCH',
      `${participant}/attributes`,
      { attributes: { transferDepth: '1' } },
    ],
  ]
  for (const [send, method, url, body] of rows) {
    platform.requests.length = 0
    const result = await send()
    t.match(platform.requests, [{ method, url }])
    t.same(JSON.parse(platform.requests[0]!.body), body)
    t.equal(platform.requests[0]!.headers['content-type'], 'application/json')
    t.same(result, method === 'POST' ? { correlationId: 'corr-0a1b2c3d' } : undefined)
  }
})

t.test(
  'given skills, priority and a language, then the routing of the conversation is set, and the routing that the platform reports is returned',
  async (t) => {
    const { genesys, platform } = await connectToFakePlatform(t)
    platform.replyWith(replyJson(200, { priority: 7, skills: [{ id: 's1', name: 'Billing' }], language: { id: 'l1' } }))
    t.same(await genesys.setRouting(conversationId, { skillIds: ['s1'], priority: 7, languageId: 'l1' }, dueIn(20_000)), {
      skillIds: ['s1'],
      priority: 7,
      languageId: 'l1',
    })
    t.match(platform.requests, [{ method: 'PATCH', url: `/api/v2/routing/conversations/${conversationId}` }])
    t.same(JSON.parse(platform.requests[0]!.body), { skillIds: ['s1'], priority: 7, languageId: 'l1' })
    platform.replyWith(replyJson(200, { priority: 0 }))
    t.same(await genesys.setRouting(conversationId, { skillIds: [], priority: 0 }, dueIn(20_000)), { skillIds: [], priority: 0 })
    t.same(JSON.parse(platform.requests[1]!.body), { skillIds: [], priority: 0 })
  },
)

t.test('given preferred agents, then the first one gets the highest score, and those that the platform kept are returned', async (t) => {
  const { genesys, platform } = await connectToFakePlatform(t)
  const kept = [
    { agent: { id: 'u2', name: 'Bo' }, score: 99 },
    { agent: { id: 'u1', name: 'Alex' }, score: 100 },
  ]
  platform.replyWith(replyJson(200, { priority: 0, skills: [], scoredAgents: kept }))
  const preferredUserIds = ['u1', 'u2', 'u3']
  t.same(await genesys.setRouting(conversationId, { skillIds: [], priority: 0, preferredUserIds }, dueIn(20_000)), {
    skillIds: [],
    priority: 0,
    preferredUserIds: ['u1', 'u2'],
  })
  t.same(JSON.parse(platform.requests[0]!.body), {
    skillIds: [],
    priority: 0,
    requestScoredAgents: [
      { id: 'u1', score: 100 },
      { id: 'u2', score: 99 },
      { id: 'u3', score: 98 },
    ],
  })
})

t.test('given many commands at once, then each gets the correlation id of its own response', async (t) => {
  const { genesys, platform } = await connectToFakePlatform(t)
  platform.replyWith(
    (response, { url }) => void setImmediate(() => response.writeHead(202, { 'inin-correlation-id': `corr-${url.split('/')[4]}` }).end()),
  )
  const ids = Array.from({ length: 30 }, (_, index) => `conversation${index}`)
  const receipts = await Promise.all(ids.map((id) => genesys.replaceWithQueue(id, participantId, 'q1', dueIn(20_000))))
  t.same(
    receipts.map(({ correlationId }) => correlationId),
    ids.map((id) => `corr-${id}`),
  )
})
