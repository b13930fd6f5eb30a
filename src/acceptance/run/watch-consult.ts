/** Watches the call while its agent consults someone, to see which participants the platform marks, and whether it clears the marks. */
import { isFinished } from '../../conversations/leg.ts'
import type { CallWatch } from './call-watch.ts'
import type { RunContext } from './run-context.ts'

/** @throws RunStopped when the platform fails */
export async function watchConsult({ recorder, options, pace, print }: RunContext, watch: CallWatch): Promise<void> {
  recorder.step = 'consult'
  if (options.consultWaitMs === 0) return recorder.add({ kind: 'skip', why: 'it needs --consult-wait and an agent who consults' })
  print('  Let the agent consult a colleague or a number now, and end the consult.')
  const before = new Set((await watch.read()).participants.map(({ id }) => id))
  const began = await watch.until(
    ({ conversation }) => conversation.participants.some(({ id, isInConsult }) => isInConsult || !before.has(id)),
    options.consultWaitMs,
  )
  if (began === undefined) return recorder.add({ kind: 'skip', why: 'no consult was seen' })
  const ended = await watch.until(({ conversation: { participants } }) => {
    const parties = participants.filter(({ id }) => !before.has(id))
    return parties.length > 0 && parties.every(isFinished)
  }, options.consultWaitMs)
  if (ended === undefined) return recorder.add({ kind: 'skip', why: 'the end of the consult was not seen' })
  // The platform may clear a mark a little later than the consult ends.
  await watch.until(({ conversation }) => conversation.participants.every(({ isInConsult }) => !isInConsult), pace.shownWithinMs)
}
