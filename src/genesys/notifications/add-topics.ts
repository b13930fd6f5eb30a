/** How topics are added to a channel although the platform may not know some of their names. */
import type { CallOptions } from '../http/call-options.ts'
import { GenesysError } from '../http/errors.ts'
import type { NotificationCalls, TopicResult } from './calls.ts'

/** Whether the platform refused a whole request because one of its names is not a topic (docs/genesys-cloud.md rule 57). */
const isInvalidTopic = (error: unknown): boolean => error instanceof GenesysError && error.platformCode === 'notification.invalid.topic'

/**
 * Adds `topics` to a channel. If the platform refuses the request because of an invalid name, each half of the topics is added in the
 * same way, so that in the end only that name fails. The result has an entry for every topic.
 * @param createOptions called for each request, because each gets its own deadline
 * @throws GenesysError for any other failure
 */
export async function addTopics(
  calls: Pick<NotificationCalls, 'addNotificationTopics'>,
  channelId: string,
  topics: readonly string[],
  createOptions: () => CallOptions,
): Promise<TopicResult[]> {
  const [first] = topics
  if (first === undefined) return []
  try {
    const results = await calls.addNotificationTopics(channelId, topics, createOptions())
    const answered = new Set(results.map(({ topic }) => topic))
    const unanswered = topics.filter((topic) => !answered.has(topic))
    return [...results, ...unanswered.map((topic) => ({ topic, isPermitted: false, reason: 'not answered' }))]
  } catch (error) {
    if (!isInvalidTopic(error)) throw error
    if (topics.length === 1) return [{ topic: first, isPermitted: false, reason: 'no such topic' }]
    const middle = Math.ceil(topics.length / 2)
    const results = await addTopics(calls, channelId, topics.slice(0, middle), createOptions)
    return [...results, ...(await addTopics(calls, channelId, topics.slice(middle), createOptions))]
  }
}
