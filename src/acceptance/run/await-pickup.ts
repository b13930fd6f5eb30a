/** Waits for an agent to pick up; on the way, the call may be moved on while it rings, and a command sent just after the pickup. */
import { findReplaceableQueue } from '../../conversations/replaceable-queue.ts'
import type { Participant } from '../../conversations/conversation.ts'
import { isDestinationQueue } from '../../conversations/pickup.ts'
import { findNewcomers } from '../../conversations/snapshot.ts'
import { hasArrived, isOver, type CallWatch, type Sight } from './call-watch.ts'
import type { RunContext } from './run-context.ts'

const isPickedUp = ({ progress }: Sight): boolean => progress.status === 'picked_up'
const isRinging = ({ progress }: Sight): boolean => progress.status === 'ringing'
const isSettled = (sight: Sight): boolean =>
  isPickedUp(sight) || isOver(sight) || ['elsewhere', 'flowed_out'].includes(sight.progress.status)

const sendReplace = (context: RunContext, { id }: Participant, queueId: string) =>
  context.recorder.command('POST', `/conversations/${context.options.conversationId}/participants/${id}/replace/queue`, {
    transferType: 'Unattended',
    queueId,
  })

/** Moves the call to the second queue while it rings at an agent of the first. */
async function moveWhileRinging(context: RunContext, watch: CallWatch, secondQueueId: string): Promise<void> {
  const { recorder, options, pace } = context
  recorder.step = 'ringing_move'
  const ringing = await watch.until((sight) => isRinging(sight) || isSettled(sight), options.pickupWaitMs, { wakesOnEvents: true })
  const queue = ringing && isRinging(ringing) ? findReplaceableQueue(ringing.conversation, watch.snapshot, watch.destination) : undefined
  if (queue === undefined) return recorder.add({ kind: 'skip', why: 'the call was not seen ringing at an agent of the queue' })
  watch.begin(queue, { type: 'queue', queueId: secondQueueId })
  const { status } = await sendReplace(context, queue, secondQueueId)
  if (status >= 300) watch.begin(queue, { type: 'queue', queueId: options.queueId })
  else await watch.until((sight) => hasArrived(sight) || isOver(sight), pace.unmovedAfterMs)
}

/** Sends a command for the queue's participant as soon as the pickup is seen. @param sight what showed the pickup */
async function sendLateCommand(context: RunContext, watch: CallWatch, { conversation }: Sight): Promise<void> {
  const { recorder, options, pace } = context
  recorder.step = 'late_command'
  const isAtSecondQueue = watch.destination.type === 'queue' && watch.destination.queueId === options.secondQueueId
  const target = isAtSecondQueue ? options.queueId : options.secondQueueId
  const queue = findNewcomers(conversation, watch.snapshot).find((newcomer) => isDestinationQueue(newcomer, watch.destination))
  if (queue === undefined || target === undefined)
    return recorder.add({ kind: 'skip', why: 'the call does not show the queue it came from' })
  const { status } = await sendReplace(context, queue, target)
  if (status >= 300) return
  watch.begin(queue, { type: 'queue', queueId: target })
  await watch.until((sight) => hasArrived(sight), pace.unmovedAfterMs)
}

/** @throws RunStopped when the platform fails. @returns whether an agent has the call */
export async function awaitPickup(context: RunContext, watch: CallWatch): Promise<boolean> {
  const { recorder, options } = context
  const { secondQueueId, pickupWaitMs, shouldSendLateCommand } = options
  if (secondQueueId !== undefined) await moveWhileRinging(context, watch, secondQueueId)
  recorder.step = 'pickup'
  const sight = await watch.until(isSettled, pickupWaitMs, { wakesOnEvents: shouldSendLateCommand })
  if (sight === undefined) recorder.add({ kind: 'skip', why: `nobody picked up within ${Math.round(pickupWaitMs / 1_000)} s` })
  if (sight === undefined || !isPickedUp(sight)) return false
  if (shouldSendLateCommand) await sendLateCommand(context, watch, sight)
  return true
}
