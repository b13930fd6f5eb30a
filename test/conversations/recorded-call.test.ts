import { existsSync, readFileSync } from 'node:fs'
import t from 'tap'
import { Ajv } from 'ajv'
import formats from 'ajv-formats'
import { customerOf, holdersOf, originOf } from '../../src/conversations/participants.ts'
import { connectedLeg } from '../../src/conversations/leg.ts'
import { parseConversation } from '../../src/conversations/conversation.ts'
import { observeProgress } from '../../src/conversations/progress.ts'
import { movedSince, snapshotOf } from '../../src/conversations/snapshot.ts'
import { transferable } from '../../src/conversations/transferable.ts'
import { AGENT, PICKUP, QUEUE, callAt, flattened, moments, notified, notifiedFlattened, recordedCall, second } from './recorded-call.ts'

const shapes = {
  'GET /conversations/{id}': callAt,
  'GET /conversations/calls/{id}': (at: number) => flattened(callAt(at)),
  'a conversations event': (at: number) => notified(callAt(at)),
  'a conversations.calls event': (at: number) => notifiedFlattened(callAt(at)),
}
const before = parseConversation(callAt(second('09.000')))
const verdict = transferable(before)
if (!verdict.transferable) throw new Error(verdict.saw)
const snapshot = snapshotOf(before, verdict.holder, second('09.000'))
const toQueue = { type: 'queue', queueId: QUEUE } as const

const unmoved = { status: 'unmoved', bounces: 0 }
const routing = { skillIds: ['d0000000-0000-4000-8000-00000000000d'], priority: 10 }
const pickedUp = { status: 'picked_up', participantId: PICKUP, userId: AGENT, at: '2022-05-17T13:14:23.200Z', bounces: 2 }
const story: Array<[at: string, sight: object, moved: boolean, transferable: string]> = [
  ['02.978', unmoved, false, "the caller's leg is alerting"],
  ['03.003', unmoved, false, 'ivr'],
  ['10.381', unmoved, true, 'nobody holds the call at this moment'],
  ['10.469', { status: 'waiting', bounces: 0, routing }, true, 'acd'],
  ['10.715', { status: 'ringing', userId: AGENT, bounces: 0 }, true, "an agent's leg is alerting"],
  ['12.806', { status: 'waiting', bounces: 1, routing }, true, 'acd'],
  ['16.570', { status: 'ringing', userId: AGENT, bounces: 1 }, true, "an agent's leg is alerting"],
  ['19.062', { status: 'waiting', bounces: 2, routing }, true, 'acd'],
  ['21.083', { status: 'ringing', userId: AGENT, bounces: 2 }, true, "an agent's leg is alerting"],
  ['23.200', pickedUp, true, 'the call is between an agent and the queue'],
  ['23.251', pickedUp, true, 'agent'],
  ['47.084', pickedUp, true, 'the caller has hung up'],
  ['47.101', pickedUp, true, 'the caller has hung up'],
]

t.test('the story covers every moment of the record but the first, when the caller is not there yet', async (t) => {
  t.same(
    story.map(([at]) => second(at)),
    moments.slice(1),
  )
})

for (const [shape, payloadAt] of Object.entries(shapes)) {
  t.test(`given the recorded call as ${shape}, sent from the IVR to the queue, then every moment tells what became of it`, async (t) => {
    for (const [at, expected, moved, transfer] of story) {
      const picture = parseConversation(payloadAt(second(at)))
      t.same(observeProgress(picture, snapshot, toQueue), expected, `the sight at :${at}`)
      t.equal(movedSince(picture, snapshot), moved, `moved at :${at}`)
      const can = transferable(picture)
      const said = can.transferable ? can.replaces : can.saw
      t.equal(said, at === '47.101' && picture.endedAt !== undefined ? 'the conversation has ended' : transfer, `transferable at :${at}`)
      if (!can.transferable) t.equal(can.ended, second(at) >= second('47.084'), `ended at :${at}`)
    }
  })
}

t.test('given the recorded call, then its origin is the places of its holder', async (t) => {
  const originAt = (at: string) => {
    const can = transferable(parseConversation(callAt(second(at))))
    return can.transferable ? originOf(can.holder) : can.saw
  }
  t.same(originAt('05.000'), [], 'a flow is no place')
  t.same(originAt('14.000'), [{ type: 'queue', queueId: QUEUE }])
  t.same(originAt('30.000'), [
    { type: 'queue', queueId: QUEUE },
    { type: 'agent', userId: AGENT },
  ])
})

t.test('given the moment at which agent and queue are both connected, then both hold the call and the agent comes first', async (t) => {
  const picture = parseConversation(callAt(second('23.220')))
  const caller = connectedLeg(customerOf(picture.participants)!)!
  t.same(
    holdersOf(picture, caller).map((one) => one.purpose),
    ['agent', 'acd'],
  )
})

t.test('the recorded call and its twins are what the platform says it sends', async (t) => {
  const file = '../shared/genesys/genesys-openapi-subset.json'
  if (!existsSync(file)) return t.pass(`skipped: ${file} is not here`, { skip: `${file} is not here` })
  const document = JSON.parse(readFileSync(file, 'utf8')) as { components: { schemas: Record<string, object> } }
  const ajv = new Ajv({ strict: false })
  formats.default(ajv)
  ajv.addSchema(document, 'platform')
  const names = {
    Conversation: (at: number) => callAt(at),
    CallConversation: (at: number) => flattened(callAt(at)),
    ConversationEventTopicConversation: (at: number) => notified(callAt(at))['eventBody'],
    ConversationCallEventTopicCallConversation: (at: number) => notifiedFlattened(callAt(at))['eventBody'],
  }
  for (const [name, payloadAt] of Object.entries(names)) {
    const validate = ajv.compile({ $ref: `platform#/components/schemas/${name}` })
    const known = Object.keys((document.components.schemas[name] as { properties: object }).properties)
    for (const moment of moments) {
      const payload = payloadAt(moment) as object
      t.ok(validate(payload), `${name}: ${ajv.errorsText(validate.errors)}`)
      t.same(
        Object.keys(payload).filter((key) => !known.includes(key)),
        [],
        `${name} has no field the platform does not know`,
      )
    }
  }
  t.notOk(
    ajv.compile({ $ref: 'platform#/components/schemas/Conversation' })({ ...recordedCall, participants: 'none' }),
    'the schema does refuse a wrong one',
  )
})
