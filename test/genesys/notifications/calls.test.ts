import t from 'tap'
import { connected, failure, inMs, json } from '../platform.ts'

const CHANNEL = 'streaming-3-abc'
const verdicts = {
  entities: [
    { id: 'v2.users.1.conversations.calls', state: 'Permitted' },
    { id: 'v2.users.2.conversations.calls', state: 'Rejected', rejectionReason: 'call +15551234567', missingPermissions: ['a:b:view', 7] },
    { state: 'Permitted' },
    null,
  ],
}

t.test('given a channel that is opened at the platform’s own address, then it is told as it is', async (t) => {
  const { genesys, at } = await connected(t)
  const connectUri = `${at.url.replace('http', 'ws')}/notifications/1`
  at.answers(json(200, { id: CHANNEL, connectUri, expires: '2026-01-01T00:00:00Z' }))
  t.strictSame(await genesys.openNotificationChannel(inMs(3000)), { id: CHANNEL, connectUri })
  t.match(at.calls, [{ method: 'POST', url: '/api/v2/notifications/channels', body: '' }])
})

t.test('given a channel that leads elsewhere, or none at all, then it is a malformed answer', async (t) => {
  const { genesys, at } = await connected(t)
  const connectUri = `${at.url.replace('http', 'ws')}/notifications/1`
  const bad = [{}, { id: CHANNEL }, { id: '', connectUri }, { id: 7, connectUri }, { id: CHANNEL, connectUri: 'wss://evil.example/' }]
  for (const body of bad) {
    at.answers(json(200, body))
    t.match(await failure(genesys.openNotificationChannel(inMs(3000))), { reason: 'malformed', operation: 'openNotificationChannel' })
  }
})

t.test('given topics, then they are added so that refused ones do not keep the others out, and each is answered', async (t) => {
  const { genesys, at } = await connected(t)
  at.answers(json(200, verdicts))
  const heard = await genesys.addNotificationTopics(
    CHANNEL,
    ['v2.users.1.conversations.calls', 'v2.users.2.conversations.calls'],
    inMs(3000),
  )
  t.strictSame(heard, [
    { topic: 'v2.users.1.conversations.calls', permitted: true },
    { topic: 'v2.users.2.conversations.calls', permitted: false, reason: 'call ***', missingPermissions: ['a:b:view'] },
  ])
  t.match(at.calls, [{ method: 'POST', url: `/api/v2/notifications/channels/${CHANNEL}/subscriptions?ignoreErrors=true` }])
  t.strictSame(JSON.parse(at.calls[0]?.body ?? ''), [{ id: 'v2.users.1.conversations.calls' }, { id: 'v2.users.2.conversations.calls' }])
  t.equal(at.calls[0]?.headers['content-type'], 'application/json')
})

t.test('given a channel id that would climb up the path, then nothing is sent', async (t) => {
  const { genesys, at } = await connected(t)
  for (const id of ['..', '.', '', '%2e%2e'])
    t.match(await failure(genesys.addNotificationTopics(id, [], inMs(3000))), { reason: 'rejected' })
  t.strictSame(at.calls, [])
})

t.test('given an answer that is none, or a refusal, then it is told which', async (t) => {
  const { genesys, at } = await connected(t)
  at.answers(json(200, { entities: 'none' }))
  t.match(await failure(genesys.addNotificationTopics(CHANNEL, [], inMs(3000))), { reason: 'malformed' })
  at.answers(json(404, { code: 'not.found' }))
  t.match(await failure(genesys.addNotificationTopics(CHANNEL, [], inMs(3000))), { reason: 'not_found', effect: 'none' })
})
