/** What the platform receives for each request about notification channels, and how the client parses the responses. */
import t from 'tap'
import { connectToFakePlatform, dueIn, rejection } from '../support/connect.ts'
import { replyJson } from '../support/fake-platform.ts'

const channelId = 'streaming-3-abc'
const permittedTopic = 'v2.users.1.conversations.calls'
const rejectedTopic = 'v2.users.2.conversations.calls'
const topicListing = {
  entities: [
    { id: permittedTopic, state: 'Permitted' },
    { id: rejectedTopic, state: 'Rejected', rejectionReason: 'call +15551234567', missingPermissions: ['a:b:view', 7] },
    { state: 'Permitted' },
    null,
  ],
}
const connectUriAt = (url: string) => `${url.replace('http', 'ws')}/notifications/1`

t.test('given a channel at the address of the platform, then it is returned', async (t) => {
  const { genesys, platform } = await connectToFakePlatform(t)
  const connectUri = connectUriAt(platform.url)
  platform.replyWith(replyJson(200, { id: channelId, connectUri, expires: '2026-01-01T00:00:00Z' }))
  t.strictSame(await genesys.openNotificationChannel(dueIn(20_000)), { id: channelId, connectUri })
  t.match(platform.requests, [{ method: 'POST', url: '/api/v2/notifications/channels', body: '' }])
})

t.test('given a channel at another address, or no channel, then the response is malformed', async (t) => {
  const { genesys, platform } = await connectToFakePlatform(t)
  const connectUri = connectUriAt(platform.url)
  const bodies = [
    {},
    { id: channelId },
    { id: '', connectUri },
    { id: 7, connectUri },
    { id: channelId, connectUri: 'wss://evil.example/' },
  ]
  for (const body of bodies) {
    platform.replyWith(replyJson(200, body))
    t.match(await rejection(genesys.openNotificationChannel(dueIn(20_000))), { reason: 'malformed', operation: 'openNotificationChannel' })
  }
})

t.test('given topics, then they are added so that rejected ones do not affect the others, and each has a result', async (t) => {
  const { genesys, platform } = await connectToFakePlatform(t)
  platform.replyWith(replyJson(200, topicListing))
  const results = await genesys.addNotificationTopics(channelId, [permittedTopic, rejectedTopic], dueIn(20_000))
  t.strictSame(results, [
    { topic: permittedTopic, isPermitted: true },
    { topic: rejectedTopic, isPermitted: false, reason: 'call ***', missingPermissions: ['a:b:view'] },
  ])
  t.match(platform.requests, [{ method: 'POST', url: `/api/v2/notifications/channels/${channelId}/subscriptions?ignoreErrors=true` }])
  t.strictSame(JSON.parse(platform.requests[0]?.body ?? ''), [{ id: permittedTopic }, { id: rejectedTopic }])
  t.equal(platform.requests[0]?.headers['content-type'], 'application/json')
})

t.test('given a channel id that would change the path, then nothing is sent', async (t) => {
  const { genesys, platform } = await connectToFakePlatform(t)
  for (const id of ['..', '.', '', '%2e%2e'])
    t.match(await rejection(genesys.addNotificationTopics(id, [], dueIn(20_000))), { reason: 'rejected' })
  t.strictSame(platform.requests, [])
})

t.test('given a response that is no list, or a refusal, then the error says which', async (t) => {
  const { genesys, platform } = await connectToFakePlatform(t)
  platform.replyWith(replyJson(200, { entities: 'none' }))
  t.match(await rejection(genesys.addNotificationTopics(channelId, [], dueIn(20_000))), { reason: 'malformed' })
  platform.replyWith(replyJson(404, { code: 'not.found' }))
  t.match(await rejection(genesys.addNotificationTopics(channelId, [], dueIn(20_000))), { reason: 'not_found', effect: 'none' })
})
