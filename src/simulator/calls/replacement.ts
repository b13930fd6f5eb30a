/** The steps that all transfer commands share: finding the participant to replace, moving the call, and failing. */
import { randomUUID } from 'node:crypto'
import type { Conversation, Leg, TransferCommand } from '../model/conversation.ts'
import { hasEnded } from '../model/leg.ts'
import { PlatformError } from '../model/platform-error.ts'
import type { AcceptedTransfer, PlatformState } from '../model/platform-state.ts'
import { disconnectLeg } from './agents.ts'
import { disconnectAllButCaller, openVoicemailLeg } from './flow-legs.ts'
import { disconnectByPlatform } from './hang-ups.ts'

const maxTransfersKept = 100_000

/** The contents of a transfer command. */
export interface TransferRequest {
  readonly conversationId: string
  readonly participantId: string
  /** The target as the body names it: the id of a queue or user, or a number. */
  readonly to: string | undefined
  readonly transferType: string
}

/** A transfer request that passed the checks: its participant may be replaced. */
export interface Replaceable {
  readonly conversation: Conversation
  /** The leg to replace. */
  readonly leg: Leg
  readonly to: string
}

/** A transfer command that the platform accepted, with the call that it moves. */
export interface AcceptedCommand {
  readonly conversation: Conversation
  /** The leg to replace. */
  readonly leg: Leg
  /** The entry in `recentTransfers`. */
  readonly command: TransferCommand
}

/**
 * Finds the participant that the request wants to replace. That the caller cannot be replaced is an assumption.
 *
 * @throws {PlatformError} With a documented code, when the conversation is unknown or over, the participant is unknown, not connected or
 *   the caller, or the target is missing (docs/genesys-cloud.md rule 6).
 */
export function findReplaceable(platform: PlatformState, request: TransferRequest): Replaceable {
  const conversation = platform.conversations.get(request.conversationId)
  if (conversation === undefined || conversation.endAt !== undefined) throw new PlatformError('conversation.error.conversation.not.found')
  const leg = conversation.legs.find(({ id }) => id === request.participantId)
  if (leg === undefined) throw new PlatformError('not.found', { entityId: request.participantId })
  if (leg.state !== 'connected') throw new PlatformError('conversations.error.transfer.not.connected')
  if (leg.purpose === 'customer') throw new PlatformError('bad.request', { message: 'External participants may not be replaced.' })
  if (request.to === undefined || request.to === '') throw new PlatformError('conversations.error.transfer.destination.required')
  return { conversation, leg, to: request.to }
}

/** Records an accepted command, both for `recentTransfers` and for the control API, where tests check that no call was moved twice. */
export function acceptCommand(
  platform: PlatformState,
  { conversation, leg, to }: Replaceable,
  kind: AcceptedTransfer['kind'],
  transferType: string,
  destination: TransferCommand['destination'],
): AcceptedCommand {
  const issuedAt = platform.clock.now()
  const command: TransferCommand = { id: randomUUID(), issuedAt, state: 'Pending', transferType, destination }
  conversation.commands.push(command)
  platform.transfers.push({ at: new Date(issuedAt).toISOString(), conversationId: conversation.id, participantId: leg.id, kind, to })
  if (platform.transfers.length > maxTransfersKept) platform.transfers.shift()
  return { conversation, leg, command }
}

/**
 * Moves the call after a delay, unless the conversation or the leg to replace has ended meanwhile.
 *
 * @param onMoved Called when only the caller is left in the conversation.
 */
export function moveLater(platform: PlatformState, delayMs: number, accepted: AcceptedCommand, onMoved: () => void): void {
  const { conversation, leg, command } = accepted
  platform.clock.after(delayMs, () => {
    if (conversation.endAt !== undefined) return
    if (hasEnded(leg)) {
      command.state = 'Failed'
      return
    }
    disconnectLeg(platform, leg, 'transfer')
    disconnectAllButCaller(platform, conversation)
    onMoved()
  })
}

/** Marks a command as failed after its call has moved; the setting `afterFailedTransfer` decides what happens to the caller. */
export function failTransfer(platform: PlatformState, { conversation, command }: AcceptedCommand): void {
  if (conversation.endAt !== undefined) return
  command.state = 'Failed'
  const { afterFailedTransfer } = platform.settings
  if (afterFailedTransfer === 'disconnect') disconnectByPlatform(platform, conversation)
  // Only an agent has a voicemail.
  else if (afterFailedTransfer === 'voicemail' && command.destination.userId !== undefined) {
    openVoicemailLeg(conversation, platform.clock.now())
  }
}
