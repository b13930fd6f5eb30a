/** Which topics are watched, and which channel each topic is assigned to. */

export interface TopicLimits {
  /** How many topics a channel can hold (docs/genesys-cloud.md rule 58: 1,000). */
  topicsPerChannel: number
  maximumChannels: number
  /** How long, in ms, a topic stays assigned after its last watcher has left. */
  lingerMs: number
  /** How long, in ms, a topic that the platform rejected is not assigned. */
  retryRejectedAfterMs: number
}

interface Entry {
  watchers: number
  /** When the last watcher left; only meaningful while there is none. */
  idleSince: number
  /** When a rejected topic may be assigned again. Kept after that time, so that a second rejection is not reported as new. */
  rejectedUntil?: number
  /** Index of the channel. */
  channel?: number
}

/** Keeps the state only and calls nothing. `now` is in ms of any clock, always the same one. */
export interface TopicRegistry {
  watch(topic: string): void
  unwatch(topic: string, now: number): void
  /** Records that the platform rejected the topic. Returns whether that is new. */
  reject(topic: string, now: number): boolean
  /** Records that the platform permitted the topic. */
  permit(topic: string): void
  /**
   * Assigns every watched topic to a channel with room. Topics without watchers lose their channel after `lingerMs`, or earlier if their
   * room is needed.
   */
  assign(now: number): void
  /** The topics of each channel. */
  readonly channels: ReadonlyArray<ReadonlySet<string>>
  /** The index of the topic's channel; undefined if it has none. */
  channelOf(topic: string): number | undefined
  /** When `assign` will have something to do even if nothing else happens; Infinity for never. */
  nextChangeAt(now: number): number
  counts(now: number): { watched: number; rejected: number }
}

/** Creates an empty registry. */
export function createTopicRegistry({ topicsPerChannel, maximumChannels, lingerMs, retryRejectedAfterMs }: TopicLimits): TopicRegistry {
  const entries = new Map<string, Entry>()
  const channels = Array.from({ length: maximumChannels }, () => new Set<string>())

  const unassign = (topic: string, entry: Entry) => {
    if (entry.channel !== undefined) channels[entry.channel]?.delete(topic)
    delete entry.channel
  }
  /** Deletes an entry that has no watchers, no channel, and no rejection that still applies. */
  const dropIfUnused = (topic: string, entry: Entry, now: number) => {
    if (entry.watchers === 0 && entry.channel === undefined && (entry.rejectedUntil ?? now) <= now) entries.delete(topic)
  }
  /** When the linger time or the rejection of an entry ends; Infinity if neither applies. */
  const changesAt = ({ channel, watchers, idleSince, rejectedUntil = Infinity }: Entry): number => {
    if (channel === undefined) return rejectedUntil
    return watchers === 0 ? idleSince + lingerMs : Infinity
  }

  return {
    channels,
    watch(topic) {
      const entry = entries.get(topic)
      if (entry) entry.watchers += 1
      else entries.set(topic, { watchers: 1, idleSince: 0 })
    },
    unwatch(topic, now) {
      const entry = entries.get(topic)
      if (!entry || entry.watchers === 0) return
      entry.watchers -= 1
      entry.idleSince = now
      dropIfUnused(topic, entry, now)
    },
    reject(topic, now) {
      const entry = entries.get(topic)
      if (!entry) return false
      const isNew = entry.rejectedUntil === undefined
      unassign(topic, entry)
      entry.rejectedUntil = now + retryRejectedAfterMs
      return isNew
    },
    permit(topic) {
      delete entries.get(topic)?.rejectedUntil
    },
    assign(now) {
      for (const [topic, entry] of entries) {
        if (entry.channel !== undefined && changesAt(entry) <= now) unassign(topic, entry)
        dropIfUnused(topic, entry, now)
      }
      const unassigned = [...entries].filter(
        ([, { watchers, channel, rejectedUntil = now }]) => watchers > 0 && channel === undefined && rejectedUntil <= now,
      )
      const room = channels.reduce((sum, { size }) => sum + topicsPerChannel - size, 0)
      for (const [topic, entry] of listLongestIdle(entries).slice(0, Math.max(0, unassigned.length - room))) {
        unassign(topic, entry)
        dropIfUnused(topic, entry, now)
      }
      for (const [topic, entry] of unassigned) {
        const channel = channels.findIndex(({ size }) => size < topicsPerChannel)
        if (channel === -1) break
        channels[channel]?.add(topic)
        entry.channel = channel
      }
    },
    channelOf: (topic) => entries.get(topic)?.channel,
    nextChangeAt: (now) =>
      [...entries.values()].map(changesAt).reduce((soonest, at) => (at > now && at < soonest ? at : soonest), Infinity),
    counts: (now) => ({
      watched: [...entries.values()].filter(({ watchers }) => watchers > 0).length,
      rejected: [...entries.values()].filter(({ channel, rejectedUntil = now }) => channel === undefined && rejectedUntil > now).length,
    }),
  }
}

/** Topics without watchers that have a channel, the longest idle one first. */
const listLongestIdle = (entries: ReadonlyMap<string, Entry>): Array<[topic: string, entry: Entry]> =>
  [...entries]
    .filter(([, { watchers, channel }]) => watchers === 0 && channel !== undefined)
    .toSorted(([, a], [, b]) => a.idleSince - b.idleSince)
