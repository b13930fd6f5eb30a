/** How the demo always has calls in the IVR to try transfers with; their ids count up from the one in the OpenAPI example. */
import { defaultScenario } from '../simulator/control/default-scenario.ts'
import type { DemoSystem } from './demo-system.ts'

/** The id of the nth waiting call, from 1. The default scenario has the first ones; number 1 is in the OpenAPI example. */
export const waitingCallId = (n: number): string => `ca110000-0000-4000-8000-${String(n).padStart(12, '0')}`

/** Adds a call for each waiting call that is transferred, and then calls `onTransfer` with its id and the id to use next. */
export function keepCallsWaiting(
  { simulator, crm }: Pick<DemoSystem, 'simulator' | 'crm'>,
  onTransfer: (transferredId: string, nextId: string) => void,
): void {
  const waitingIds = new Set<string>(defaultScenario.conversations)
  let last = waitingIds.size
  crm.onEvent(({ type, conversationId }) => {
    if (type !== 'transfer.initiated' || !waitingIds.delete(conversationId)) return
    waitingIds.add(simulator.addConversation({ id: waitingCallId(++last), in: 'ivr' }).conversationId)
    const [nextId = ''] = waitingIds
    onTransfer(conversationId, nextId)
  })
}
