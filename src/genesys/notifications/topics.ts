/** How much there is room for, and how long, in ms, what is remembered of a topic that nobody watches or that was refused. */
export interface TopicLimits {
  mostTopics: number
  mostChannels: number
  lingerMs: number
  refusedMs: number
}

interface Entry {
  watchers: number
  /** Since when nobody watches it. */
  idleSince: number
  /** Until when it is not asked for again; kept afterwards, so that a second refusal is no news. */
  refusedUntil?: number
  place?: number
}

/**
 * Who watches what, and in which of the channels' places it is (genesys-api §4: 1,000 topics in a channel). Pure bookkeeping: `now` is
 * in ms of whatever clock the caller has. A place is a channel to be, whichever channels it lives through.
 */
export interface TopicRegistry {
  watch(topic: string): void
  leave(topic: string, now: number): void
  /** The platform will not have it. True if that is news. */
  refuse(topic: string, now: number): boolean
  permit(topic: string): void
  /** Gives every watched topic a place if there is one; those that nobody watches go when their time is over, or sooner for want of room. */
  arrange(now: number): void
  readonly places: readonly ReadonlySet<string>[]
  placeOf(topic: string): number | undefined
  /** When after `now` `arrange` will next have something to do by itself; Infinity for never. */
  nextChange(now: number): number
  counts(now: number): { watched: number; refused: number }
}

/** An empty book. */
export function createTopicRegistry({ mostTopics, mostChannels, lingerMs, refusedMs }: TopicLimits): TopicRegistry {
  const entries = new Map<string, Entry>()
  const places = Array.from({ length: mostChannels }, () => new Set<string>())

  const displace = (topic: string, entry: Entry) => {
    if (entry.place !== undefined) places[entry.place]?.delete(topic)
    delete entry.place
  }
  /** Nobody watches it, it has no place, and no refusal has to be remembered. */
  const forgetIfIdle = (topic: string, entry: Entry, now: number) => {
    if (entry.watchers === 0 && entry.place === undefined && (entry.refusedUntil ?? now) <= now) entries.delete(topic)
  }
  /** When its lingering or its refusal is over. */
  const overAt = ({ place, watchers, idleSince, refusedUntil = Infinity }: Entry): number => {
    if (place === undefined) return refusedUntil
    return watchers === 0 ? idleSince + lingerMs : Infinity
  }

  return {
    places,
    watch(topic) {
      const entry = entries.get(topic)
      if (entry) entry.watchers += 1
      else entries.set(topic, { watchers: 1, idleSince: 0 })
    },
    leave(topic, now) {
      const entry = entries.get(topic)
      if (!entry || entry.watchers === 0) return
      entry.watchers -= 1
      entry.idleSince = now
      forgetIfIdle(topic, entry, now)
    },
    refuse(topic, now) {
      const entry = entries.get(topic)
      if (!entry) return false
      const news = entry.refusedUntil === undefined
      displace(topic, entry)
      entry.refusedUntil = now + refusedMs
      return news
    },
    permit(topic) {
      delete entries.get(topic)?.refusedUntil
    },
    arrange(now) {
      for (const [topic, entry] of entries) {
        if (entry.place !== undefined && overAt(entry) <= now) displace(topic, entry)
        forgetIfIdle(topic, entry, now)
      }
      const homeless = [...entries].filter(
        ([, { watchers, place, refusedUntil = now }]) => watchers > 0 && place === undefined && refusedUntil <= now,
      )
      const room = places.reduce((sum, { size }) => sum + mostTopics - size, 0)
      for (const [topic, entry] of longestIdle(entries).slice(0, Math.max(0, homeless.length - room))) {
        displace(topic, entry)
        forgetIfIdle(topic, entry, now)
      }
      for (const [topic, entry] of homeless) {
        const place = places.findIndex(({ size }) => size < mostTopics)
        if (place === -1) break
        places[place]?.add(topic)
        entry.place = place
      }
    },
    placeOf: (topic) => entries.get(topic)?.place,
    nextChange: (now) => [...entries.values()].map(overAt).reduce((soonest, at) => (at > now && at < soonest ? at : soonest), Infinity),
    counts: (now) => ({
      watched: [...entries.values()].filter(({ watchers }) => watchers > 0).length,
      refused: [...entries.values()].filter(({ place, refusedUntil = now }) => place === undefined && refusedUntil > now).length,
    }),
  }
}

const longestIdle = (entries: ReadonlyMap<string, Entry>): [string, Entry][] =>
  [...entries]
    .filter(([, { watchers, place }]) => watchers === 0 && place !== undefined)
    .toSorted(([, a], [, b]) => a.idleSince - b.idleSince)
