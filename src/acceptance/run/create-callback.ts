/** Creates a callback on the call, and reads until the conversation shows it. */
import { findCustomer } from '../../conversations/participants.ts'
import { probeAttribute } from '../recording/probe-attribute.ts'
import type { CallWatch } from './call-watch.ts'
import type { RunContext } from './run-context.ts'

/** @throws RunStopped when the platform fails */
export async function createCallback({ recorder, options, pace }: RunContext, watch: CallWatch): Promise<void> {
  recorder.step = 'callback'
  const { callbackNumber, conversationId, queueId } = options
  if (callbackNumber === undefined) return recorder.add({ kind: 'skip', why: 'it needs --callback-number' })
  const caller = findCustomer((await watch.read()).participants)
  if (caller === undefined || caller.endedAt !== undefined) return recorder.add({ kind: 'skip', why: 'the caller has hung up' })
  const known = caller.callbackIds?.length ?? 0
  const { status } = await recorder.command('POST', `/conversations/${conversationId}/participants/${caller.id}/callbacks`, {
    routingData: { queueId, skillIds: [], priority: 0 },
    callbackNumbers: [callbackNumber],
    data: { [probeAttribute]: 'callback' },
  })
  if (status >= 300) return
  await watch.until(({ conversation: { participants } }) => {
    const hasCallback = participants.some(({ callbackIds = [] }) => callbackIds.length > known)
    return hasCallback && participants.some(({ attributes }) => attributes[probeAttribute] === 'callback')
  }, pace.shownWithinMs)
}
