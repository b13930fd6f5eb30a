/** What an agent sees on the desktop: the calls that ring at the agent or that the agent is on, with the attributes of the caller. */
import type { Agent } from '../model/directory.ts'

export interface AgentCall {
  conversationId: string
  /** `alerting` while the call rings, `connected` once the agent has picked up. */
  state: string
  /** The attributes of the caller's participant, which scripts show (docs/genesys-cloud.md rule 14). */
  attributes: Record<string, string>
}

/** The calls of an agent, oldest first. */
export function createAgentView({ activeLegs }: Agent): AgentCall[] {
  return [...activeLegs].map(({ conversation, state }) => ({
    conversationId: conversation.id,
    state,
    attributes: { ...conversation.legs[0]?.attributes },
  }))
}
