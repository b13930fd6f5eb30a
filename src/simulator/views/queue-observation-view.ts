/** Which fields the platform returns for the calls that wait in a queue. */
import type { Leg } from '../model/conversation.ts'
import type { Queue } from '../model/directory.ts'
import { hasEnded } from '../model/leg.ts'
import { formatTime } from './conversation-view.ts'

/** The most observations that one metric lists. The platform truncates its lists, too; at what length is not documented. */
const maxObservations = 100

/** Whether the call is offered to an agent of the queue at this moment. Then it alerts and does not wait. */
const isOffered = ({ conversation, queueId }: Leg): boolean =>
  conversation.legs.some((leg) => leg.purpose === 'agent' && leg.queueId === queueId && leg.state !== 'connected' && !hasEnded(leg))

/** `ObservationValue` of the SDK. */
const createObservation = ({ conversation, startAt, callId, routing }: Leg): unknown => ({
  observationDate: formatTime(startAt),
  conversationId: conversation.id,
  sessionId: callId,
  routingPriority: routing?.priority ?? 0,
  requestedRoutingSkillIds: [...(routing?.skillIds ?? [])],
  direction: 'inbound',
  ani: conversation.ani,
  dnis: conversation.dnis,
})

/** `QueueObservationDataContainer` of the SDK, with the waiting calls themselves if `isDetailed`: the oldest half and the newest if there are too many. */
export function createQueueObservationView(queue: Queue, isDetailed: boolean): unknown {
  const waiting = [...queue.waiting.keys()].filter((leg) => !isOffered(leg)).toSorted((a, b) => a.startAt - b.startAt)
  const half = maxObservations / 2
  const truncated = waiting.length > maxObservations
  const listed = truncated ? [...waiting.slice(0, half), ...waiting.slice(-half)] : waiting
  return {
    group: { queueId: queue.id, mediaType: 'voice' },
    data: [
      {
        metric: 'oWaiting',
        stats: { count: waiting.length },
        ...(isDetailed && { truncated, observations: listed.map(createObservation) }),
      },
    ],
  }
}
