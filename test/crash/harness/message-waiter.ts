/** Waits for messages of another process until that process ends. */

export interface MessageWaiter<Message> {
  /** Resolves at the next matching message. @throws Error if the process has ended or ends before that message */
  waitFor(matches: (message: Message) => boolean): Promise<void>
  receive(message: Message): void
  /** Call this when the process has ended: every current and later wait fails with this error. */
  fail(error: Error): void
}

/** Creates a waiter for the messages of one process. */
export function createMessageWaiter<Message>(): MessageWaiter<Message> {
  const waiting = new Set<{ matches: (message: Message) => boolean; resolve: () => void; reject: (error: Error) => void }>()
  let failure: Error | undefined
  return {
    waitFor(matches) {
      const received = new Promise<void>((resolve, reject) => {
        if (failure) reject(failure)
        else waiting.add({ matches, resolve, reject })
      })
      // An unhandled rejection must not end the test: the end of the process is often what the test wants.
      received.catch(() => {})
      return received
    },
    receive(message) {
      for (const waiter of waiting) {
        if (!waiter.matches(message)) continue
        waiting.delete(waiter)
        waiter.resolve()
      }
    },
    fail(error) {
      failure = error
      for (const { reject } of waiting) reject(error)
      waiting.clear()
    },
  }
}
