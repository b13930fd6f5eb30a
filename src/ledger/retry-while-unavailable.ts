/** How work that must not be lost is repeated while the ledger is unavailable. */
import { StoreUnavailable } from './contract/errors.ts'

export interface RetryOptions {
  /** Between two tries, ms. */
  pauseMs: number
  wait: (ms: number) => Promise<unknown>
  /** Ends the tries: the service is closing, and the next start continues from what the ledger holds. */
  isStopped: () => boolean
  /** Called with each failure after which the work may be tried again. */
  onUnavailable?: ((error: StoreUnavailable) => void) | undefined
}

/**
 * Runs `work` until the ledger takes part in it.
 * @throws StoreUnavailable if it is still unavailable once the tries were stopped; any other error at once
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
