/** How a callback is created on a call: the caller is called back later, and the call stays where it is (docs/genesys-cloud.md rule 94). */
import { randomUUID } from 'node:crypto'
import type { Callback } from '../model/conversation.ts'
import { hasEnded } from '../model/leg.ts'
import { PlatformError } from '../model/platform-error.ts'
import type { AcceptedCallback, PlatformState } from '../model/platform-state.ts'

const maxCallbacksKept = 100_000

/** The contents of a command that creates a callback. */
export interface CallbackRequest {
  readonly conversationId: string
  readonly participantId: string
  readonly queueId: string
  readonly skillIds: readonly string[]
  readonly priority: number
  readonly numbers: readonly string[]
  readonly userName?: string
  readonly scheduledTime?: string
  readonly data: Readonly<Record<string, string>>
}

/**
 * Creates a callback. Like the effect of a transfer, it shows in the conversation only after `queueDelayMs`. That it needs a participant who
 * is still on the call is an assumption.
 *
 * @throws {PlatformError} When the conversation, the participant or the queue does not exist, or the participant has left.
 */
export function createCallback(platform: PlatformState, request: CallbackRequest): void {
  const { conversationId, participantId, queueId, skillIds, priority, numbers, userName, scheduledTime, data } = request
  const conversation = platform.conversations.get(conversationId)
  if (conversation === undefined) throw new PlatformError('conversation.error.conversation.not.found')
  const leg = conversation.legs.find(({ id }) => id === participantId)
  if (leg === undefined) throw new PlatformError('not.found', { entityId: participantId })
  if (hasEnded(leg)) throw new PlatformError('bad.request', { message: 'The participant is not on the call any more.' })
  if (!platform.queues.has(queueId)) throw new PlatformError('conversations.error.queue.not.found')

  const callback: Callback = {
    id: randomUUID(),
    numbers,
    ...(userName !== undefined && { userName }),
    ...(scheduledTime !== undefined && { scheduledTime }),
  }
  const accepted: AcceptedCallback = {
    at: new Date(platform.clock.now()).toISOString(),
    conversationId,
    participantId,
    callbackId: callback.id,
    queueId,
    skillIds,
    priority,
    numbers,
    scheduledTime: scheduledTime ?? null,
    data,
  }
  platform.callbacks.push(accepted)
  if (platform.callbacks.length > maxCallbacksKept) platform.callbacks.shift()
  platform.clock.after(platform.settings.queueDelayMs, () => {
    conversation.callbacks.push(callback)
    Object.assign(leg.attributes, data)
    conversation.onLegChange(leg, 'changed')
  })
}
