/** What a recording shows, in the terms of `src/conversations`: questions are answered from this and from nothing else. */
import { parseConversationIfReadable, type Conversation } from '../../conversations/conversation.ts'
import type { Entry, Exchange, Recording, Step } from '../recording/recording.ts'
import { findMoves, type Move } from './moves.ts'

/** What the call looked like at a moment. */
export interface Look {
  /** When it was known, in ms since the start of the run. */
  atMs: number
  /** When a read showed the same for the last time, ms. */
  untilMs: number
  step: Step
  source: 'read' | 'event'
  conversation: Conversation
}

type EntryOf<Kind extends Entry['kind']> = Extract<Entry, { kind: Kind }>

export interface Evidence {
  recording: Recording
  /** The reads and events of the call that can be understood, in order. */
  looks: Look[]
  /** The call's moves: the first is that to the target queue. */
  moves: Move[]
  /** The exchanges of an operation, such as `GET /routing/queues/{id}`. */
  exchanges(operation: string): Exchange[]
  entries<Kind extends Entry['kind']>(kind: Kind): Array<EntryOf<Kind>>
  /** Why a step was not made; undefined if it was. */
  whySkipped(step: Step): string | undefined
  hasReached(step: Step): boolean
}

const readOperation = 'GET /conversations/{id}'

function findLooks({ entries, subjects }: Recording): Look[] {
  return entries.flatMap((entry): Look[] => {
    const isRead = entry.kind === 'exchange' && entry.operation === readOperation && entry.body !== undefined
    if (!isRead && entry.kind !== 'event') return []
    const conversation = parseConversationIfReadable(entry.body)
    if (conversation?.conversationId !== subjects.conversationId) return []
    const atMs = entry.kind === 'event' ? entry.atMs : entry.atMs + entry.tookMs
    const untilMs = (entry.kind === 'exchange' ? entry.untilMs : undefined) ?? atMs
    return [{ atMs, untilMs, step: entry.step, source: entry.kind === 'event' ? 'event' : 'read', conversation }]
  })
}

/** Reads a recording. Never throws for what the platform may have answered. */
export function createEvidence(recording: Recording): Evidence {
  const { entries } = recording
  const looks = findLooks(recording)
  return {
    recording,
    looks,
    moves: findMoves(recording, looks),
    exchanges: (operation) => entries.filter((entry) => entry.kind === 'exchange').filter((entry) => entry.operation === operation),
    entries: <Kind extends Entry['kind']>(kind: Kind) => entries.filter((entry): entry is EntryOf<Kind> => entry.kind === kind),
    whySkipped: (step) => entries.filter((entry) => entry.kind === 'skip').find((entry) => entry.step === step)?.why,
    hasReached: (step) => entries.some((entry) => entry.step === step),
  }
}
