/** How long a call waits for something before it sends anything of its own. */
import type { Clock } from './clock.ts'
import { GenesysError } from './errors.ts'

/**
 * Waits for `promise` until `deadline` (ms of `clock`) at most, and only until `signal` aborts. The promise itself goes on.
 * @throws GenesysError `expired` with effect none, for `operation`: so use it only while nothing of this call has been sent
 */
export function withDeadline<T>(
  promise: Promise<T>,
  operation: string,
  { deadline, signal, clock }: { deadline: number; signal?: AbortSignal | undefined; clock: Clock },
): Promise<T> {
  return new Promise((resolve, reject) => {
    const expire = () => {
      stopWaiting()
      reject(new GenesysError({ operation, reason: 'expired', effect: 'none' }))
    }
    const cancelTimer = clock.schedule(deadline - clock.now(), expire)
    const stopWaiting = () => {
      cancelTimer()
      signal?.removeEventListener('abort', expire)
    }
    signal?.addEventListener('abort', expire, { once: true })
    promise.finally(stopWaiting).then(resolve, reject)
    if (signal?.aborted) expire()
  })
}
