/** Which topics one channel is subscribed to, and when topics are added, removed and renewed to match the wanted ones. */
import type { CallOptions } from '../http/call-options.ts'
import type { Clock } from '../http/clock.ts'
import { GenesysError } from '../http/errors.ts'
import { addTopics } from './add-topics.ts'
import type { NotificationCalls, TopicResult } from './calls.ts'
import type { NotificationTiming } from './timing.ts'

export interface ChannelTopicsOptions {
  channelId: string
  /** The topics that the channel should be subscribed to. The set is read again on each call. */
  wanted: ReadonlySet<string>
  /** How many topics the channel can hold. */
  topicLimit: number
  calls: Pick<NotificationCalls, 'addNotificationTopics' | 'replaceNotificationTopics'>
  createCallOptions: () => CallOptions
  clock: Clock
  timing: Pick<NotificationTiming, 'renewAfterMs' | 'trimIntervalMs'>
  /** Called when the platform has answered a call, before its results are reported. */
  onCall: () => void
  onResult: (result: TopicResult) => void
  /** Called when the results of `has` may have changed. */
  onChange: () => void
  /** Called when a failed call leaves it unclear which topics the channel has, so that the channel should be replaced. */
  onUnclear: () => void
}

export interface ChannelTopics {
  /** Whether the platform has permitted the topic and it has not been removed. */
  has(topic: string): boolean
  /** Adds every wanted topic. @throws GenesysError */
  addAll(): Promise<void>
  /**
   * Adds missing topics. Removes those that are no longer wanted, but only every `timing.trimIntervalMs` unless their room is needed. Renews
   * the channel when that is due.
   * @throws GenesysError
   */
  sync(): Promise<void>
  /** When `sync` will have something to do even if the wanted topics stay the same, in ms of the clock. */
  nextDueAt(): number
}

/** Creates the topics of a new channel, which has none yet. */
export function createChannelTopics({
  channelId,
  wanted,
  topicLimit,
  calls,
  createCallOptions,
  clock,
  timing,
  onCall,
  onResult,
  onChange,
  onUnclear,
}: ChannelTopicsOptions): ChannelTopics {
  const permitted = new Set<string>()
  let renewedAt = clock.now()
  let trimmedAt = clock.now()

  const findSurplus = () => [...permitted].filter((topic) => !wanted.has(topic))
  const findMissing = () => [...wanted].filter((topic) => !permitted.has(topic))

  const applyResults = (results: readonly TopicResult[]) => {
    renewedAt = clock.now()
    onCall()
    for (const result of results) {
      if (result.isPermitted) permitted.add(result.topic)
      onResult(result)
    }
  }
  const add = async (topics: readonly string[]) => applyResults(await addTopics(calls, channelId, topics, createCallOptions))

  const replaceAll = async () => {
    try {
      const results = await calls.replaceNotificationTopics(channelId, [...permitted], createCallOptions())
      permitted.clear()
      applyResults(results)
      trimmedAt = clock.now()
    } catch (error) {
      const isTemporary = error instanceof GenesysError && !['rejected', 'malformed'].includes(error.reason)
      if (isTemporary) throw error
      onUnclear()
    }
    onChange()
  }

  return {
    has: (topic) => permitted.has(topic),
    addAll: () => add([...wanted]),
    async sync() {
      const now = clock.now()
      const surplus = findSurplus()
      const isRoomNeeded = permitted.size + findMissing().length > topicLimit
      const shouldTrim = surplus.length > 0 && (isRoomNeeded || now - trimmedAt >= timing.trimIntervalMs)
      if (shouldTrim || now - renewedAt >= timing.renewAfterMs) {
        for (const topic of surplus) permitted.delete(topic)
        await replaceAll()
      }
      const missing = findMissing()
      if (missing.length === 0) return
      await add(missing)
      onChange()
    },
    nextDueAt() {
      const renewalAt = renewedAt + timing.renewAfterMs
      return findSurplus().length > 0 ? Math.min(renewalAt, trimmedAt + timing.trimIntervalMs) : renewalAt
    },
  }
}
