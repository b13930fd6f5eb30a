/**
 * A real inbound call (docs/genesys-cloud.md rule 18) in each of the platform's models: IVR, queue, two declined offers, a pickup, and the
 * hang-up of the caller. Times, order, disconnect types and the fields of each participant are as recorded; ids, numbers and names are invented.
 */
const isoAt = (secondsAfter1314: string) => `2022-05-17T13:14:${secondsAfter1314}Z`

export const queueId = 'b0000000-0000-4000-8000-00000000000b'
export const agentId = 'a0000000-0000-4000-8000-00000000000a'
const flowId = 'f0000000-0000-4000-8000-00000000000f'
const callerLegId = 'c0000000-0000-4000-8000-000000000001'

type Json = Record<string, unknown>
export interface RecordedLeg extends Json {
  id: string
  state: string
  connectedTime?: string
  disconnectedTime?: string
  disconnectType?: string
  peerId?: string
}
export interface RecordedParticipant extends Json {
  id: string
  purpose: string
  startTime: string
  connectedTime?: string
  endTime?: string
  calls: RecordedLeg[]
}
export interface RecordedCall extends Json {
  id: string
  startTime: string
  endTime?: string
  participants: RecordedParticipant[]
}

/** Times are seconds after 13:14. */
interface ParticipantSpec {
  purpose: string
  start: string
  connected?: string
  end: string
  disconnectType: string
  address: string
  fields: Json
}

const routed = { queueId, queueName: 'Billing' }
const routing = {
  conversationRoutingData: {
    queue: { id: queueId },
    priority: 10,
    skills: [{ id: 'd0000000-0000-4000-8000-00000000000d' }],
    scoredAgents: [],
  },
}
const offer = { ...routed, ...routing, userId: agentId, name: 'Agent', alertingTimeoutMs: 8000, wrapupRequired: true }
const agentAddress = 'sip:agent@127.0.0.1;user=agent'

const participantSpecs: ParticipantSpec[] = [
  {
    purpose: 'customer',
    start: '02.943',
    connected: '03.003',
    end: '47.084',
    disconnectType: 'endpoint',
    address: 'tel:+18125550100',
    fields: { name: 'Indiana', attributes: { reason: 'billing' } },
  },
  {
    purpose: 'ivr',
    start: '02.943',
    connected: '02.978',
    end: '10.381',
    disconnectType: 'transfer',
    address: `sip:${flowId}@127.0.0.1;user=ivr`,
    fields: { name: 'Main flow' },
  },
  {
    purpose: 'acd',
    start: '10.469',
    connected: '10.469',
    end: '23.251',
    disconnectType: 'transfer',
    address: `sip:${queueId}@127.0.0.1;user=acd`,
    fields: { ...routed, ...routing },
  },
  { purpose: 'agent', start: '10.715', end: '12.806', disconnectType: 'client', address: agentAddress, fields: offer },
  { purpose: 'agent', start: '16.570', end: '19.062', disconnectType: 'client', address: agentAddress, fields: offer },
  {
    purpose: 'agent',
    start: '21.083',
    connected: '23.200',
    end: '47.101',
    disconnectType: 'peer',
    address: agentAddress,
    fields: { ...offer, wrapup: { code: 'w1', name: 'Solved' } },
  },
]

/** The response of GET /conversations/{id} after the call. */
export const recordedCall: RecordedCall = {
  id: 'be9d3155-0000-4000-8000-000000000000',
  startTime: isoAt('02.943'),
  endTime: isoAt('47.101'),
  address: 'tel:+18125550100',
  recordingState: 'NONE',
  divisions: [],
  recentTransfers: [],
  participants: participantSpecs.map(({ purpose, start, connected, end, disconnectType, address, fields }, index) => ({
    id: `10000000-0000-4000-8000-00000000000${index + 1}`,
    purpose,
    startTime: isoAt(start),
    ...(connected && { connectedTime: isoAt(connected) }),
    endTime: isoAt(end),
    address,
    attributes: {},
    ...fields,
    calls: [
      {
        id: index === 0 ? callerLegId : `c0000000-0000-4000-8000-00000000000${index + 1}`,
        state: 'terminated',
        initialState: purpose === 'agent' ? 'alerting' : 'connected',
        direction: index === 0 ? 'inbound' : 'outbound',
        held: false,
        muted: false,
        confined: false,
        provider: 'Edge',
        disconnectType,
        ...(purpose === 'agent' && { startAlertingTime: isoAt(start) }),
        ...(connected && { connectedTime: isoAt(connected) }),
        disconnectedTime: isoAt(end),
        ...(index > 0 && { peerId: callerLegId }),
        self: { addressRaw: address },
      },
    ],
  })),
}

const times = recordedCall.participants.flatMap(({ startTime, connectedTime, endTime }) =>
  [startTime, connectedTime, endTime].filter((time) => time !== undefined),
)

/** Every time at which something changed, in order, epoch ms. */
export const changeTimes: number[] = [...new Set(times.map((time) => Date.parse(time)))].toSorted((a, b) => a - b)

/** Epoch ms of a time in seconds after 13:14; `epochMsAt('23.200')` is the pickup. */
export const epochMsAt = (secondsAfter1314: string): number => Date.parse(isoAt(secondsAfter1314))

/** The response that GET /conversations/{id} would have given at `now` (epoch ms), without anything that had not happened yet. */
export function callAt(now: number, call: RecordedCall = recordedCall): RecordedCall {
  const isPast = (time: string | undefined): time is string => time !== undefined && Date.parse(time) <= now
  const { endTime, ...conversation } = call
  return {
    ...conversation,
    ...(isPast(endTime) && { endTime }),
    participants: call.participants
      .filter(({ startTime }) => isPast(startTime))
      .map(({ connectedTime, endTime: end, wrapup, ...participant }) => ({
        ...participant,
        ...(isPast(connectedTime) && { connectedTime }),
        ...(isPast(end) && { endTime: end, ...(wrapup !== undefined && { wrapup }) }),
        calls: participant.calls.map(({ connectedTime: answered, disconnectedTime, disconnectType, state, ...leg }) => ({
          ...leg,
          state: isPast(disconnectedTime) ? state : isPast(answered) ? 'connected' : 'alerting',
          ...(isPast(answered) && { connectedTime: answered }),
          ...(isPast(disconnectedTime) && { disconnectedTime, ...(disconnectType !== undefined && { disconnectType }) }),
        })),
      })),
  }
}

const omit = (fields: Json, ...keys: string[]) => Object.fromEntries(Object.entries(fields).filter(([key]) => !keys.includes(key)))

/** The same call as GET /conversations/calls/{id} describes it: flattened, one leg for each participant, without the end of the conversation. */
export const toCallConversation = (call: RecordedCall): Json => ({
  ...omit(call, 'startTime', 'endTime', 'address', 'recordingState'),
  participants: call.participants.map((participant) => {
    const [leg] = participant.calls
    return {
      ...omit(participant, 'calls', 'userId', 'queueId', 'queueName'),
      ...(leg && {
        state: leg.state,
        held: leg['held'],
        direction: leg['direction'],
        provider: 'Edge',
        ...(leg.disconnectType && { disconnectType: leg.disconnectType }),
        ...(leg.peerId && { peer: leg.peerId }),
      }),
      ...(participant['userId'] !== undefined && { user: { id: participant['userId'] } }),
      ...(participant['queueId'] !== undefined && { queue: { id: participant['queueId'] } }),
    }
  }),
})

/** The same call as the notification topics v2.users.{id}.conversations and v2.routing.queues.{id}.conversations send it. */
export const toConversationEvent = (call: RecordedCall): Json => ({
  topicName: `v2.users.${agentId}.conversations`,
  version: '2',
  eventBody: {
    ...omit(call, 'startTime', 'endTime'),
    participants: call.participants.map((participant) => ({
      ...omit(participant, 'startTime', 'queueName'),
      calls: participant.calls.map((leg) => omit(leg, 'startAlertingTime')),
    })),
  },
})

/** The same call as the `…conversations.calls` topics send it: flattened. */
export const toCallEvent = (call: RecordedCall): Json => ({
  topicName: `v2.routing.queues.${queueId}.conversations.calls`,
  version: '2',
  eventBody: omit(toCallConversation(call), 'recentTransfers'),
})
