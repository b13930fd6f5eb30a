/** How the demo keeps calls waiting in the IVR for transfers by hand. Their ids count up from the one in the OpenAPI example. */
import { defaultScenario } from '../simulator/control/default-scenario.ts'
import type { DemoSystem } from './demo-system.ts'

/** Returns the id of the nth waiting call, from 1. The default scenario contains the first ones. */
export const formatWaitingCallId = (n: number): string => `ca110000-0000-4000-8000-${String(n).padStart(12, '0')}`

/** Adds a new call for each waiting call that is transferred. `onTransfer` gets the id of the transferred call and the id to use next. */
export function keepCallsWaiting(
  { simulator, crm }: Pick<DemoSystem, 'simulator' | 'crm'>,
  onTransfer: (transferredId: string, nextId: string) => void,
): void {
  const waitingIds = new Set<string>(defaultScenario.conversations)
  let last = waitingIds.size
  crm.onEvent(({ type, conversationId }) => {
    if (type !== 'transfer.initiated' || !waitingIds.delete(conversationId)) return
    waitingIds.add(simulator.addConversation({ id: formatWaitingCallId(++last), in: 'ivr' }).conversationId)
    const [nextId = ''] = waitingIds
    onTransfer(conversationId, nextId)
  })
}
