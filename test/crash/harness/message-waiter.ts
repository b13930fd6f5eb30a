/** Waits for messages of another process until that process ends. */

export interface MessageWaiter<M> {
  /** Resolves at the next message that fits. @throws Error when the process ends before it, or has ended */
  waitFor(fits: (message: M) => boolean): Promise<void>
  receive(message: M): void
  /** The process has ended: everything that waits now or later fails with this error. */
  fail(error: Error): void
}

/** `M` is the type of the messages. */
export function createMessageWaiter<M>(): MessageWaiter<M> {
  const waiting = new Set<{ fits: (message: M) => boolean; resolve: () => void; reject: (error: Error) => void }>()
  let failure: Error | undefined
  return {
    waitFor(fits) {
      const received = new Promise<void>((resolve, reject) => {
        if (failure) reject(failure)
        else waiting.add({ fits, resolve, reject })
      })
      // An unhandled rejection must not end the test: the end of the process is often what the test wants.
      received.catch(() => {})
      return received
    },
    receive(message) {
      for (const waiter of waiting) {
        if (!waiter.fits(message)) continue
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
