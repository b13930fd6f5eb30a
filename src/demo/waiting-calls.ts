/** Callers who wait in the IVR for somebody to try things out with, under ids that can be counted up from the OpenAPI example's. */
import type { Stage } from './stage.ts'

/** So many wait at any time. */
export const callsKept = 20

/** The id of the nth waiting call, from 1; the first one is the example's of the OpenAPI document. */
export const waitingCallId = (n: number): string => `ca110000-0000-4000-8000-${String(n).padStart(12, '0')}`

/** Events that say that a call is no longer where it waited. */
const moved = 'transfer.initiated'

/** Lets calls come in, and one more for each that is moved. `say` hears of each move, with the id to take next. */
export function keepCallsWaiting({ scene, crm }: Pick<Stage, 'scene' | 'crm'>, say: (movedId: string, nextId: string) => void): void {
  const waiting = new Set<string>()
  let last = 0
  const arrive = (): void => {
    const id = waitingCallId(++last)
    scene.addConversation({ id, in: 'ivr' })
    waiting.add(id)
  }
  for (let n = 0; n < callsKept; n++) arrive()
  crm.onHeard(({ type, conversationId }) => {
    if (type !== moved || !waiting.delete(conversationId)) return
    arrive()
    const [next = ''] = waiting
    say(conversationId, next)
  })
}
