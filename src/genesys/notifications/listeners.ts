/** Who is told about events of a topic, and whether events of that topic can currently be received. */

/** What a listener throws or rejects with is logged and does not affect the others. */
export interface TopicListener {
  /** Events may come twice, late or out of order. */
  onEvent(eventBody: unknown): void
  /** From now on every event arrives, but earlier ones may have been missed, so read the state once. Called each time this begins. */
  onSubscribed(): void
  /** From now on events may be missed, so poll. Only ever called after `onSubscribed`. */
  onUnsubscribed(): void
}

export interface Listeners {
  /** Returns a function that removes the listener; that function returns true the first time. */
  add(topic: string, listener: TopicListener): () => boolean
  dispatch(topic: string, eventBody: unknown): void
  /** Tells listeners that `isSubscribed` has changed since they were told last; for all topics, or for one. */
  reportSubscriptions(isSubscribed: (topic: string) => boolean, topic?: string): void
  topics(): string[]
}

interface Registration {
  listener: TopicListener
  /** What the listener was told last. */
  isSubscribed: boolean
  isRemoved: boolean
}

/** Starts without listeners. `onError` receives what they throw or reject with. */
export function createListeners(onError: (error: unknown) => void): Listeners {
  const registrations = new Map<string, Set<Registration>>()

  const callSafely = (callback: () => unknown) => {
    try {
      const result = callback()
      if (result instanceof Promise) result.catch(onError)
    } catch (error) {
      onError(error)
    }
  }
  /** A copy, because a listener may add or remove others while it is called. */
  const listRegistrations = (topic: string): Registration[] => Array.from(registrations.get(topic) ?? [])

  return {
    add(topic, listener) {
      const registration: Registration = { listener, isSubscribed: false, isRemoved: false }
      const ofTopic = registrations.get(topic) ?? new Set()
      registrations.set(topic, ofTopic.add(registration))
      return () => {
        if (registration.isRemoved) return false
        registration.isRemoved = true
        ofTopic.delete(registration)
        if (ofTopic.size === 0 && registrations.get(topic) === ofTopic) registrations.delete(topic)
        return true
      }
    },
    dispatch(topic, eventBody) {
      for (const registration of listRegistrations(topic)) {
        if (!registration.isRemoved) callSafely(() => registration.listener.onEvent(eventBody))
      }
    },
    reportSubscriptions(isSubscribed, onlyTopic) {
      for (const topic of onlyTopic === undefined ? [...registrations.keys()] : [onlyTopic]) {
        for (const registration of listRegistrations(topic)) {
          const isSubscribedNow = isSubscribed(topic)
          if (registration.isRemoved || isSubscribedNow === registration.isSubscribed) continue
          registration.isSubscribed = isSubscribedNow
          const { listener } = registration
          callSafely(() => (isSubscribedNow ? listener.onSubscribed() : listener.onUnsubscribed()))
        }
      }
    },
    topics: () => [...registrations.keys()],
  }
}
