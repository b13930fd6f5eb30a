/** Which events a change of a leg causes, and which channels get them. */
import { randomUUID } from 'node:crypto'
import type { Conversation, Leg, LegChange } from '../model/conversation.ts'
import type { PlatformState } from '../model/platform-state.ts'
import { createCallEventView } from '../views/call-event-view.ts'
import { createDetailEventView, type DetailEventKind } from '../views/detail-event-view.ts'
import { deliverEvent } from './event-delivery.ts'
import type { NotificationService } from './notification-service.ts'
import { createDetailTopic, queueCallsTopic, userCallsTopic } from './topics.ts'

/** The detail event by the purpose of a leg and its change; other changes cause none. */
const detailEventKinds: Readonly<Record<string, DetailEventKind>> = {
  'acd opened': 'acd.start',
  'acd ended': 'acd.end',
  'agent opened': 'user.start',
  'agent ended': 'user.end',
  'user opened': 'user.start',
  'user ended': 'user.end',
  'customer ended': 'customer.end',
}

/**
 * Publishes a change of a leg to every subscribed channel. The call events go to the topics of every queue and user that has or had a leg
 * in the call; that those who have left still get events is an assumption. A detail event is about this leg only.
 */
export function publishLegChange(platform: PlatformState, notifications: NotificationService, leg: Leg, change: LegChange): void {
  if (!notifications.channels.hasSubscribers) return
  const { conversation } = leg
  const publish = (template: string, id: string, createBody: () => unknown) => {
    const topicName = template.replace('{id}', () => id)
    let text: string | undefined
    for (const channel of notifications.channels.findSubscribers(topicName)) {
      text ??= JSON.stringify({ topicName, version: '2', eventBody: createBody(), metadata: { CorrelationId: randomUUID() } })
      deliverEvent(platform, notifications, channel, { template, topicName, text })
    }
  }
  const kind = detailEventKinds[`${leg.purpose} ${change}`]
  if (kind !== undefined) publish(createDetailTopic(kind), conversation.id, () => createDetailEventView(platform, leg, kind))
  let callEvent: unknown
  const createCallEvent = () => (callEvent ??= createCallEventView(platform, conversation))
  for (const queueId of collectIds(conversation, 'queueId')) publish(queueCallsTopic, queueId, createCallEvent)
  for (const userId of collectIds(conversation, 'userId')) publish(userCallsTopic, userId, createCallEvent)
}

function collectIds({ legs }: Conversation, field: 'queueId' | 'userId'): Set<string> {
  return new Set(legs.map((leg) => leg[field]).filter((id) => id !== undefined))
}
