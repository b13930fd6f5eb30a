import type { FastifyInstance } from 'fastify'
import type { Scene } from './scene.ts'
import { SceneError } from './scene-shapes.ts'

interface ControlRequest {
  readonly id: string
  /** The scene checks what it is told, so a body is handed on as it came. */
  readonly body: never
  readonly query: Readonly<Record<string, string | undefined>>
}

type Control = readonly [route: string, does: string, run: (scene: Scene, request: ControlRequest) => unknown]

const BASE = '/_simulator'

/** One route for each thing that a scene can be told or asked, and nothing else. */
const CONTROLS: readonly Control[] = [
  ['POST /skills', '{id?, name?, state?} → {id, name}', (scene, { body }) => scene.addSkill(body)],
  ['PATCH /skills/:id', '{state}', (scene, { id, body }) => scene.setSkill(id, body)],
  [
    'POST /queues',
    '{id?, name?, offerDelayMs?, queueDelayMs?, talkMs?, alertingTimeoutMs?, afterCallWorkMs?} → {id, name}',
    (scene, { body }) => scene.addQueue(body),
  ],
  ['DELETE /queues/:id', 'removes the queue', (scene, { id }) => scene.removeQueue(id)],
  [
    'POST /agents',
    '{id?, name?, skillIds?, queueIds?, unjoinedQueueIds?, routingStatus?, presence?, answers?: ["never" | {after, with: pickup|decline|error}], state?, alertingTimeoutMs?, talkMs?} → {id, name}',
    (scene, { body }) => scene.addAgent(body),
  ],
  ['PATCH /agents/:id', '{routingStatus?, presence?, answers?, state?}', (scene, { id, body }) => scene.setAgent(id, body)],
  [
    'POST /conversations',
    '{id?, ani?, dnis?, in: "ivr" | {queueId} | {userId, queueId?}, callerHangsUpAfter?, callerState?} → {conversationId}; with {count, …} → {conversationIds}',
    (scene, { body }) => addConversations(scene, body),
  ],
  ['POST /conversations/:id/hang-up', 'the caller hangs up', (scene, { id }) => scene.hangUp(id)],
  ['POST /conversations/:id/end-by-agent', 'the agent hangs up', (scene, { id }) => scene.endByAgent(id)],
  [
    'POST /conversations/:id/flow-out',
    '{to?: voicemail|ivr}: the in-queue flow moves the call on',
    (scene, { id, body }) => scene.flowOut(id, body['to']),
  ],
  [
    'POST /conversations/:id/transfer-by-flow',
    '{queueId, skillIds?, priority?}: the Architect flow does Transfer to ACD',
    (scene, { id, body }) => scene.transferByFlow(id, body),
  ],
  [
    'POST /faults',
    '{operation?, conversationId?, times?: n | "always", skip?, fault: {kind, …}}',
    (scene, { body }) => scene.addFault(body),
  ],
  ['DELETE /faults', 'forgets every fault', (scene) => scene.clearFaults()],
  ['GET /calls', '→ {total, counts, log}: what was asked of the platform', (scene) => scene.calls()],
  ['DELETE /calls', 'begins counting anew', (scene) => scene.clearCalls()],
  ['GET /channels', '→ {channels: [{id, connected, expires, topics}]}', (scene) => ({ channels: scene.notifications.channels() })],
  [
    'POST /channels/:id/expire',
    'the channel is at its end, and so is its connection',
    (scene, { id }) => scene.notifications.expireChannel(id),
  ],
  [
    'POST /sockets/cut',
    '{announce?: boolean, afterMs?} → {cut}: every connection ends; announced or not',
    (scene, { body }) => ({ cut: scene.notifications.cutSockets(body) }),
  ],
  [
    'POST /topics/forbid',
    '{pattern, missingPermissions?: [...]}: topics that fit are Rejected from now on; * stands for anything',
    (scene, { body }) => scene.notifications.forbidTopics(body),
  ],
  ['DELETE /topics/forbid', 'forbids no topic any more', (scene) => scene.notifications.permitTopics()],
  [
    'POST /event-faults',
    '{topic?: pattern, times?: n | "always", skip?, fault: {kind: drop|duplicate|cut} | {kind: delay, ms}}',
    (scene, { body }) => scene.notifications.addEventFault(body),
  ],
  ['DELETE /event-faults', 'forgets every fault of events', (scene) => scene.notifications.clearEventFaults()],
  ['GET /events', '→ {sent, counts, unheard, faults}: what became of events', (scene) => scene.notifications.events()],
  ['DELETE /events', 'begins counting events anew', (scene) => scene.notifications.clearEvents()],
  [
    'GET /transfers',
    '?conversationId= → {transfers}: the commands that were accepted',
    (scene, { query }) => ({ transfers: scene.transfers(query['conversationId']) }),
  ],
  [
    'PATCH /settings',
    '{latencyMs?, requestsPerMinute?, tokenLifetimeSeconds?, permissions?: "all" | [...], queueDelayMs?, offerDelayMs?, alertingTimeoutMs?, talkMs?, afterCallWorkMs?, dialMs?, dialFails?, afterFailedTransfer?: voicemail|alone|disconnect, heartbeatMs?, eventDelayMs?, socketBufferBytes?}',
    (scene, { body }) => scene.configure(body),
  ],
  ['DELETE /tokens', 'revokes every token', (scene) => scene.revokeTokens()],
  ['GET /clock', '→ {now}: ms since 1970', (scene) => ({ now: scene.now() })],
  ['POST /clock/advance', '{ms}: moves a manual clock on → {now}', (scene, { body }) => advance(scene, body['ms'])],
  ['POST /reset', 'empties the scene', (scene) => scene.reset()],
]

function addConversations(scene: Scene, body: Record<string, never>): unknown {
  const { count, ...spec } = body
  return count === undefined ? scene.addConversation(spec as never) : scene.addConversations(count, spec as never)
}

function advance(scene: Scene, ms: number): unknown {
  scene.advance(ms)
  return { now: scene.now() }
}

/** Registers the control API: JSON, without authentication; a refusal is 400 `{error}`. `GET /_simulator` lists the routes. */
export function controlApi(server: FastifyInstance, scene: Scene): void {
  const index = Object.fromEntries(CONTROLS.map(([route, does]) => [route.replace(' ', ` ${BASE}`), does]))
  server.get(BASE, () => ({ simulator: 'Genesys Cloud stand-in of Handoff', routes: index }))
  for (const [route, , run] of CONTROLS) {
    const [method = '', path = ''] = route.split(' ')
    server.route({
      method,
      url: `${BASE}${path}`,
      handler: (request) => {
        const { id = '' } = request.params as { id?: string }
        const query = request.query as ControlRequest['query']
        return run(scene, { id, query, body: (request.body ?? {}) as never }) ?? { ok: true }
      },
    })
  }
  server.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) =>
    reply.code(error instanceof SceneError ? 400 : (error.statusCode ?? 500)).send({ error: error.message }),
  )
}
