/** Hears of transfers on the platform's notification channel, so that most looks at them are not needed (design §7, genesys-api §4). */
import { parseConversation, UnreadableConversation, type Conversation } from '../../conversations/conversation.ts'
import type { ResolvedTarget, TransferRecord } from '../../model/transfer.ts'

/** What listening needs of the notification feed. */
export interface Feed {
  watch(topic: string, listener: { heard(eventBody: unknown): void; covered(): void; uncovered(): void }): () => void
}

/** Told of transfers by id. */
export interface EventHandler {
  /** An event shows the call; it may be old, or come twice. False: too early, it is kept for the one who asks. */
  onEvent(id: string, picture: Conversation): boolean
  /** What happened until now may have been missed; from now on it is heard. */
  onSubscribed(id: string): void
  /** From now on nothing is heard. */
  onUnsubscribed(id: string): void
}

export interface EventSubscriptions {
  /** Hears of this transfer from now on, where there is a topic for its target: before the command, or its arrival is missed. */
  expect(record: Pick<TransferRecord, 'id' | 'conversationId' | 'resolvedTarget'>): void
  end(id: string): void
  /** Its topic is covered, and something was heard of it: what happens to it will be told. */
  hears(id: string): boolean
  /** What was heard of it before anybody watched it. */
  last(id: string): Conversation | undefined
}

interface Expected {
  topic: Topic
  conversationId: string
  heard: boolean
  last: Conversation | undefined
}
interface Topic {
  covered: boolean
  /** Transfers by conversation; most have one. */
  readonly expected: Map<string, Set<string>>
  stop: () => void
}

/** Where what happens at a target is told. A number is outside the platform. */
function topicOf({ type, queueId, userId }: Pick<ResolvedTarget, 'type' | 'queueId' | 'userId'>): string | undefined {
  if (type === 'number') return undefined
  return type === 'agent' ? `v2.users.${userId}.conversations.calls` : `v2.routing.queues.${queueId}.conversations.calls`
}

function pictureIn(eventBody: unknown): Conversation | undefined {
  try {
    return parseConversation(eventBody)
  } catch (error) {
    if (error instanceof UnreadableConversation) return undefined
    throw error
  }
}

export function createEventSubscriptions(feed: Feed | undefined, hearer: EventHandler): EventSubscriptions {
  const topics = new Map<string, Topic>()
  const transfers = new Map<string, Expected & { name: string }>()

  function topicNamed(name: string): Topic {
    const known = topics.get(name)
    if (known) return known
    const topic: Topic = { covered: false, expected: new Map(), stop: () => {} }
    topics.set(name, topic)
    const all = (): string[] => [...topic.expected.values()].flatMap((ids) => [...ids])
    topic.stop =
      feed?.watch(name, {
        heard(eventBody) {
          const picture = pictureIn(eventBody)
          for (const id of topic.expected.get(picture?.conversationId ?? '') ?? []) {
            const expected = transfers.get(id)
            if (!expected || !picture) continue
            expected.heard = true
            expected.last = hearer.onEvent(id, picture) ? undefined : picture
          }
        },
        covered() {
          topic.covered = true
          for (const id of all()) hearer.onSubscribed(id)
        },
        uncovered() {
          topic.covered = false
          for (const id of all()) hearer.onUnsubscribed(id)
        },
      }) ?? topic.stop
    return topic
  }

  return {
    expect({ id, conversationId, resolvedTarget }) {
      const name = resolvedTarget && topicOf(resolvedTarget)
      if (!feed || !name || transfers.has(id)) return
      const topic = topicNamed(name)
      transfers.set(id, { name, topic, conversationId, heard: false, last: undefined })
      topic.expected.set(conversationId, (topic.expected.get(conversationId) ?? new Set()).add(id))
    },
    end(id) {
      const expected = transfers.get(id)
      if (!expected) return
      transfers.delete(id)
      const { name, topic, conversationId } = expected
      const ids = topic.expected.get(conversationId)
      ids?.delete(id)
      if (ids?.size === 0) topic.expected.delete(conversationId)
      if (topic.expected.size > 0) return
      topics.delete(name)
      topic.stop()
    },
    hears(id) {
      const expected = transfers.get(id)
      return expected !== undefined && expected.heard && expected.topic.covered
    },
    last(id) {
      const expected = transfers.get(id)
      const last = expected?.last
      if (expected) expected.last = undefined
      return last
    },
  }
}
