/** Which listeners receive the events of a topic, and how they learn whether events of that topic arrive at the moment. */

/** Errors of a listener are logged and do not affect the others. */
export interface TopicListener {
  /** Events may come twice, late or out of order. */
  onEvent(eventBody: unknown): void
  /** Called each time events begin to arrive. Earlier events may have been missed, so the listener should read the state once. */
  onSubscribed(): void
  /** Called when events may be missed from now on, so the listener should poll. Always follows `onSubscribed`. */
  onUnsubscribed(): void
}

export interface Listeners {
  /** Returns a function that removes the listener; that function returns true the first time. */
  add(topic: string, listener: TopicListener): () => boolean
  dispatch(topic: string, eventBody: unknown): void
  /** Calls the listeners for which the result of `isSubscribed` has changed since the last report; for all topics, or for one. */
  reportSubscriptions(isSubscribed: (topic: string) => boolean, topic?: string): void
  topics(): string[]
}

interface Registration {
  listener: TopicListener
  /** What was last reported to the listener. */
  isSubscribed: boolean
  isRemoved: boolean
}

/** Creates an empty set of listeners. `onError` receives what listeners throw or reject with. */
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
      const topicRegistrations = registrations.get(topic) ?? new Set()
      registrations.set(topic, topicRegistrations.add(registration))
      return () => {
        if (registration.isRemoved) return false
        registration.isRemoved = true
        topicRegistrations.delete(registration)
        if (topicRegistrations.size === 0 && registrations.get(topic) === topicRegistrations) registrations.delete(topic)
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
