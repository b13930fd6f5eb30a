import { parseConversation } from '../../src/conversations/conversation.ts'
import type { Conversation } from '../../src/conversations/conversation.ts'
import { snapshotOf } from '../../src/conversations/snapshot.ts'
import type { Snapshot } from '../../src/conversations/snapshot.ts'

type Json = Record<string, unknown>
const clock = (second: number) => new Date(Date.UTC(2026, 0, 5, 9, 0, second)).toISOString()

/** A participant as GET /conversations/{id} has it. Seconds count from the start of the call; no `answered` = rang only. */
export function party(
  id: string,
  purpose: string,
  said: { from?: number; answered?: number; until?: number; how?: string; state?: string; peer?: string; error?: string; more?: Json } = {},
): Json {
  const { from = 0, answered, until, how, state, peer, error, more } = said
  return {
    id,
    purpose,
    startTime: clock(from),
    attributes: {},
    ...more,
    ...(answered !== undefined && { connectedTime: clock(answered) }),
    ...(until !== undefined && { endTime: clock(until) }),
    calls: [
      {
        id: `leg-${id}`,
        held: false,
        state: state ?? (until !== undefined ? 'terminated' : answered !== undefined ? 'connected' : 'alerting'),
        ...(answered !== undefined && { connectedTime: clock(answered) }),
        ...(until !== undefined && { disconnectedTime: clock(until) }),
        ...(how !== undefined && { disconnectType: how }),
        ...(peer !== undefined && { peerId: peer }),
        ...(error !== undefined && { errorInfo: { code: error } }),
      },
    ],
  }
}

export const customer = (said: Parameters<typeof party>[2] = {}) => party('customer', 'customer', { answered: 0, ...said })
export const ivr = (said: Parameters<typeof party>[2] = {}) => party('ivr', 'ivr', { answered: 0, ...said })
export const inQueue = (id: string, queueId: string, said: Parameters<typeof party>[2] = {}) =>
  party(id, 'acd', { answered: said.from ?? 0, ...said, more: { queueId, ...said.more } })
export const offered = (id: string, userId: string, queueId: string | undefined, said: Parameters<typeof party>[2] = {}) =>
  party(id, 'agent', { ...said, more: { userId, ...(queueId !== undefined && { queueId }), ...said.more } })

/** The picture of a call with these participants in it. */
export const picture = (participants: Json[], more: Json = {}): Conversation =>
  parseConversation({ id: 'call', startTime: clock(0), participants, ...more })

/** The snapshot of a call with these participants, held by the one named. */
export function held(by: string, participants: Json[], more: Json = {}): Snapshot {
  const before = picture(participants, more)
  const holder = before.participants.find((one) => one.id === by)
  if (holder === undefined) throw new Error(`${by} is not in the scene`)
  return snapshotOf(before, holder, Date.parse(clock(1)))
}

export { clock }
