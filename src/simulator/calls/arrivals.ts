import { randomUUID } from 'node:crypto'
import { enterQueue } from './acd.ts'
import { finishLeg } from './agents.ts'
import { callerHangsUp } from './hang-ups.ts'
import { connectedLeg, openLeg, type Conversation, type Leg } from './legs.ts'
import { takesUp } from './ringing.ts'
import { SceneError, type ConversationSpec, type FlowTransferSpec } from '../control/scene-shapes.ts'
import { timeFor, type Queue, type World } from '../world.ts'

const MOST_CONVERSATIONS = 50_000
const NO_WISHES = { priority: 0, skillIds: [] }

/** A queue or agent of the scene by id. Throws SceneError when there is none. */
export function existing<T>(entities: ReadonlyMap<string, T>, what: string, id: string): T {
  const entity = entities.get(id)
  if (entity === undefined) throw new SceneError(`There is no ${what} ${id}`)
  return entity
}

/**
 * A call comes in and stands where the scene wants it: in the IVR, waiting in a queue (after an IVR), or in an agent's hands.
 * Throws SceneError, and changes nothing, for a queue or agent that does not exist or an id that is taken.
 */
export function callArrives(world: World, spec: ConversationSpec): Conversation {
  const id = spec.id ?? randomUUID()
  if (world.conversations.has(id)) throw new SceneError(`There is a conversation ${id} already`)
  const place: { queueId?: string; userId?: string } = spec.in === 'ivr' ? {} : spec.in
  const queue = place.queueId === undefined ? undefined : existing(world.queues, 'queue', place.queueId)
  const agent = place.userId === undefined ? undefined : existing(world.agents, 'agent', place.userId)

  const at = world.clock.now()
  const conversation: Conversation = {
    id,
    startAt: at,
    ani: telephone(spec.ani ?? '+13175550100'),
    dnis: telephone(spec.dnis ?? '+13175550199'),
    legs: [],
    commands: [],
    tell: (leg, moment) => world.legChanged(leg, moment),
  }
  openCaller(conversation, at, spec.callerState ?? 'connected')
  if (queue !== undefined || agent === undefined) {
    const ivr = openIvr(conversation, at)
    if (queue !== undefined) finishLeg(world, ivr, 'transfer')
  }
  const acd = queue === undefined ? undefined : enterQueue(world, conversation, queue, NO_WISHES)
  if (agent !== undefined) {
    const leg = openLeg(conversation, at, {
      purpose: queue === undefined ? 'user' : 'agent',
      state: 'connected',
      name: agent.name,
      address: `sip:${agent.id}@127.0.0.1;user=agent`,
      userId: agent.id,
      ...(queue !== undefined && { queueId: queue.id }),
    })
    takesUp(world, conversation, agent, leg, queue)
    if (acd !== undefined) finishLeg(world, acd, 'transfer')
  }
  forgetOldest(world)
  world.conversations.set(id, conversation)
  if (spec.callerHangsUpAfter !== undefined) world.clock.after(spec.callerHangsUpAfter, () => callerHangsUp(world, conversation))
  return conversation
}

function telephone(number: string): string {
  return number.includes(':') ? number : `tel:${number}`
}

function openCaller(conversation: Conversation, at: number, state: Leg['state']): void {
  const over = state === 'disconnected' || state === 'terminated'
  const leg = openLeg(conversation, at, {
    purpose: 'customer',
    state: over ? 'connected' : state,
    name: 'Caller',
    address: conversation.ani,
  })
  if (!over) return
  Object.assign(leg, { state, endAt: at, disconnectType: 'endpoint' } satisfies Partial<Leg>)
  conversation.tell(leg, 'ended')
}

function openIvr(conversation: Conversation, at: number): Leg {
  return openLeg(conversation, at, {
    purpose: 'ivr',
    state: 'connected',
    name: 'Inbound flow',
    address: 'sip:00000000-0000-4000-8000-0000000000f1@127.0.0.1;user=ivr',
  })
}

/** Long-running stagings stay bounded: the oldest call that has ended goes. */
function forgetOldest(world: World): void {
  if (world.conversations.size < MOST_CONVERSATIONS) return
  for (const [id, conversation] of world.conversations) {
    if (conversation.endAt === undefined) continue
    world.conversations.delete(id)
    return
  }
}

/**
 * The Architect flow itself does Transfer to ACD: the ivr leg ends with `transfer` at once, the acd leg follows after the
 * queue's delay (88 ms on the recorded call, genesys-api §3.1). Throws SceneError when no ivr leg is connected.
 */
export function flowTransfers(world: World, conversation: Conversation, spec: FlowTransferSpec): void {
  const queue = existing(world.queues, 'queue', spec.queueId)
  for (const skillId of spec.skillIds ?? []) existing(world.skills, 'skill', skillId)
  const ivr = connectedLeg(conversation, 'ivr')
  if (ivr === undefined) throw new SceneError(`Conversation ${conversation.id} is not in an IVR`)
  finishLeg(world, ivr, 'transfer')
  world.clock.after(timeFor(world, 'queueDelayMs', queue), () => {
    if (conversation.endAt === undefined) enterQueue(world, conversation, queue, wishes(spec))
  })
}

function wishes(spec: FlowTransferSpec): { priority: number; skillIds: readonly string[] } {
  return { priority: spec.priority ?? NO_WISHES.priority, skillIds: spec.skillIds ?? NO_WISHES.skillIds }
}

/** The in-queue flow moves a waiting call on to voicemail or an IVR (rule 8). Throws SceneError when the call is in no queue. */
export function flowsOut(world: World, conversation: Conversation, to: 'voicemail' | 'ivr'): void {
  const acd = connectedLeg(conversation, 'acd')
  const queue: Queue | undefined = world.queues.get(acd?.queueId ?? '')
  if (acd === undefined || queue?.waiting.has(acd) !== true)
    throw new SceneError(`Conversation ${conversation.id} does not wait in a queue`)
  leaveAllButCaller(world, conversation)
  if (to === 'ivr') openIvr(conversation, world.clock.now())
  else openVoicemail(world, conversation)
}

export function openVoicemail(world: World, conversation: Conversation): void {
  openLeg(conversation, world.clock.now(), {
    purpose: 'voicemail',
    state: 'connected',
    name: 'Voicemail',
    address: 'sip:voicemail@127.0.0.1;user=voicemail',
  })
}

/** Ends every live leg but the caller's: connected ones with `transfer`, ringing ones by the platform. */
export function leaveAllButCaller(world: World, conversation: Conversation): void {
  for (const leg of conversation.legs) {
    if (leg.purpose !== 'customer') finishLeg(world, leg, leg.state === 'connected' ? 'transfer' : 'system')
  }
}
