/** How much of the load may be retries: a platform in trouble must not be asked twice as often as a healthy one (reliability §6; Google SRE: 10 %). */

export interface RetryBudget {
  /** A first attempt was made. */
  earn(): void
  /** Takes room for one retry. False: there is none. */
  spend(): boolean
}

const share = 0.1
/** What a quiet time saves up, so that a lone failure may be tried again. */
const most = 10

export function createRetryBudget(): RetryBudget {
  let saved = most
  return {
    earn() {
      saved = Math.min(most, saved + share)
    },
    spend() {
      if (saved < 1) return false
      saved -= 1
      return true
    },
  }
}
