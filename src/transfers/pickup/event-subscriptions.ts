/**
 * Which notification topics are subscribed for watched transfers, so that most polls are not needed (docs/architecture.md#pickup).
 * Topics belong to queues and agents: none reports a single conversation (docs/genesys-cloud.md rule 55).
 */
import { parseConversation, type Conversation } from '../../conversations/conversation.ts'
import { UnreadableJson } from '../../model/json-fields.ts'
import { callByType, type ByTargetType } from '../../model/target.ts'
import { resolvedTargetOf, type TransferRecord } from '../../model/transfer.ts'

/** The part of the notification feed that subscriptions use. */
export interface Feed {
  /** @returns a function that ends the subscription */
  watch(topic: string, listener: { onEvent(eventBody: unknown): void; onSubscribed(): void; onUnsubscribed(): void }): () => void
}

/** Receives what happens to subscribed transfers. `id` is a transfer's. */
export interface EventHandler {
  /**
   * An event shows the conversation. It may be old, and it may come twice.
   * @returns false if the transfer is not watched yet: the event is kept for `takeEarlyEvent`
   */
  onEvent(id: string, conversation: Conversation): boolean
  /** Events arrive from now on. Those until now may have been missed. */
  onSubscribed(id: string): void
  /** No events arrive from now on. */
  onUnsubscribed(id: string): void
}

export interface EventSubscriptions {
  /**
   * Subscribes to the topic of the transfer's target, if it has one. Called before the command is sent, otherwise the arrival of the
   * call would be missed. A transfer whose call moves on keeps its earlier topics, because it may be picked up there after all; this is
   * called again if it does stay there.
   */
  subscribe(record: Pick<TransferRecord, 'id' | 'conversationId' | 'resolvedTarget'>): void
  unsubscribe(id: string): void
  /** Whether the topic of the current target is subscribed: then events about this transfer will arrive. */
  isSubscribed(id: string): boolean
  /** Whether that topic is subscribed and an event of it about this transfer has arrived: then further changes will arrive too. */
  receivesEvents(id: string): boolean
  /** The last event that arrived before the transfer was watched. A second call returns undefined. */
  takeEarlyEvent(id: string): Conversation | undefined
}

interface Topic {
  readonly name: string
  isSubscribed: boolean
  /** Ids of transfers by conversation; most conversations have one. */
  readonly transfers: Map<string, Set<string>>
  end: () => void
}
interface Subscription {
  readonly topic: Topic
  readonly conversationId: string
  hasReceivedEvent: boolean
  earlyEvent: Conversation | undefined
}

/** The topic that reports the calls of a target. A number is outside the platform and has none. */
const topicByType: ByTargetType<string | undefined> = {
  agent: ({ userId }) => `v2.users.${userId}.conversations.calls`,
  queue: ({ queueId }) => `v2.routing.queues.${queueId}.conversations.calls`,
  skill: ({ queueId }) => `v2.routing.queues.${queueId}.conversations.calls`,
  number: () => undefined,
  callback: () => undefined,
}

function parseEvent(eventBody: unknown): Conversation | undefined {
  try {
    return parseConversation(eventBody)
  } catch (error) {
    if (error instanceof UnreadableJson) return undefined
    throw error
  }
}

/** @param feed undefined: nothing is subscribed, and everything is polled */
export function createEventSubscriptions(feed: Feed | undefined, handler: EventHandler): EventSubscriptions {
  const topics = new Map<string, Topic>()
  /** The subscriptions of each transfer, and the name of the topic on which its call is heard now; undefined: none. */
  const subscriptions = new Map<string, { all: Subscription[]; current: string | undefined }>()
  const findSubscription = (id: string, name: string | undefined): Subscription | undefined =>
    subscriptions.get(id)?.all.find(({ topic }) => topic.name === name)
  const currentOf = (id: string): Subscription | undefined => findSubscription(id, subscriptions.get(id)?.current)

  function deliver(topic: Topic, eventBody: unknown): void {
    const conversation = parseEvent(eventBody)
    if (!conversation) return
    for (const id of topic.transfers.get(conversation.conversationId) ?? []) {
      const subscription = findSubscription(id, topic.name)
      if (!subscription) continue
      subscription.hasReceivedEvent = true
      subscription.earlyEvent = handler.onEvent(id, conversation) ? undefined : conversation
    }
  }

  function openTopic(name: string, source: Feed): Topic {
    const topic: Topic = { name, isSubscribed: false, transfers: new Map(), end: () => {} }
    topics.set(name, topic)
    const transferIds = (): string[] => [...topic.transfers.values()].flatMap((ids) => [...ids])
    topic.end = source.watch(name, {
      onEvent: (eventBody) => deliver(topic, eventBody),
      onSubscribed() {
        topic.isSubscribed = true
        for (const id of transferIds()) handler.onSubscribed(id)
      },
      onUnsubscribed() {
        topic.isSubscribed = false
        for (const id of transferIds()) handler.onUnsubscribed(id)
      },
    })
    return topic
  }

  /** Ends the topic once no transfer needs it. */
  function leave(topic: Topic, conversationId: string, id: string): void {
    const ids = topic.transfers.get(conversationId)
    ids?.delete(id)
    if (ids?.size === 0) topic.transfers.delete(conversationId)
    if (topic.transfers.size > 0) return
    topics.delete(topic.name)
    topic.end()
  }

  return {
    subscribe(record) {
      const { id, conversationId } = record
      const name = record.resolvedTarget ? callByType(topicByType, resolvedTargetOf(record)) : undefined
      const earlier = subscriptions.get(id)
      if (earlier) earlier.current = name
      if (!feed || !name || findSubscription(id, name)) return
      const topic = topics.get(name) ?? openTopic(name, feed)
      const subscription = { topic, conversationId, hasReceivedEvent: false, earlyEvent: undefined }
      subscriptions.set(id, { all: [...(earlier?.all ?? []), subscription], current: name })
      topic.transfers.set(conversationId, (topic.transfers.get(conversationId) ?? new Set()).add(id))
    },
    unsubscribe(id) {
      const ended = subscriptions.get(id)?.all ?? []
      subscriptions.delete(id)
      for (const { topic, conversationId } of ended) leave(topic, conversationId, id)
    },
    isSubscribed: (id) => currentOf(id)?.topic.isSubscribed === true,
    receivesEvents(id) {
      const subscription = currentOf(id)
      return subscription !== undefined && subscription.hasReceivedEvent && subscription.topic.isSubscribed
    },
    takeEarlyEvent(id) {
      const subscription = currentOf(id)
      const event = subscription?.earlyEvent
      if (subscription) subscription.earlyEvent = undefined
      return event
    },
  }
}
