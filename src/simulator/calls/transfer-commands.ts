import { randomUUID } from 'node:crypto'
import { enterQueue } from './acd.ts'
import { finishLeg } from './agents.ts'
import { leaveAllButCaller, openVoicemail } from './arrivals.ts'
import { platformDisconnects } from './hang-ups.ts'
import { connectLeg, isOver, openLeg, type Conversation, type Leg, type TransferCommand } from './legs.ts'
import { PlatformError } from '../platform/platform-errors.ts'
import { ring } from './ringing.ts'
import { timeFor, type AcceptedTransfer, type World } from '../world.ts'

const MOST_TRANSFERS_KEPT = 100_000
const DIAL_FAILED = { code: 'error.ininedgecontrol.connection.station.unreachable', message: 'The number could not be reached.' }

/** One accepted command on its way: which leg it replaces, and its entry in `recentTransfers`. */
interface Replacement {
  readonly conversation: Conversation
  readonly leg: Leg
  readonly command: TransferCommand
}

export interface TransferRequest {
  readonly conversationId: string
  readonly participantId: string
  readonly to: string | undefined
  readonly transferType: string
}

/**
 * The participant that may be replaced. Throws the documented refusals: conversation unknown or over, participant unknown,
 * its call not connected (genesys-api §1.1). The caller cannot be replaced [INF].
 */
function replaceable(world: World, request: TransferRequest): { conversation: Conversation; leg: Leg; to: string } {
  const conversation = world.conversations.get(request.conversationId)
  if (conversation === undefined || conversation.endAt !== undefined) throw new PlatformError('conversation.error.conversation.not.found')
  const leg = conversation.legs.find((candidate) => candidate.id === request.participantId)
  if (leg === undefined) throw new PlatformError('not.found', { entityId: request.participantId })
  if (leg.state !== 'connected') throw new PlatformError('conversations.error.transfer.not.connected')
  if (leg.purpose === 'customer') throw new PlatformError('bad.request', { message: 'External participants may not be replaced.' })
  if (request.to === undefined || request.to === '') throw new PlatformError('conversations.error.transfer.destination.required')
  return { conversation, leg, to: request.to }
}

function accept(
  world: World,
  request: TransferRequest,
  kind: AcceptedTransfer['kind'],
  { conversation, leg, to }: { conversation: Conversation; leg: Leg; to: string },
  destination: TransferCommand['destination'],
): Replacement {
  const issuedAt = world.clock.now()
  const command: TransferCommand = { id: randomUUID(), issuedAt, state: 'Pending', transferType: request.transferType, destination }
  conversation.commands.push(command)
  world.transfers.push({ at: new Date(issuedAt).toISOString(), conversationId: conversation.id, participantId: leg.id, kind, to })
  if (world.transfers.length > MOST_TRANSFERS_KEPT) world.transfers.shift()
  return { conversation, leg, command }
}

/** Runs `arrive` when the moved call lands, unless the caller or the replaced participant has gone meanwhile. */
function land(world: World, delayMs: number, replacement: Replacement, arrive: () => void): void {
  const { conversation, leg, command } = replacement
  world.clock.after(delayMs, () => {
    if (conversation.endAt !== undefined) return
    if (isOver(leg)) {
      command.state = 'Failed'
      return
    }
    finishLeg(world, leg, 'transfer')
    leaveAllButCaller(world, conversation)
    arrive()
  })
}

/** `replace/queue`: the call leaves the participant and waits in the queue; the command is complete when it does. */
export function replaceWithQueue(world: World, request: TransferRequest): void {
  const found = replaceable(world, request)
  const queue = world.queues.get(found.to)
  if (queue === undefined) throw new PlatformError('conversations.error.queue.not.found')
  if (found.leg.purpose === 'acd' && found.leg.queueId === queue.id) throw new PlatformError('conversations.error.transfer.same.party')
  const replacement = accept(world, request, 'queue', found, { address: `sip:${queue.id}@127.0.0.1;user=acd` })
  land(world, timeFor(world, 'queueDelayMs', queue), replacement, () => {
    enterQueue(world, found.conversation, queue, { priority: 0, skillIds: [] })
    replacement.command.state = 'Complete'
  })
}

/** `replace/agent`: the agent rings, whatever their routing status; refused or unanswered, the command has failed. */
export function replaceWithAgent(world: World, request: TransferRequest): void {
  const found = replaceable(world, request)
  const agent = world.agents.get(found.to)
  if (agent === undefined || agent.state !== 'active') throw new PlatformError('not.found', { entityId: found.to })
  if (found.leg.userId === agent.id) throw new PlatformError('conversations.error.transfer.same.party')
  const { conversation } = found
  const replacement = accept(world, request, 'agent', found, { userId: agent.id })
  land(world, world.settings.queueDelayMs, replacement, () => {
    replacement.command.state = 'Active'
    ring(world, conversation, {
      agent,
      queue: world.queues.get(found.leg.queueId ?? ''),
      answered: () => {
        replacement.command.state = 'Complete'
      },
      unanswered: () => fail(world, replacement),
    })
  })
}

/** `transfer` to a number: a new external leg is dialled, and connects or fails after the scene's `dialMs`. */
export function transferToNumber(world: World, request: TransferRequest): void {
  const found = replaceable(world, request)
  const number = found.to.replace(/^tel:/, '')
  if (!/^\+?[0-9]{3,15}$/.test(number)) throw new PlatformError('bad.request')
  const { conversation } = found
  const address = `tel:${number}`
  if (address === conversation.ani) throw new PlatformError('conversations.error.transfer.same.party')
  const replacement = accept(world, request, 'number', found, { address })
  land(world, world.settings.queueDelayMs, replacement, () => {
    replacement.command.state = 'Active'
    const leg = openLeg(conversation, world.clock.now(), { purpose: 'external', state: 'dialing', name: 'External', address })
    world.clock.after(world.settings.dialMs, () => {
      if (isOver(leg)) return
      if (!world.settings.dialFails) {
        connectLeg(leg, world.clock.now())
        replacement.command.state = 'Complete'
        return
      }
      leg.error = DIAL_FAILED
      finishLeg(world, leg, 'transport.failure')
      fail(world, replacement)
    })
  })
}

/** What becomes of a caller whom nobody took: the agent's voicemail, nobody at all, or the end of the call, as the scene has it. */
function fail(world: World, { conversation, command }: Replacement): void {
  if (conversation.endAt !== undefined) return
  command.state = 'Failed'
  const { afterFailedTransfer } = world.settings
  if (afterFailedTransfer === 'disconnect') platformDisconnects(world, conversation)
  else if (afterFailedTransfer === 'voicemail' && command.destination.userId !== undefined) openVoicemail(world, conversation)
}
