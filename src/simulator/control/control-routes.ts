/** Which routes the control API has; `GET /_simulator` lists them with their descriptions. */
import type { SimulatorControl } from './simulator-control.ts'

/** What a route of the control API can read of a request. */
export interface ControlRequest {
  /** The path parameter; empty for a route without one. */
  readonly id: string
  /** The parsed JSON. Its type is `never`, which fits every parameter, because SimulatorControl checks its arguments itself. */
  readonly body: never
  readonly query: Readonly<Record<string, string | undefined>>
}

type ControlRoute = readonly [route: string, description: string, run: (control: SimulatorControl, request: ControlRequest) => unknown]

/** One route for each method of the control API. */
export const controlRoutes: readonly ControlRoute[] = [
  ['POST /skills', '{id?, name?, state?} → {id, name}', (control, { body }) => control.addSkill(body)],
  ['PATCH /skills/:id', '{state}', (control, { id, body }) => control.setSkill(id, body)],
  [
    'POST /queues',
    '{id?, name?, offerDelayMs?, queueDelayMs?, talkMs?, alertingTimeoutMs?, afterCallWorkMs?} → {id, name}',
    (control, { body }) => control.addQueue(body),
  ],
  [
    'PATCH /queues/:id',
    '{estimatedWaitSeconds: n | null}: what the platform estimates; null: nothing',
    (control, { id, body }) => control.setQueue(id, body),
  ],
  ['DELETE /queues/:id', 'removes the queue', (control, { id }) => control.removeQueue(id)],
  [
    'POST /agents',
    '{id?, name?, skillIds?, queueIds?, unjoinedQueueIds?, routingStatus?, presence?, answers?: ["never" | {after, with: pickup|decline|error|forward}], state?, alertingTimeoutMs?, talkMs?} → {id, name}',
    (control, { body }) => control.addAgent(body),
  ],
  ['PATCH /agents/:id', '{routingStatus?, presence?, answers?, state?}', (control, { id, body }) => control.setAgent(id, body)],
  [
    'GET /agents/:id/calls',
    "→ {calls: [{conversationId, state, attributes}]}: what the agent sees of the calls that ring or are connected, with the caller's attributes",
    (control, { id }) => ({ calls: control.agentCalls(id) }),
  ],
  [
    'POST /schedules',
    '{id?, name?, start, end, rrule?: rule | null, state?} → {id, name}: local times without a time zone; without a rule it applies once',
    (control, { body }) => control.schedules.addSchedule(body),
  ],
  ['PATCH /schedules/:id', '{start?, end?, rrule?, state?}', (control, { id, body }) => control.schedules.setSchedule(id, body)],
  [
    'POST /schedule-groups',
    '{id?, name?, timeZone?, openScheduleIds?, closedScheduleIds?, holidayScheduleIds?} → {id, name}',
    (control, { body }) => control.schedules.addScheduleGroup(body),
  ],
  [
    'PATCH /schedule-groups/:id',
    '{timeZone?, openScheduleIds?, closedScheduleIds?, holidayScheduleIds?}',
    (control, { id, body }) => control.schedules.setScheduleGroup(id, body),
  ],
  ['POST /emergency-groups', '{id?, name?, enabled?} → {id, name}', (control, { body }) => control.schedules.addEmergencyGroup(body)],
  ['PATCH /emergency-groups/:id', '{enabled}', (control, { id, body }) => control.schedules.setEmergencyGroup(id, body)],
  [
    'POST /conversations',
    '{id?, ani?, dnis?, in: "ivr" | {queueId} | {userId, queueId?}, callerHangsUpAfter?, callerState?, medium?: chat|email|message|callback} → {conversationId}; with {count, …} → {conversationIds}',
    (control, { body }) => addConversations(control, body),
  ],
  ['POST /conversations/:id/hang-up', 'the caller hangs up', (control, { id }) => control.hangUp(id)],
  ['POST /conversations/:id/end-by-agent', 'the agent hangs up', (control, { id }) => control.endByAgent(id)],
  [
    'POST /conversations/:id/consult',
    '{userId} | {queueId} | {number}: the agent consults that party while the caller waits',
    (control, { id, body }) => control.consult(id, body),
  ],
  [
    'POST /conversations/:id/flow-out',
    '{to?: voicemail|ivr}: the in-queue flow moves the call elsewhere',
    (control, { id, body }) => control.flowOut(id, body['to']),
  ],
  [
    'POST /conversations/:id/transfer-by-flow',
    '{queueId, skillIds?, priority?}: the Architect flow does Transfer to ACD',
    (control, { id, body }) => control.transferByFlow(id, body),
  ],
  [
    'POST /conversations/:id/create-callback',
    '{queueId}: the Architect flow does Create Callback',
    (control, { id, body }) => control.createCallback(id, body),
  ],
  [
    'POST /faults',
    '{operation?, conversationId?, heldBy?: ivr|acd|agent|user, times?: n | "always", skip?, fault: {kind, …} | {kind: rate-limited, retryAfterSeconds, scope?: token|organization}}: makes matching requests fail',
    (control, { body }) => control.addFault(body),
  ],
  [
    'POST /behavior',
    '{replaceInFlow?: {status, code?} | "ignored", routingBeforeArrival?, callback?, arrivalMs?, offerMs?, eventDelayMs?, eventsWithout?, missingPermissions?, longestAttribute?}: behaves as a recording of npm run acceptance says',
    (control, { body }) => control.behave(body),
  ],
  ['DELETE /faults', 'removes all faults', (control) => control.clearFaults()],
  ['GET /calls', '→ {total, counts, log}: the requests that clients made to the platform', (control) => control.requests()],
  ['DELETE /calls', 'clears the log of requests', (control) => control.clearRequests()],
  ['GET /channels', '→ {channels: [{id, connected, expires, topics}]}', (control) => ({ channels: control.notifications.channels() })],
  ['POST /channels/:id/expire', 'ends the channel and its connection', (control, { id }) => control.notifications.expireChannel(id)],
  [
    'POST /sockets/cut',
    '{announce?: boolean, afterMs?} → {cut}: ends every connection, with or without a closing notice',
    (control, { body }) => ({ cut: control.notifications.cutSockets(body) }),
  ],
  [
    'POST /topics/forbid',
    '{pattern, missingPermissions?: [...]}: rejects matching topics from now on; * stands for any characters',
    (control, { body }) => control.notifications.forbidTopics(body),
  ],
  ['DELETE /topics/forbid', 'permits all topics again', (control) => control.notifications.permitTopics()],
  [
    'POST /event-faults',
    '{topic?: pattern, times?: n | "always", skip?, fault: {kind: drop|duplicate|cut} | {kind: delay, ms}}: makes matching events fail',
    (control, { body }) => control.notifications.addEventFault(body),
  ],
  ['DELETE /event-faults', 'removes all faults of events', (control) => control.notifications.clearEventFaults()],
  [
    'GET /events',
    '→ {sent, counts, unheard, faults}: how many events were sent, were lost, or met a fault',
    (control) => control.notifications.events(),
  ],
  ['DELETE /events', 'clears the counts of events', (control) => control.notifications.clearEvents()],
  [
    'GET /transfers',
    '?conversationId= → {transfers}: the accepted transfer commands',
    (control, { query }) => ({ transfers: control.transfers(query['conversationId']) }),
  ],
  [
    'GET /callbacks',
    '?conversationId= → {callbacks}: the callbacks that were created',
    (control, { query }) => ({ callbacks: control.callbacks(query['conversationId']) }),
  ],
  [
    'PATCH /settings',
    '{latencyMs?, requestsPerMinute?, assignmentRequestsPerMinute?: n | null, longestAttribute?: n | null, tokenLifetimeSeconds?, permissions?: "all" | [...], queueDelayMs?, offerDelayMs?, alertingTimeoutMs?, talkMs?, afterCallWorkMs?, dialMs?, dialFails?, afterFailedTransfer?: voicemail|alone|disconnect, heartbeatMs?, eventDelayMs?, socketBufferBytes?}',
    (control, { body }) => control.configure(body),
  ],
  ['POST /clients', '{id, secret}: one more OAuth client can log in', (control, { body }) => control.addClient(body)],
  [
    'DELETE /clients/:id',
    'removes an OAuth client, and ends all tokens; the other clients log in again',
    (control, { id }) => control.removeClient(id),
  ],
  ['DELETE /tokens', 'revokes all tokens', (control) => control.revokeTokens()],
  ['GET /clock', '→ {now}: epoch ms', (control) => ({ now: control.now() })],
  ['POST /clock/advance', '{ms}: advances a manual clock → {now}', (control, { body }) => advance(control, body['ms'])],
  ['POST /reset', 'empties the platform and restores the initial settings', (control) => control.reset()],
]

function addConversations(control: SimulatorControl, body: Record<string, never>): unknown {
  const { count, ...spec } = body
  return count === undefined ? control.addConversation(spec as never) : control.addConversations(count, spec as never)
}

function advance(control: SimulatorControl, ms: number): unknown {
  control.advance(ms)
  return { now: control.now() }
}
