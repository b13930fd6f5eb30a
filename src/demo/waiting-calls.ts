/** Callers who wait in the IVR for somebody to try things out with, under ids that can be counted up from the OpenAPI example's. */
import { DEFAULT_SCENE } from '../simulator/control/default-scene.ts'
import type { Stage } from './stage.ts'

/** The id of the nth waiting call, from 1: those of the default scene, the first of which is the OpenAPI example's, and on from there. */
export const waitingCallId = (n: number): string => `ca110000-0000-4000-8000-${String(n).padStart(12, '0')}`

/** Events that say that a call is no longer where it waited. */
const moved = 'transfer.initiated'

/** Lets one more call come in for each of the scene's waiting calls that is moved. `say` hears of each move, with the id to take next. */
export function keepCallsWaiting({ scene, crm }: Pick<Stage, 'scene' | 'crm'>, say: (movedId: string, nextId: string) => void): void {
  const waiting = new Set<string>(DEFAULT_SCENE.conversations)
  let last = waiting.size
  crm.onHeard(({ type, conversationId }) => {
    if (type !== moved || !waiting.delete(conversationId)) return
    waiting.add(scene.addConversation({ id: waitingCallId(++last), in: 'ivr' }).conversationId)
    const [next = ''] = waiting
    say(conversationId, next)
  })
}
