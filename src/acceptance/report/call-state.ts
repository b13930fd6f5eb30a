/** In which state a run has left the call, in words. */
import { findCustomer, findHolders } from '../../conversations/participants.ts'
import { findConnectedLeg, hasRingingLeg, isFinished } from '../../conversations/leg.ts'
import type { Conversation, Participant } from '../../conversations/conversation.ts'
import type { Evidence } from '../evidence/evidence.ts'

const purposeNames: Readonly<Record<string, string>> = {
  ivr: 'a flow has it',
  workflow: 'a flow has it',
  agent: 'an agent has it',
  user: 'a user has it',
  external: 'an outside party has it',
  voicemail: 'voicemail has it',
}

function describeHolder(holder: Participant, { subjects }: Evidence['recording']): string {
  if (holder.purpose !== 'acd') return purposeNames[holder.purpose] ?? `a participant with the purpose "${holder.purpose}" has it`
  if (holder.queueId === subjects.queueId) return 'it waits in the queue'
  return holder.queueId === subjects.secondQueueId ? 'it waits in the second queue' : 'it waits in another queue'
}

function describeCall(conversation: Conversation, recording: Evidence['recording']): string {
  const caller = findCustomer(conversation.participants)
  if (conversation.endedAt !== undefined || (caller !== undefined && isFinished(caller))) return 'it is over'
  const leg = caller && findConnectedLeg(caller)
  const [holder] = leg === undefined ? [] : findHolders(conversation, leg)
  if (holder !== undefined) return describeHolder(holder, recording)
  return conversation.participants.some(hasRingingLeg) ? 'it rings' : 'only the caller is connected'
}

/**
 * Describes the call as it was read last. If the platform failed after that, the call may be elsewhere by now.
 * @returns a sentence without a period
 */
export function describeCallState({ looks, recording, moves }: Evidence): string {
  const last = looks.findLast(({ source }) => source === 'read')
  if (last === undefined) return 'unknown: the call was never read; no command was sent'
  const state = describeCall(last.conversation, recording)
  if (last.step === 'end') return state
  const lastRead = recording.entries.findLast((entry) => entry.kind === 'exchange')
  const silentMs = (lastRead?.atMs ?? last.untilMs) - last.untilMs
  const command = moves.at(-1)?.command
  const isOpen =
    command !== undefined && command.atMs >= last.untilMs && (command.status < 300 || command.status >= 500 || command.status === 0)
  const warning = isOpen ? '; a command to move it was sent after that' : ''
  return `unknown: it could not be read in the end. ${Math.max(0, Math.round(silentMs / 1_000))} s before, ${state}${warning}`
}
