/**
 * Who may use a connection when more want to than there are: each in turn. A queue that moves is only load, for instance after a start that takes
 * over many transfers; a queue that does not move is an outage.
 */

/** How often the queue is looked at, ms. Looks are counted instead of time, because a process that was suspended has not waited meanwhile. */
const lookIntervalMs = 250
/** Looks after which a caller gives up if no connection has come back meanwhile: 2 s. */
const looksWithoutProgress = 8
/** Looks after which a caller gives up even if others get connections: 4 s, so that readiness is answered within the 5 s of a usual probe. */
const looksAtMost = 16

export interface ConnectionQueue {
  /** Resolves when the caller may take a connection. @throws Error that says why there is none */
  enter(): Promise<void>
  /**
   * Lets the next caller take a connection.
   * @param hasWorked whether the database has answered on the connection that is given back
   */
  leave(hasWorked: boolean): void
}

interface Waiter extends PromiseWithResolvers<void> {
  looks: number
}

/** @param size how many callers may have a connection at the same time */
export function createConnectionQueue(size: number): ConnectionQueue {
  let free = size
  /** In the order of arrival. */
  const waiters = new Set<Waiter>()
  /** How many looks ago a connection came back that had worked. */
  let looksSinceProgress = 0
  let timer: NodeJS.Timeout | undefined

  function giveUp(waiter: Waiter, reason: string): void {
    waiters.delete(waiter)
    waiter.reject(new Error(`all ${size} connections to the database are in use, and ${reason}`))
  }
  function look(): void {
    looksSinceProgress++
    for (const waiter of waiters) {
      waiter.looks++
      if (Math.min(waiter.looks, looksSinceProgress) >= looksWithoutProgress) giveUp(waiter, 'none was given back for 2 s')
      else if (waiter.looks >= looksAtMost) giveUp(waiter, 'the turn of this request did not come for 4 s')
    }
    stopIfEmpty()
  }
  function stopIfEmpty(): void {
    if (waiters.size > 0) return
    clearInterval(timer)
    timer = undefined
  }
  function wait(): Promise<void> {
    const waiter: Waiter = { looks: 0, ...Promise.withResolvers<void>() }
    waiters.add(waiter)
    if (!timer) {
      looksSinceProgress = 0
      timer = setInterval(look, lookIntervalMs).unref()
    }
    return waiter.promise
  }

  return {
    async enter() {
      if (free === 0) return wait()
      free--
    },
    leave(hasWorked) {
      if (hasWorked) looksSinceProgress = 0
      const [next] = waiters
      if (!next) return void free++
      waiters.delete(next)
      next.resolve()
      stopIfEmpty()
    },
  }
}
