/** Whoever wants to know of a topic. Events may come twice, late or out of order; what the functions throw is logged and goes no further. */
export interface TopicListener {
  heard(eventBody: unknown): void
  /** From now on everything is heard, but something may have been missed: look once. Called each time it becomes so. */
  covered(): void
  /** From now on nothing is certain to be heard: look for yourself. Only ever after `covered`. */
  uncovered(): void
}

export interface Listeners {
  /** What comes back ends it; true the first time. */
  add(topic: string, listener: TopicListener): () => boolean
  tell(topic: string, eventBody: unknown): void
  /** Tells those whose state is another than what they were told last; of all topics, or of one. */
  report(covers: (topic: string) => boolean, topic?: string): void
  topics(): string[]
}

interface Told {
  listener: TopicListener
  covered: boolean
  gone: boolean
}

/** Nobody listens yet. `failed` gets what listeners throw or reject with. */
export function createListeners(failed: (error: unknown) => void): Listeners {
  const all = new Map<string, Set<Told>>()

  const safely = (act: () => unknown) => {
    try {
      const outcome = act()
      if (outcome instanceof Promise) outcome.catch(failed)
    } catch (error) {
      failed(error)
    }
  }
  const reportOn = (topic: string, told: Iterable<Told>, covers: (topic: string) => boolean) => {
    for (const one of Array.from(told)) {
      const covered = covers(topic)
      if (one.gone || covered === one.covered) continue
      one.covered = covered
      safely(() => (covered ? one.listener.covered() : one.listener.uncovered()))
    }
  }

  return {
    add(topic, listener) {
      const told: Told = { listener, covered: false, gone: false }
      const ones = all.get(topic) ?? new Set()
      all.set(topic, ones.add(told))
      return () => {
        if (told.gone) return false
        told.gone = true
        ones.delete(told)
        if (ones.size === 0 && all.get(topic) === ones) all.delete(topic)
        return true
      }
    },
    tell(topic, eventBody) {
      for (const one of Array.from(all.get(topic) ?? [])) if (!one.gone) safely(() => one.listener.heard(eventBody))
    },
    report(covers, topic) {
      const some = topic === undefined ? [...all] : [[topic, all.get(topic) ?? new Set<Told>()] as const]
      for (const [name, told] of some) reportOn(name, told, covers)
    },
    topics: () => [...all.keys()],
  }
}
