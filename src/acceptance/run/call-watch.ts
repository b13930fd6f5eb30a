/** Reads the call again and again, and compares each read with the snapshot before its move. */
import { parseConversation, parseConversationIfReadable, type Conversation, type Participant } from '../../conversations/conversation.ts'
import type { Destination } from '../../conversations/pickup.ts'
import { observeProgress, type CallProgress } from '../../conversations/progress.ts'
import { takeSnapshot } from '../../conversations/snapshot.ts'
import { checkTransferable } from '../../conversations/transferable.ts'
import { UnreadableJson } from '../../model/json-fields.ts'
import type { Snapshot } from '../../model/snapshot.ts'
import { RunStopped } from '../recording/run-stopped.ts'
import type { RunContext } from './run-context.ts'

/** What a read shows. */
export interface Sight {
  conversation: Conversation
  progress: CallProgress
}

export interface CallWatch {
  /** Reads the call once. @throws RunStopped when it cannot be read */
  read(): Promise<Conversation>
  /** Begins a move: progress is counted from what the last read shows. */
  begin(holder: Participant, destination: Destination): void
  readonly snapshot: Snapshot
  readonly destination: Destination
  /**
   * Reads the call until `isDone` says so, or `timeoutMs` are over.
   * @param wakesOnEvents whether an event that shows it is followed by a read at once. Otherwise reads keep their interval, so that events and
   *   polling can be compared
   * @returns what the last read shows; undefined after the timeout
   */
  until(isDone: (sight: Sight) => boolean, timeoutMs: number, options?: { wakesOnEvents?: boolean }): Promise<Sight | undefined>
  /** Must be called for each event about the call. */
  onEvent(body: unknown): void
}

/** Whether the call is at its destination. */
export const hasArrived = ({ progress }: Sight): boolean => ['waiting', 'ringing', 'picked_up'].includes(progress.status)

/** Whether nothing more can happen to the call. */
export const isOver = ({ progress }: Sight): boolean => progress.status === 'abandoned' || progress.status === 'failed'

export function createCallWatch({ recorder, options, pace }: RunContext): CallWatch {
  let latest: Conversation | undefined
  let snapshot: Snapshot = { participantIds: [], holderId: '', takenAt: 0 }
  let destination: Destination = { type: 'queue', queueId: options.queueId }
  let wake = (_: Conversation): void => {}

  const look = (conversation: Conversation): Sight => ({ conversation, progress: observeProgress(conversation, snapshot, destination) })

  const read = async (): Promise<Conversation> => {
    const { status, body } = await recorder.read('GET', `/conversations/${options.conversationId}`)
    if (status !== 200) throw new RunStopped('not_moved', `the conversation cannot be read (${status})`)
    try {
      latest = parseConversation(body)
      return latest
    } catch (error) {
      if (error instanceof UnreadableJson) throw new RunStopped('not_moved', `the conversation cannot be understood: ${error.message}`)
      throw error
    }
  }

  return {
    read,
    begin(holder, to) {
      if (latest === undefined) throw new Error('the call was not read')
      snapshot = takeSnapshot(latest, holder, 0)
      destination = to
    },
    get snapshot() {
      return snapshot
    },
    get destination() {
      return destination
    },
    async until(isDone, timeoutMs, { wakesOnEvents = false } = {}) {
      const endMs = recorder.now() + timeoutMs
      for (;;) {
        const sight = look(await read())
        if (isDone(sight)) return sight
        if (recorder.now() >= endMs) return undefined
        const woken = Promise.withResolvers<void>()
        wake = (conversation) => {
          if (wakesOnEvents && isDone(look(conversation))) woken.resolve()
        }
        await Promise.race([recorder.pause(pace.pollIntervalMs), woken.promise])
        wake = () => {}
      }
    },
    onEvent(body) {
      const conversation = parseConversationIfReadable(body)
      if (conversation) wake(conversation)
    },
  }
}

/** The participant that a command can replace now. @throws RunStopped with the reason if the call cannot be moved */
export function requireHolder(conversation: Conversation): Participant {
  const result = checkTransferable(conversation)
  if (!result.isTransferable) throw new RunStopped('not_moved', `the call cannot be moved now: ${result.reason}`)
  return result.holder
}
