/** What the state of a transfer means, in words: with the agent's name where that is known. */
import { states } from '../format.js'
import { nameOf } from '../names.js'

export function describeMeaning({ state, agentUserId, resolvedTarget }) {
  if (state === 'picked_up' && agentUserId) return `${nameOf(agentUserId)} has picked up the call.`
  // Who answers at a number need not be an agent.
  if (state === 'picked_up' && resolvedTarget?.type === 'number') return 'The call was answered at this number.'
  return states[state]?.means
}
