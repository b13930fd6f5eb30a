/** How work that must not be lost is repeated while the ledger is unavailable. */
import { StoreUnavailable } from './contract/errors.ts'

export interface RetryOptions {
  /** Pause between two tries, ms. */
  pauseMs: number
  wait: (ms: number) => Promise<unknown>
  /** Whether to give up, because the service is closing. The next start continues from what the ledger holds. */
  isStopped: () => boolean
  /** Called with each failure after which the work may be tried again. */
  onUnavailable?: ((error: StoreUnavailable) => void) | undefined
}

/**
 * Runs `work`, and runs it again for as long as it fails because the ledger is unavailable.
 * @throws StoreUnavailable if `work` fails with it after `isStopped` has become true; any other error at once
 */
export async function retryWhileUnavailable<T>(
  work: () => Promise<T>,
  { pauseMs, wait, isStopped, onUnavailable }: RetryOptions,
): Promise<T> {
  for (;;) {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error
      onUnavailable?.(error)
      if (isStopped()) throw error
      await wait(pauseMs)
    }
  }
}
