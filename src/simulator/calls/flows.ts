/** What Architect flows do with a call by themselves: an inbound flow transfers it to a queue, an in-queue flow moves it elsewhere. */
import type { Conversation } from '../model/conversation.ts'
import { findConnectedLeg } from '../model/leg.ts'
import type { PlatformState } from '../model/platform-state.ts'
import { requireEntity } from '../model/require-entity.ts'
import { getTiming } from '../model/timing.ts'
import { ControlError } from '../specs/control-error.ts'
import type { FlowOutTarget, FlowTransferSpec } from '../specs/conversation-spec.ts'
import { enterQueue } from './acd.ts'
import { disconnectLeg } from './agents.ts'
import { disconnectAllButCaller, openIvrLeg, openVoicemailLeg } from './flow-legs.ts'

/**
 * Runs the action Transfer to ACD of the inbound flow: the ivr leg ends with `transfer` at once, and the acd leg begins after
 * `queueDelayMs` (88 ms on a recorded call, docs/genesys-cloud.md rule 18).
 *
 * @throws {ControlError} When no ivr leg is connected, or the queue or a skill does not exist.
 */
export function transferByFlow(platform: PlatformState, conversation: Conversation, spec: FlowTransferSpec): void {
  const { queueId, priority = 0, skillIds = [] } = spec
  const queue = requireEntity(platform.queues, 'queue', queueId)
  for (const skillId of skillIds) requireEntity(platform.skills, 'skill', skillId)
  const ivrLeg = findConnectedLeg(conversation, 'ivr')
  if (ivrLeg === undefined) throw new ControlError(`Conversation ${conversation.id} is not in an IVR`)
  disconnectLeg(platform, ivrLeg, 'transfer')
  platform.clock.after(getTiming(platform, 'queueDelayMs', queue), () => {
    if (conversation.endAt === undefined) enterQueue(platform, conversation, queue, { priority, skillIds })
  })
}

/**
 * Lets the in-queue flow move a waiting call to a voicemail or an IVR (docs/genesys-cloud.md rule 40).
 *
 * @throws {ControlError} When the call does not wait in a queue.
 */
export function flowOut(platform: PlatformState, conversation: Conversation, target: FlowOutTarget): void {
  const acdLeg = findConnectedLeg(conversation, 'acd')
  const queue = platform.queues.get(acdLeg?.queueId ?? '')
  if (acdLeg === undefined || queue?.waiting.has(acdLeg) !== true) {
    throw new ControlError(`Conversation ${conversation.id} does not wait in a queue`)
  }
  disconnectAllButCaller(platform, conversation)
  const openTargetLeg = target === 'ivr' ? openIvrLeg : openVoicemailLeg
  openTargetLeg(conversation, platform.clock.now())
}
