/** Moves the call to the queue, and sets its routing as soon as the platform takes it. */
import { hasArrived, isOver, requireHolder, type CallWatch } from './call-watch.ts'
import type { RunContext } from './run-context.ts'

const routingPriority = 1

/**
 * Sends `replace/queue` for the call, and then `PATCH /routing/conversations/{id}` until it is accepted.
 * @returns whether the call is at the queue
 * @throws RunStopped when the platform fails, or the call cannot be moved
 */
export async function moveCall(context: RunContext, watch: CallWatch): Promise<boolean> {
  const { recorder, options, print } = context
  recorder.step = 'move'
  const holder = requireHolder(await watch.read())
  watch.begin(holder, { type: 'queue', queueId: options.queueId })
  const { status } = await recorder.command('POST', `/conversations/${options.conversationId}/participants/${holder.id}/replace/queue`, {
    transferType: 'Unattended',
    queueId: options.queueId,
  })
  if (status < 300) return applyRouting(context, watch)
  print(`  The platform refuses the command (${status}).`)
  if (status === 403) return false
  if (options.flowWaitMs > 0) print('  Let the flow transfer the call to the queue now.')
  const sight = await watch.until((current) => hasArrived(current) || isOver(current), options.flowWaitMs)
  if (sight === undefined || !hasArrived(sight)) {
    recorder.add({ kind: 'skip', why: 'the flow did not transfer the call to the queue either' })
    return false
  }
  return applyRouting(context, watch)
}

/** Patches and reads in turn, until the platform has accepted a patch and the call is at the queue, or the call is not going to move. */
async function applyRouting({ recorder, options, pace }: RunContext, watch: CallWatch): Promise<boolean> {
  const { conversationId, agentId } = options
  const body = { priority: routingPriority, ...(agentId !== undefined && { requestScoredAgents: [{ id: agentId, score: 100 }] }) }
  const endMs = recorder.now() + pace.unmovedAfterMs
  let isAtQueue = false
  for (;;) {
    const { status } = await recorder.command('PATCH', `/routing/conversations/${conversationId}`, body, { canFail: true })
    // A patch counts only if it was sent after the call had arrived: an earlier one may be lost with the move.
    if (isAtQueue && (status < 300 || status === 403)) return true
    const sight = await watch.until(() => true, 0)
    isAtQueue ||= sight !== undefined && hasArrived(sight)
    if (sight !== undefined && (isOver(sight) || sight.progress.status === 'picked_up')) return isAtQueue
    if (recorder.now() >= endMs) return isAtQueue
    await recorder.pause(isAtQueue ? 0 : pace.pollIntervalMs)
  }
}
