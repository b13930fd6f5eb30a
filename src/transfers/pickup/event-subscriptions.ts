/**
 * Subscribes to notification topics for watched transfers, so that most polls are not needed (docs/architecture.md#pickup). Topics belong to
 * queues and agents, and no topic reports a single conversation (docs/genesys-cloud.md rule 55): so transfers share them.
 */
import { parseConversationIfReadable, type Conversation } from '../../conversations/conversation.ts'
import { callByType, type ByTargetType } from '../../model/target.ts'
import { resolvedTargetOf, type TransferRecord } from '../../model/transfer.ts'

/** The part of the notification feed that subscriptions use. */
export interface Feed {
  /** @returns a function that ends the subscription */
  watch(topic: string, listener: { onEvent(eventBody: unknown): void; onSubscribed(): void; onUnsubscribed(): void }): () => void
}

/** Is called when something happens to a subscribed transfer. `id` is the id of the transfer. */
export interface EventHandler {
  /**
   * An event shows the conversation. It may be old, and it may come twice.
   * @returns false if the transfer is not watched yet: the event is kept for `takeEarlyEvent`
   */
  onEvent(id: string, conversation: Conversation): boolean
  /** Events arrive from now on. Earlier ones may have been missed. */
  onSubscribed(id: string): void
  /** No more events arrive until the next `onSubscribed`. */
  onUnsubscribed(id: string): void
}

export interface EventSubscriptions {
  /**
   * Subscribes to the topic of the transfer's current target, if it has one. Call this before the command is sent, otherwise the arrival of
   * the call is missed, and again whenever the current target has changed. The earlier topics stay subscribed, because a call that moves on
   * may be picked up at its earlier target after all.
   */
  subscribe(record: Pick<TransferRecord, 'id' | 'conversationId' | 'resolvedTarget'>): void
  unsubscribe(id: string): void
  /** Whether the topic of the current target is subscribed, so that events about this transfer should arrive. */
  isSubscribed(id: string): boolean
  /** Whether the topic of the current target is subscribed and has reported this transfer before, so that further events will arrive. */
  receivesEvents(id: string): boolean
  /** Removes and returns the last event that arrived before the transfer was watched; undefined if there is none. */
  takeEarlyEvent(id: string): Conversation | undefined
}

interface Topic {
  readonly name: string
  isSubscribed: boolean
  /** Ids of transfers by conversation id; most conversations have one transfer. */
  readonly transferIds: Map<string, Set<string>>
  unsubscribe: () => void
}
interface Subscription {
  readonly topic: Topic
  readonly conversationId: string
  hasReceivedEvent: boolean
  earlyEvent: Conversation | undefined
}

/** The topic that reports the calls of a target; undefined for a number, which is outside the platform, and for a callback. */
const topicByType: ByTargetType<string | undefined> = {
  agent: ({ userId }) => `v2.users.${userId}.conversations.calls`,
  queue: ({ queueId }) => `v2.routing.queues.${queueId}.conversations.calls`,
  skill: ({ queueId }) => `v2.routing.queues.${queueId}.conversations.calls`,
  number: () => undefined,
  callback: () => undefined,
}

/** @param feed undefined: nothing is subscribed, and everything is polled */
export function createEventSubscriptions(feed: Feed | undefined, handler: EventHandler): EventSubscriptions {
  const topics = new Map<string, Topic>()
  /** By transfer id: all subscriptions of the transfer, and the name of its current target's topic; undefined if that has none. */
  const subscriptions = new Map<string, { all: Subscription[]; current: string | undefined }>()
  const findSubscription = (id: string, topicName: string | undefined): Subscription | undefined =>
    subscriptions.get(id)?.all.find(({ topic }) => topic.name === topicName)
  const currentSubscription = (id: string): Subscription | undefined => findSubscription(id, subscriptions.get(id)?.current)

  function deliver(topic: Topic, eventBody: unknown): void {
    const conversation = parseConversationIfReadable(eventBody)
    if (!conversation) return
    for (const id of topic.transferIds.get(conversation.conversationId) ?? []) {
      const subscription = findSubscription(id, topic.name)
      if (!subscription) continue
      subscription.hasReceivedEvent = true
      subscription.earlyEvent = handler.onEvent(id, conversation) ? undefined : conversation
    }
  }

  function openTopic(name: string, source: Feed): Topic {
    const topic: Topic = { name, isSubscribed: false, transferIds: new Map(), unsubscribe: () => {} }
    topics.set(name, topic)
    const listTransferIds = (): string[] => [...topic.transferIds.values()].flatMap((ids) => [...ids])
    topic.unsubscribe = source.watch(name, {
      onEvent: (eventBody) => deliver(topic, eventBody),
      onSubscribed() {
        topic.isSubscribed = true
        for (const id of listTransferIds()) handler.onSubscribed(id)
      },
      onUnsubscribed() {
        topic.isSubscribed = false
        for (const id of listTransferIds()) handler.onUnsubscribed(id)
      },
    })
    return topic
  }

  /** Removes a transfer from a topic, and unsubscribes from the topic once no transfer needs it. */
  function removeFromTopic(topic: Topic, conversationId: string, id: string): void {
    const ids = topic.transferIds.get(conversationId)
    ids?.delete(id)
    if (ids?.size === 0) topic.transferIds.delete(conversationId)
    if (topic.transferIds.size > 0) return
    topics.delete(topic.name)
    topic.unsubscribe()
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
      topic.transferIds.set(conversationId, (topic.transferIds.get(conversationId) ?? new Set()).add(id))
    },
    unsubscribe(id) {
      const ended = subscriptions.get(id)?.all ?? []
      subscriptions.delete(id)
      for (const { topic, conversationId } of ended) removeFromTopic(topic, conversationId, id)
    },
    isSubscribed: (id) => currentSubscription(id)?.topic.isSubscribed === true,
    receivesEvents(id) {
      const subscription = currentSubscription(id)
      return subscription !== undefined && subscription.hasReceivedEvent && subscription.topic.isSubscribed
    },
    takeEarlyEvent(id) {
      const subscription = currentSubscription(id)
      const event = subscription?.earlyEvent
      if (subscription) subscription.earlyEvent = undefined
      return event
    },
  }
}
