/** The commands that moved the call, each with what it was compared with and what was seen of it. */
import type { Conversation, Participant } from '../../conversations/conversation.ts'
import type { Destination } from '../../conversations/pickup.ts'
import { observeProgress, type CallProgress } from '../../conversations/progress.ts'
import { takeSnapshot } from '../../conversations/snapshot.ts'
import type { Snapshot } from '../../model/snapshot.ts'
import { asObject, asText } from '../../model/json-fields.ts'
import type { Exchange, Recording } from '../recording/recording.ts'

/** What a look shows of a move. */
export interface MoveLook {
  atMs: number
  source: 'read' | 'event'
  conversation: Conversation
  progress: CallProgress
}

export interface Move {
  command: Exchange
  /** When the answer to the command came, ms. */
  answeredAtMs: number
  /** The participant that the command replaces, as it was before; undefined if the call was not read before. */
  holder: Participant | undefined
  snapshot: Snapshot
  destination: Destination
  /** What was seen until the next move. */
  looks: MoveLook[]
}

interface Look {
  atMs: number
  source: 'read' | 'event'
  conversation: Conversation
}

const moveSteps: ReadonlySet<string> = new Set(['move', 'ringing_move', 'late_command'])
const operation = 'POST /conversations/{id}/participants/{id}/replace/queue'

/** Finds the moves. Probes of permissions use the same operation in another step, and are none. */
export function findMoves({ entries, subjects }: Recording, looks: readonly Look[]): Move[] {
  const commands = entries
    .filter((entry) => entry.kind === 'exchange')
    .filter((entry) => entry.operation === operation && moveSteps.has(entry.step))
  return commands.map((command, index) => {
    const answeredAtMs = command.atMs + command.tookMs
    const before = looks.findLast(({ atMs, source }) => atMs <= command.atMs && source === 'read')?.conversation
    const holderId = command.path.split('/')[4] ?? ''
    const holder = before?.participants.find(({ id }) => id === holderId)
    const snapshot = before && holder ? takeSnapshot(before, holder, 0) : { participantIds: [], holderId, takenAt: 0, transferIds: [] }
    const destination: Destination = { type: 'queue', queueId: asText(asObject(command.sent)?.['queueId']) ?? subjects.queueId }
    const untilMs = commands[index + 1]?.atMs ?? Infinity
    return {
      command,
      answeredAtMs,
      holder,
      snapshot,
      destination,
      looks: looks
        .filter(({ atMs }) => atMs >= command.atMs && atMs < untilMs)
        .map(({ atMs, source, conversation }) => ({
          atMs,
          source,
          conversation,
          progress: observeProgress(conversation, snapshot, destination),
        })),
    }
  })
}

const arrivedStatuses: ReadonlySet<string> = new Set(['waiting', 'ringing', 'picked_up'])

/** The first look that shows the call at the destination; undefined if it never was there. */
export const findArrival = ({ looks }: Move, source?: MoveLook['source']): MoveLook | undefined =>
  looks.find((look) => arrivedStatuses.has(look.progress.status) && (source === undefined || look.source === source))

/** The first look that shows this status, or a later one. */
export const findStatus = (
  { looks }: Move,
  statuses: readonly CallProgress['status'][],
  source?: MoveLook['source'],
): MoveLook | undefined => looks.find((look) => statuses.includes(look.progress.status) && (source === undefined || look.source === source))
