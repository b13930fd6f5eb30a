/** How an invalid topic name is found among valid ones. */
import t from 'tap'
import { GenesysError } from '../../../src/genesys/http/errors.ts'
import { addTopics } from '../../../src/genesys/notifications/add-topics.ts'
import { rejection } from '../support/connect.ts'

const invalidTopic = () =>
  new GenesysError({
    operation: 'addNotificationTopics',
    reason: 'rejected',
    effect: 'none',
    platformCode: 'notification.invalid.topic',
  })

t.test('given an invalid name among others, then only that name fails, and every topic has a result', async (t) => {
  const requests: string[] = []
  const addNotificationTopics = async (_: string, topics: readonly string[]) => {
    requests.push(topics.join(' '))
    if (topics.includes('bad')) throw invalidTopic()
    return topics.filter((topic) => topic !== 'ignored').map((topic) => ({ topic, isPermitted: true }))
  }
  const results = await addTopics({ addNotificationTopics }, 'channel-1', ['a', 'bad', 'b', 'ignored'], () => ({ deadline: Infinity }))
  t.strictSame(results, [
    { topic: 'a', isPermitted: true },
    { topic: 'bad', isPermitted: false, reason: 'no such topic' },
    { topic: 'b', isPermitted: true },
    { topic: 'ignored', isPermitted: false, reason: 'not answered' },
  ])
  t.strictSame(requests, ['a bad b ignored', 'a bad', 'a', 'bad', 'b ignored'])
})

t.test('given another failure, then it is thrown', async (t) => {
  const addNotificationTopics = async () => {
    throw new GenesysError({ operation: 'addNotificationTopics', reason: 'forbidden', effect: 'none' })
  }
  const result = addTopics({ addNotificationTopics }, 'channel-1', ['a', 'b'], () => ({ deadline: Infinity }))
  t.match(await rejection(result), { reason: 'forbidden' })
})

t.test('given no topics, then the platform is not called', async (t) => {
  const addNotificationTopics = async () => {
    throw new Error('the platform was called')
  }
  t.strictSame(await addTopics({ addNotificationTopics }, 'channel-1', [], () => ({ deadline: Infinity })), [])
})
