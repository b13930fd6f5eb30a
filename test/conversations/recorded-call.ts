/**
 * A real inbound call (genesys-api §3.1): IVR, queue, two declined offers, pickup, the caller hangs up. Times, order, dispositions and
 * who has which field are as recorded, to the millisecond where the record has them; ids, numbers and names are made up.
 */
const at = (secondsPast1314: string) => `2022-05-17T13:14:${secondsPast1314}Z`

export const QUEUE = 'b0000000-0000-4000-8000-00000000000b'
export const AGENT = 'a0000000-0000-4000-8000-00000000000a'
export const PICKUP = '10000000-0000-4000-8000-000000000006'
const FLOW = 'f0000000-0000-4000-8000-00000000000f'
const CALLER_LEG = 'c0000000-0000-4000-8000-000000000001'

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

interface Spoken {
  purpose: string
  start: string
  connected?: string
  end: string
  disconnectType: string
  address: string
  extra: Json
}

const routed = { queueId: QUEUE, queueName: 'Billing' }
const routing = {
  conversationRoutingData: {
    queue: { id: QUEUE },
    priority: 10,
    skills: [{ id: 'd0000000-0000-4000-8000-00000000000d' }],
    scoredAgents: [],
  },
}
const offer = { ...routed, ...routing, userId: AGENT, name: 'Agent', alertingTimeoutMs: 8000, wrapupRequired: true }
const AGENT_ADDRESS = 'sip:agent@127.0.0.1;user=agent'

const spoken: Spoken[] = [
  {
    purpose: 'customer',
    start: '02.943',
    connected: '03.003',
    end: '47.084',
    disconnectType: 'endpoint',
    address: 'tel:+18125550100',
    extra: { name: 'Indiana', attributes: { reason: 'billing' } },
  },
  {
    purpose: 'ivr',
    start: '02.943',
    connected: '02.978',
    end: '10.381',
    disconnectType: 'transfer',
    address: `sip:${FLOW}@127.0.0.1;user=ivr`,
    extra: { name: 'Main flow' },
  },
  {
    purpose: 'acd',
    start: '10.469',
    connected: '10.469',
    end: '23.251',
    disconnectType: 'transfer',
    address: `sip:${QUEUE}@127.0.0.1;user=acd`,
    extra: { ...routed, ...routing },
  },
  { purpose: 'agent', start: '10.715', end: '12.806', disconnectType: 'client', address: AGENT_ADDRESS, extra: offer },
  { purpose: 'agent', start: '16.570', end: '19.062', disconnectType: 'client', address: AGENT_ADDRESS, extra: offer },
  {
    purpose: 'agent',
    start: '21.083',
    connected: '23.200',
    end: '47.101',
    disconnectType: 'peer',
    address: AGENT_ADDRESS,
    extra: { ...offer, wrapup: { code: 'w1', name: 'Solved' } },
  },
]

/** The answer of GET /conversations/{id} after the call. */
export const recordedCall: RecordedCall = {
  id: 'be9d3155-0000-4000-8000-000000000000',
  startTime: at('02.943'),
  endTime: at('47.101'),
  address: 'tel:+18125550100',
  recordingState: 'NONE',
  divisions: [],
  recentTransfers: [],
  participants: spoken.map(({ purpose, start, connected, end, disconnectType, address, extra }, index) => ({
    id: `10000000-0000-4000-8000-00000000000${index + 1}`,
    purpose,
    startTime: at(start),
    ...(connected && { connectedTime: at(connected) }),
    endTime: at(end),
    address,
    attributes: {},
    ...extra,
    calls: [
      {
        id: index === 0 ? CALLER_LEG : `c0000000-0000-4000-8000-00000000000${index + 1}`,
        state: 'terminated',
        initialState: purpose === 'agent' ? 'alerting' : 'connected',
        direction: index === 0 ? 'inbound' : 'outbound',
        held: false,
        muted: false,
        confined: false,
        provider: 'Edge',
        disconnectType,
        ...(purpose === 'agent' && { startAlertingTime: at(start) }),
        ...(connected && { connectedTime: at(connected) }),
        disconnectedTime: at(end),
        ...(index > 0 && { peerId: CALLER_LEG }),
        self: { addressRaw: address },
      },
    ],
  })),
}

const instants = recordedCall.participants.flatMap((one) =>
  [one.startTime, one.connectedTime, one.endTime].filter((time) => time !== undefined),
)

/** Every instant at which something changed, in order: epoch milliseconds. */
export const moments: number[] = [...new Set(instants.map((time) => Date.parse(time)))].toSorted((a, b) => a - b)

/** Seconds after 13:14 as epoch milliseconds: `second('23.200')` is the pickup. */
export const second = (text: string): number => Date.parse(at(text))

/** What GET /conversations/{id} would have answered at a moment of the call: what had not happened yet is not there. */
export function callAt(moment: number, call: RecordedCall = recordedCall): RecordedCall {
  const past = (time: string | undefined): time is string => time !== undefined && Date.parse(time) <= moment
  const { endTime, ...conversation } = call
  return {
    ...conversation,
    ...(past(endTime) && { endTime }),
    participants: call.participants
      .filter((one) => past(one.startTime))
      .map(({ connectedTime, endTime: end, wrapup, ...one }) => ({
        ...one,
        ...(past(connectedTime) && { connectedTime }),
        ...(past(end) && { endTime: end, ...(wrapup !== undefined && { wrapup }) }),
        calls: one.calls.map(({ connectedTime: answered, disconnectedTime, disconnectType, state, ...leg }) => ({
          ...leg,
          state: past(disconnectedTime) ? state : past(answered) ? 'connected' : 'alerting',
          ...(past(answered) && { connectedTime: answered }),
          ...(past(disconnectedTime) && { disconnectedTime, ...(disconnectType !== undefined && { disconnectType }) }),
        })),
      })),
  }
}

const without = (from: Json, ...keys: string[]) => Object.fromEntries(Object.entries(from).filter(([key]) => !keys.includes(key)))

/** The same call as GET /conversations/calls/{id} answers it: one leg a participant, flattened, and no end of the conversation. */
export const flattened = (call: RecordedCall): Json => ({
  ...without(call, 'startTime', 'endTime', 'address', 'recordingState'),
  participants: call.participants.map((one) => {
    const [leg] = one.calls
    return {
      ...without(one, 'calls', 'userId', 'queueId', 'queueName'),
      ...(leg && {
        state: leg.state,
        held: leg['held'],
        direction: leg['direction'],
        provider: 'Edge',
        ...(leg.disconnectType && { disconnectType: leg.disconnectType }),
        ...(leg.peerId && { peer: leg.peerId }),
      }),
      ...(one['userId'] !== undefined && { user: { id: one['userId'] } }),
      ...(one['queueId'] !== undefined && { queue: { id: one['queueId'] } }),
    }
  }),
})

/** The same call as the notification topics v2.users.{id}.conversations and v2.routing.queues.{id}.conversations send it. */
export const notified = (call: RecordedCall): Json => ({
  topicName: `v2.users.${AGENT}.conversations`,
  version: '2',
  eventBody: {
    ...without(call, 'startTime', 'endTime'),
    participants: call.participants.map((one) => ({
      ...without(one, 'startTime', 'queueName'),
      calls: one.calls.map((leg) => without(leg, 'startAlertingTime')),
    })),
  },
})

/** The same call as the `…conversations.calls` topics send it: flattened. */
export const notifiedFlattened = (call: RecordedCall): Json => ({
  topicName: `v2.routing.queues.${QUEUE}.conversations.calls`,
  version: '2',
  eventBody: without(flattened(call), 'recentTransfers'),
})
