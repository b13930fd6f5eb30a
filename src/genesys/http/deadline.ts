import type { Clock } from '../clock.ts'
import { GenesysError } from './errors.ts'

/**
 * `promise`, but no longer than until `deadline` (ms of `clock`) and only while `signal` is quiet. Then rejects with GenesysError
 * expired, effect none: use it only for waiting before anything of the caller's own is sent. The promise itself goes on.
 */
export function within<T>(
  promise: Promise<T>,
  operation: string,
  { deadline, signal, clock }: { deadline: number; signal?: AbortSignal | undefined; clock: Clock },
): Promise<T> {
  return new Promise((resolve, reject) => {
    const expire = () => {
      leave()
      reject(new GenesysError({ operation, reason: 'expired', effect: 'none' }))
    }
    const cancel = clock.after(deadline - clock.now(), expire)
    const leave = () => {
      cancel()
      signal?.removeEventListener('abort', expire)
    }
    signal?.addEventListener('abort', expire, { once: true })
    promise.finally(leave).then(resolve, reject)
    if (signal?.aborted) expire()
  })
}
