/** Which topics the simulated platform has, which permissions each requires, and which names match a pattern. */
import type { DetailEventKind } from '../views/detail-event-view.ts'

/** One kind of topic, as `GET /notifications/availabletopics` describes it. */
export interface TopicKind {
  /** The name with `{id}` in place of the id of the queue, user or conversation. */
  readonly template: string
  readonly description: string
  /** The client needs all of them. They are assumed, because the platform publishes them only at run time (docs/genesys-cloud.md rule 60). */
  readonly permissions: readonly string[]
  /** The REST resource whose changes the topic reports. */
  readonly resource?: string
}

/** The template of the topic with the calls of a queue. */
export const queueCallsTopic = 'v2.routing.queues.{id}.conversations.calls'
/** The template of the topic with the calls of a user. */
export const userCallsTopic = 'v2.users.{id}.conversations.calls'

/** The template of a detail event's topic. */
export function createDetailTopic(kind: DetailEventKind): string {
  return `v2.detail.events.conversation.{id}.${kind}`
}

const callResource = '/api/v2/conversations/calls/{conversationId}'
const callTopicProperties = { permissions: ['conversation:communication:view'], resource: callResource }
const detailTopicProperties = { permissions: ['analytics:conversationDetail:view'] }

/** All topics of the simulated platform; every other name is refused with `notification.invalid.topic`. */
export const topicKinds: readonly TopicKind[] = [
  { template: queueCallsTopic, description: 'Calls that are or were in a queue.', ...callTopicProperties },
  { template: userCallsTopic, description: 'Calls that a user takes or took part in.', ...callTopicProperties },
  { template: createDetailTopic('acd.start'), description: 'A conversation began to wait in a queue.', ...detailTopicProperties },
  { template: createDetailTopic('acd.end'), description: 'A conversation left a queue.', ...detailTopicProperties },
  { template: createDetailTopic('user.start'), description: 'A user was offered or joined a conversation.', ...detailTopicProperties },
  { template: createDetailTopic('user.end'), description: 'A user left a conversation, or an offer ended.', ...detailTopicProperties },
  { template: createDetailTopic('customer.end'), description: 'The customer left a conversation.', ...detailTopicProperties },
]

const patterns = topicKinds.map((kind) => ({ kind, pattern: compileWildcards(kind.template.replace('{id}', '*'), '[^.]+') }))

/** Compiles a text in which `*` stands for the regular expression `wildcard`, and everything else for itself. */
function compileWildcards(text: string, wildcard: string): RegExp {
  const literals = text.split('*').map((part) => part.replaceAll(/[\\^$.|?+()[\]{}]/g, String.raw`\$&`))
  return new RegExp(`^${literals.join(wildcard)}$`)
}

/** The kind of a full topic name, such as `v2.users.7.conversations.calls`; undefined for a name that is not valid. */
export function findTopicKind(name: string): TopicKind | undefined {
  return patterns.find(({ pattern }) => pattern.test(name))?.kind
}

/** Whether a name matches a pattern in which `*` stands for any characters. */
export function matchesPattern(name: string, pattern: string): boolean {
  return compileWildcards(pattern, '.*').test(name)
}
