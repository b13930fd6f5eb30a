/** How many requests to the platform a transfer takes, and which are not sent because they would change nothing. */
import t from 'tap'
import { setUpIvrCall } from '../support/calls.ts'
import { startTestSystem, type TestSystem } from '../support/test-system.ts'
import { waitFor } from '../support/wait-for.ts'

t.setTimeout(240_000)

const rarePolls = { PICKUP_POLL_INTERVAL_MS: '20000', PICKUP_TIMEOUT_MS: '60000' }
const operations = {
  read: 'GET /conversations/{id}',
  replace: 'POST /conversations/{id}/participants/{id}/replace/queue',
  routing: 'PATCH /routing/conversations/{id}',
  attributes: 'PATCH /conversations/{id}/participants/{id}/attributes',
}

/** Sets up a queue with one agent. After it the topic of the queue is subscribed, and the first call there has ended. */
async function setUpSubscribedQueue(system: TestSystem) {
  const { control, app, postTransfer, waitForState } = system
  const ids = setUpIvrCall(control, [{ after: 10, with: 'pickup' }])
  // An event must show the call in the queue before anyone answers.
  control.configure({ queueDelayMs: 0, talkMs: 10, afterCallWorkMs: 0 })
  // Without the topic the pickup would be found only by a poll, and polls are rare here: so the agent is off queue until it is subscribed.
  control.setAgent(ids.userId, { routingStatus: 'OFF_QUEUE' })
  const { body } = await postTransfer({ conversationId: ids.conversationId, target: { type: 'queue', queueId: ids.queueId } })
  await waitFor(() => app.genesys.feed?.state().subscribed === 1, 'the topic to be subscribed')
  control.setAgent(ids.userId, { routingStatus: 'IDLE' })
  await waitForState(body.id, 'picked_up')
  await waitFor(async () => !(await isConnected(system, ids.conversationId)), 'the first call to end')
  return ids
}
const isConnected = async ({ getConversation }: TestSystem, id: string) =>
  (await getConversation(id)).participants.some(({ calls }) => calls[0]?.state === 'connected')

interface Trail {
  entries: Array<{ status: string; detail: Record<string, unknown> }>
}

/**
 * Requests a transfer, and lets the agent pick up once skills, priority and attributes are written.
 * @returns the transfer, the platform requests that it took without those for a token, and its audit trail
 */
async function completeTransfer(system: TestSystem, request: Parameters<TestSystem['postTransfer']>[0], userId: string) {
  const { control, postTransfer, waitForState, app } = system
  control.setAgent(userId, { routingStatus: 'OFF_QUEUE' })
  control.clearRequests()
  const { body, status } = await postTransfer(request)
  if (status !== 202) throw new Error(JSON.stringify(body))
  await waitFor(async () => {
    const record = await app.ledger.findTransfer(body.id)
    return record?.routing !== 'pending' && record?.mirror !== 'pending'
  }, 'nothing to be pending')
  control.setAgent(userId, { routingStatus: 'IDLE' })
  const done = await waitForState(body.id, 'picked_up')
  const { counts } = control.requests()
  const { entries } = (await system.request<Trail>('GET', `/v1/transfers/${body.id}/audit`)).body
  const count = (operation: keyof typeof operations): number => counts[operations[operation]] ?? 0
  const { 'POST /oauth/token': _login = 0, ...rest } = counts
  return {
    done,
    count,
    total: Object.values(rest).reduce((sum, requests) => sum + requests, 0),
    statuses: entries.map((entry) => entry.status),
    entries,
  }
}

/** On a busy machine an event may come too late to spare a request. */
const mostLateEvents = 5

/** Completes transfers until the event about one comes in time, or `mostLateEvents` were late. @returns as `completeTransfer` for the last one */
async function completeWithTimelyEvent(
  system: TestSystem,
  createRequest: () => Promise<Parameters<TestSystem['postTransfer']>[0]>,
  userId: string,
) {
  for (let tries = 1; ; tries++) {
    const completed = await completeTransfer(system, await createRequest(), userId)
    if (completed.count('routing') === 0 || tries === mostLateEvents) return completed
  }
}

for (const [attributes, expected] of [
  ['on', 3],
  ['off', 2],
] as const)
  t.test(
    `given a call without skills, LOOP_GUARD_ATTRIBUTES=${attributes} and events, when it is sent to a queue, then the transfer takes ${expected} requests`,
    async (t) => {
      const system = await startTestSystem(t, { ...rarePolls, LOOP_GUARD_ATTRIBUTES: attributes })
      const { queueId, userId } = await setUpSubscribedQueue(system)
      // The first transfer has read the queue, which is cached since then.
      const { count, total, statuses, entries } = await completeWithTimelyEvent(
        system,
        async () => ({ conversationId: addCall(system), target: { type: 'queue', queueId } }),
        userId,
      )
      t.equal(total, expected)
      t.strictSame([count('read'), count('replace'), count('routing'), count('attributes')], [1, 1, 0, attributes === 'on' ? 1 : 0])
      t.match(
        entries.find(({ status }) => status === 'routing_unchanged'),
        { detail: { priority: 0, skillIds: '' } },
      )
      t.equal(statuses.includes('loop_guard_mirrored'), attributes === 'on')
      t.notOk(statuses.includes('routing_applied'))
    },
  )

for (const [attributes, expected] of [
  ['on', 4],
  ['off', 3],
] as const)
  t.test(
    `given skills that have to be put on the call, LOOP_GUARD_ATTRIBUTES=${attributes} and events, then the transfer takes ${expected} requests`,
    async (t) => {
      const system = await startTestSystem(t, { ...rarePolls, LOOP_GUARD_ATTRIBUTES: attributes })
      const { queueId, skillId, userId } = await setUpSubscribedQueue(system)
      const send = () =>
        completeTransfer(
          system,
          { conversationId: addCall(system), target: { type: 'queue', queueId, skillIds: [skillId] }, priority: 10 },
          userId,
        )
      await send()
      const { total, count, statuses } = await send()
      t.equal(total, expected)
      t.strictSame([count('read'), count('replace'), count('routing'), count('attributes')], [1, 1, 1, attributes === 'on' ? 1 : 0])
      t.ok(statuses.includes('routing_applied'))
    },
  )

t.test(
  'given a call that has the wanted skills and priority from its queue, when it is sent to another queue, then they are not put on it again',
  async (t) => {
    const system = await startTestSystem(t, { ...rarePolls, LOOP_GUARD_ATTRIBUTES: 'off' })
    const { queueId, otherQueueId, skillId, userId } = await setUpSubscribedQueue(system)
    const { count, statuses } = await completeWithTimelyEvent(
      system,
      async () => ({
        conversationId: await addWaitingCall(system, otherQueueId, [skillId], 4),
        target: { type: 'queue', queueId, skillIds: [skillId] },
        priority: 4,
      }),
      userId,
    )
    t.equal(count('routing'), 0)
    t.ok(statuses.includes('routing_unchanged'))
  },
)

t.test(
  'given a call with skills or a priority from its queue, when it is sent to a queue without them, then they are taken off it',
  async (t) => {
    const system = await startTestSystem(t, rarePolls)
    const { queueId, otherQueueId, skillId, userId } = await setUpSubscribedQueue(system)
    for (const [skillIds, priority] of [
      [[skillId], 0],
      [[], 7],
    ] as const) {
      const conversationId = await addWaitingCall(system, otherQueueId, [...skillIds], priority)
      const { count, entries, statuses } = await completeTransfer(system, { conversationId, target: { type: 'queue', queueId } }, userId)
      t.equal(count('routing'), 1)
      t.match(
        entries.find(({ status }) => status === 'routing_applied'),
        { detail: { verified: true, priority: 0, skillIds: '' } },
      )
      t.notOk(statuses.includes('routing_unchanged'))
    }
  },
)

for (const [given, settings, prepare] of [
  [
    'events that are lost',
    {},
    (system: TestSystem) => system.control.notifications.addEventFault({ times: 'always', fault: { kind: 'drop' } }),
  ],
  ['no events', { PICKUP_EVENTS: 'off', PICKUP_POLL_INTERVAL_MS: '500' }, () => {}],
] as const)
  t.test(
    `given ${given}, when a call is sent to a queue without skills, then its skills are cleared, because it may have some`,
    async (t) => {
      const system = await startTestSystem(t, { ...rarePolls, ...settings })
      const { queueId, userId } = setUpIvrCall(system.control, [{ after: 10, with: 'pickup' }])
      prepare(system)
      system.control.setAgent(userId, { routingStatus: 'OFF_QUEUE' })
      const { body } = await system.postTransfer({ conversationId: addCall(system), target: { type: 'queue', queueId } })
      await waitFor(async () => (await system.app.ledger.findTransfer(body.id))?.routing === 'done', 'the skills')
      t.equal(system.control.requests().counts[operations.routing], 1)
    },
  )

const addCall = ({ control }: TestSystem): string => control.addConversation({ in: 'ivr' }).conversationId

/** Adds a call that a flow has sent to a queue with skills and a priority, and waits until it is there. @returns its conversation ID */
async function addWaitingCall(system: TestSystem, queueId: string, skillIds: string[], priority: number): Promise<string> {
  const conversationId = addCall(system)
  system.control.transferByFlow(conversationId, { queueId, skillIds, priority })
  await waitFor(async () => {
    const { participants } = await system.getConversation(conversationId)
    return participants.some(({ purpose, calls }) => purpose === 'acd' && calls[0]?.state === 'connected')
  }, 'the call in its queue')
  return conversationId
}
