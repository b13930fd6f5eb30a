/** The decisions at every change of a recorded call, in each of the platform's models. */
import { existsSync, readFileSync } from 'node:fs'
import t from 'tap'
import { Ajv } from 'ajv'
import formats from 'ajv-formats'
import { findCustomer, findHolders, findOrigins } from '../../src/conversations/participants.ts'
import { findConnectedLeg } from '../../src/conversations/leg.ts'
import { parseConversation } from '../../src/conversations/conversation.ts'
import { observeProgress } from '../../src/conversations/progress.ts'
import { hasMovedSince, takeSnapshot } from '../../src/conversations/snapshot.ts'
import { checkTransferable } from '../../src/conversations/transferable.ts'
import {
  agentId,
  callAt,
  changeTimes,
  epochMsAt,
  queueId,
  recordedCall,
  toCallConversation,
  toCallEvent,
  toConversationEvent,
} from './recorded-call.ts'

const models = {
  'GET /conversations/{id}': callAt,
  'GET /conversations/calls/{id}': (at: number) => toCallConversation(callAt(at)),
  'a conversations event': (at: number) => toConversationEvent(callAt(at)),
  'a conversations.calls event': (at: number) => toCallEvent(callAt(at)),
}
const before = parseConversation(callAt(epochMsAt('09.000')))
const transferability = checkTransferable(before)
if (!transferability.isTransferable) throw new Error(transferability.reason)
const snapshot = takeSnapshot(before, transferability.holder, epochMsAt('09.000'))
const toQueue = { type: 'queue', queueId } as const

const unmoved = { status: 'unmoved', bounces: 0 }
const pickedUp = { status: 'picked_up', userId: agentId, at: '2022-05-17T13:14:23.200Z', bounces: 2 }
const timeline: Array<[at: string, progress: object, hasMoved: boolean, holderOrReason: string]> = [
  ['02.978', unmoved, false, "the caller's leg is alerting"],
  ['03.003', unmoved, false, 'ivr'],
  ['10.381', unmoved, true, 'no participant holds the call at this moment'],
  ['10.469', { status: 'waiting', bounces: 0 }, true, 'acd'],
  ['10.715', { status: 'ringing', userId: agentId, bounces: 0 }, true, "an agent's leg is alerting"],
  ['12.806', { status: 'waiting', bounces: 1 }, true, 'acd'],
  ['16.570', { status: 'ringing', userId: agentId, bounces: 1 }, true, "an agent's leg is alerting"],
  ['19.062', { status: 'waiting', bounces: 2 }, true, 'acd'],
  ['21.083', { status: 'ringing', userId: agentId, bounces: 2 }, true, "an agent's leg is alerting"],
  ['23.200', pickedUp, true, 'both an agent and the queue are on the call'],
  ['23.251', pickedUp, true, 'agent'],
  ['47.084', pickedUp, true, 'the caller has hung up'],
  ['47.101', pickedUp, true, 'the caller has hung up'],
]

t.test(
  'given the timeline above, when it is compared with the recorded call, then it covers every change except the first, before the caller joins',
  async (t) => {
    t.same(
      timeline.map(([at]) => epochMsAt(at)),
      changeTimes.slice(1),
    )
  },
)

for (const [model, payloadAt] of Object.entries(models)) {
  t.test(
    `given the recorded call as ${model}, when the IVR has sent it to the queue, then each change leads to the expected decisions`,
    async (t) => {
      for (const [at, progress, hasMoved, holderOrReason] of timeline) {
        const conversation = parseConversation(payloadAt(epochMsAt(at)))
        t.same(observeProgress(conversation, snapshot, toQueue), progress, `progress at :${at}`)
        t.equal(hasMovedSince(conversation, snapshot), hasMoved, `moved at :${at}`)
        const check = checkTransferable(conversation)
        const actual = check.isTransferable ? check.holder.purpose : check.reason
        t.equal(
          actual,
          at === '47.101' && conversation.endedAt !== undefined ? 'the platform has ended it' : holderOrReason,
          `transferable at :${at}`,
        )
        if (!check.isTransferable) {
          t.equal(check.hasEnded, epochMsAt(at) >= epochMsAt('47.084'), `ended at :${at}`)
          t.equal(check.canRetry, !check.hasEnded, `can be retried at :${at}`)
        }
      }
    },
  )
}

t.test('given the recorded call, when its origins are read, then they are the queue and the agent of its holder', async (t) => {
  const originsAt = (at: string) => {
    const check = checkTransferable(parseConversation(callAt(epochMsAt(at))))
    return check.isTransferable ? findOrigins(check.holder) : check.reason
  }
  t.same(originsAt('05.000'), [], 'a flow is no origin')
  t.same(originsAt('14.000'), [{ type: 'queue', queueId }])
  t.same(originsAt('30.000'), [
    { type: 'queue', queueId },
    { type: 'agent', userId: agentId },
  ])
})

t.test(
  'given a moment when agent and queue are both connected, when the holders are read, then both hold the call, the agent first',
  async (t) => {
    const conversation = parseConversation(callAt(epochMsAt('23.220')))
    const callerLeg = findConnectedLeg(findCustomer(conversation.participants)!)!
    t.same(
      findHolders(conversation, callerLeg).map(({ purpose }) => purpose),
      ['agent', 'acd'],
    )
  },
)

t.test("given the recorded call in each model, when it is validated, then it matches the platform's API definition", async (t) => {
  const file = '../shared/genesys/genesys-openapi-subset.json'
  const unavailableReason = "the platform's OpenAPI document is not on this machine"
  if (!existsSync(file)) return t.pass(`skipped: ${unavailableReason}`, { skip: unavailableReason })
  const document = JSON.parse(readFileSync(file, 'utf8')) as { components: { schemas: Record<string, object> } }
  const ajv = new Ajv({ strict: false })
  formats.default(ajv)
  ajv.addSchema(document, 'platform')
  const schemas = {
    Conversation: (at: number) => callAt(at),
    CallConversation: (at: number) => toCallConversation(callAt(at)),
    ConversationEventTopicConversation: (at: number) => toConversationEvent(callAt(at))['eventBody'],
    ConversationCallEventTopicCallConversation: (at: number) => toCallEvent(callAt(at))['eventBody'],
  }
  for (const [name, payloadAt] of Object.entries(schemas)) {
    const validate = ajv.compile({ $ref: `platform#/components/schemas/${name}` })
    const known = Object.keys((document.components.schemas[name] as { properties: object }).properties)
    for (const time of changeTimes) {
      const payload = payloadAt(time) as object
      t.ok(validate(payload), `${name}: ${ajv.errorsText(validate.errors)}`)
      t.same(
        Object.keys(payload).filter((key) => !known.includes(key)),
        [],
        `${name} has no unknown field`,
      )
    }
  }
  t.notOk(
    ajv.compile({ $ref: 'platform#/components/schemas/Conversation' })({ ...recordedCall, participants: 'none' }),
    'the schema refuses a malformed conversation',
  )
})
