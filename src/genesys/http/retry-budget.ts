/** How large a share of the requests may be retries, so that a platform in trouble does not get twice the load of a healthy one. */

/** See docs/reliability.md#breaker-and-retries. */
export interface RetryBudget {
  /** Adds to the budget; called once for each request. */
  deposit(): void
  /** Takes one retry out of the budget. False if there is none left. */
  tryWithdraw(): boolean
}

/** One retry for ten requests, as the Google SRE book recommends. */
const retriesPerRequest = 0.1
/** How many retries can be saved up, so that a few failures in a quiet time can be retried. */
const maximumRetries = 10

export function createRetryBudget(): RetryBudget {
  let retries = maximumRetries
  return {
    deposit() {
      retries = Math.min(maximumRetries, retries + retriesPerRequest)
    },
    tryWithdraw() {
      if (retries < 1) return false
      retries -= 1
      return true
    },
  }
}
