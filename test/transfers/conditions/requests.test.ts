/** Which conditions a request may have, for which types of target, and which part they have in repeats. */
import { randomUUID } from 'node:crypto'
import t from 'tap'
import { setUpIvrCall } from '../../support/calls.ts'
import { startTestSystem } from '../../support/test-system.ts'

const scheduleGroupId = randomUUID()
const queue = { type: 'queue', queueId: randomUUID() }
const agent = { type: 'agent', userId: randomUUID() }
const skill = { type: 'skill', skillId: randomUUID(), queueId: randomUUID() }
const number = { type: 'number', address: '+49301234567' }
const callback = { type: 'callback' }
const fallbackQueueId = randomUUID()
const createUserIds = (count: number): string[] => Array.from({ length: count }, () => randomUUID())

t.test('given requests with conditions that are not valid, then each is refused with the field that is wrong', async (t) => {
  const { postTransfer } = await startTestSystem(t)
  const refused: Array<[targets: object[], field: string]> = [
    [[{ ...queue, openHours: {} }], 'target.openHours.scheduleGroupId'],
    [[{ ...queue, openHours: { scheduleGroupId: 'office' } }], 'target.openHours.scheduleGroupId'],
    [[{ ...queue, openHours: { scheduleGroupId, timeZone: 'UTC' } }], 'target.openHours.timeZone'],
    [[{ ...agent, maxWaitSeconds: 60 }], 'target.maxWaitSeconds'],
    [[{ ...number, preferredUserIds: createUserIds(1) }], 'target.preferredUserIds'],
    [[{ ...queue, maxWaitSeconds: -1 }], 'target.maxWaitSeconds'],
    [[{ ...queue, maxWaitSeconds: 86_401 }], 'target.maxWaitSeconds'],
    [[{ ...queue, preferredUserIds: [] }], 'target.preferredUserIds'],
    [[{ ...skill, preferredUserIds: createUserIds(11) }], 'target.preferredUserIds'],
    [[{ ...queue, overflowAfterSeconds: 4 }, queue], 'target.overflowAfterSeconds'],
    [[{ ...queue, overflowAfterSeconds: 3_601 }, queue], 'target.overflowAfterSeconds'],
    [[{ ...queue, overflowAfterSeconds: 60 }], 'target.overflowAfterSeconds'],
    [[queue, { ...agent, overflowAfterSeconds: 60 }], 'fallback[0].overflowAfterSeconds'],
    [[{ ...queue, overflowAfterSeconds: 60 }, callback], 'target.overflowAfterSeconds'],
    [[queue, callback, agent], 'fallback[0]'],
    [[queue, { ...callback, overflowAfterSeconds: 60 }], 'fallback[0].overflowAfterSeconds'],
    [[queue, { ...callback, callbackNumber: '030123' }], 'fallback[0].callbackNumber'],
    [[queue, { ...callback, callbackNumber: '+49 (0)30 123456' }], 'fallback[0].callbackNumber'],
    [[queue, { ...callback, scheduledAt: 'tomorrow' }], 'fallback[0].scheduledAt'],
    [[queue, { ...callback, scheduledAt: '2016-12-31T23:59:60Z' }], 'fallback[0].scheduledAt'],
  ]
  for (const [[target, ...fallback], field] of refused)
    t.match(
      await postTransfer({ conversationId: randomUUID(), target, fallback }),
      { status: 400, body: { code: 'INVALID_REQUEST', field } },
      JSON.stringify([target, ...fallback]),
    )
})

t.test('given conditions, when the request is stored, then they are returned as they were written', async (t) => {
  const { control, postTransfer, request } = await startTestSystem(t, { FALLBACK_QUEUE_ID: fallbackQueueId })
  const { conversationId, queueId, userId } = setUpIvrCall(control)
  control.addQueue({ id: fallbackQueueId })
  const target = { type: 'queue', queueId, maxWaitSeconds: 60, preferredUserIds: [userId], overflowAfterSeconds: 3_600 }
  const { body } = await postTransfer({ conversationId, target, priority: 3 })
  t.match(body, { state: 'initiated', target })
  t.strictSame((await request('GET', `/v1/transfers/${body.id}`)).body.target, target)
})

t.test('given a transfer that waits, when it is requested again without its conditions, then it is the same transfer', async (t) => {
  const { control, postTransfer } = await startTestSystem(t)
  const { conversationId, otherQueueId: queueId } = setUpIvrCall(control)
  const first = await postTransfer({ conversationId, target: { type: 'queue', queueId, maxWaitSeconds: 60 } })
  const second = await postTransfer({ conversationId, target: { type: 'queue', queueId } })
  t.equal(second.body.id, first.body.id)
  t.equal(control.transfers(conversationId).length, 1)
})

t.test('given an idempotency key that was used, when it comes with other conditions, then the request is refused', async (t) => {
  const { control, postTransfer } = await startTestSystem(t)
  const { conversationId, queueId } = setUpIvrCall(control)
  const idempotencyKey = randomUUID()
  const send = (conditions: object) => postTransfer({ conversationId, idempotencyKey, target: { type: 'queue', queueId, ...conditions } })
  t.equal((await send({ maxWaitSeconds: 60 })).status, 202)
  t.equal((await send({ maxWaitSeconds: 60 })).headers.get('idempotent-replayed'), 'true')
  t.match(await send({ maxWaitSeconds: 61 }), { status: 422, body: { code: 'IDEMPOTENCY_KEY_REUSED' } })
  t.match(await send({}), { status: 422, body: { code: 'IDEMPOTENCY_KEY_REUSED' } })
})
