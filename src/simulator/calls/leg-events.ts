import { randomUUID } from 'node:crypto'
import { callEventView } from '../views/call-event-view.ts'
import { detailEventView } from '../views/detail-event-view.ts'
import { deliverEvent } from '../notifications/event-delivery.ts'
import type { Conversation, Leg, LegMoment } from './legs.ts'
import { detailTopic, QUEUE_CALLS, USER_CALLS, type DetailMoment } from '../notifications/topics.ts'
import type { World } from '../world.ts'

/** Which detail event each moment of a leg is, by its purpose; moments that are not here have none. */
const DETAIL_EVENTS: Readonly<Record<string, DetailMoment>> = {
  'acd opened': 'acd.start',
  'acd ended': 'acd.end',
  'agent opened': 'user.start',
  'agent ended': 'user.end',
  'user opened': 'user.start',
  'user ended': 'user.end',
  'customer ended': 'customer.end',
}

/**
 * Tells every channel that listens of a change of a leg. A call touches every queue and user that has or had a leg in it
 * [INF: the platform goes on telling those who have left]; detail events are about this one leg.
 */
export function publishChange(world: World, leg: Leg, moment: LegMoment): void {
  if (!world.notifications.channels.listening) return
  const { conversation } = leg
  const detail = DETAIL_EVENTS[`${leg.purpose} ${moment}`]
  if (detail !== undefined) publish(world, detailTopic(detail), conversation.id, () => detailEventView(world, leg, detail))
  let view: unknown
  const call = () => (view ??= callEventView(world, conversation))
  for (const queueId of everyIn(conversation, 'queueId')) publish(world, QUEUE_CALLS, queueId, call)
  for (const userId of everyIn(conversation, 'userId')) publish(world, USER_CALLS, userId, call)
}

function everyIn({ legs }: Conversation, field: 'queueId' | 'userId'): Set<string> {
  return new Set(legs.map((leg) => leg[field]).filter((id) => id !== undefined))
}

function publish(world: World, template: string, id: string, body: () => unknown): void {
  const topicName = template.replace('{id}', () => id)
  let text: string | undefined
  for (const channel of world.notifications.channels.listeners(topicName)) {
    text ??= JSON.stringify({ topicName, version: '2', eventBody: body(), metadata: { CorrelationId: randomUUID() } })
    deliverEvent(world, channel, { template, topicName, text })
  }
}
