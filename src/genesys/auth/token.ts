/** How long one access token is used, and when it is renewed or replaced. */
import { epochClock, type Clock } from '../http/clock.ts'
import { withDeadline } from '../http/deadline.ts'
import { GenesysError } from '../http/errors.ts'

/** What a login returns. */
export interface IssuedToken {
  token: string
  /** How long the platform says the token is valid. */
  lifetimeMs: number
}

export interface TokenSource {
  /**
   * Returns a valid token, and logs in if there is none. `deadline` in epoch ms.
   * @throws GenesysError of the failed login, or `expired` after the deadline or when `signal` aborts
   */
  get(deadline: number, signal?: AbortSignal): Promise<string>
  /** Discards `token`, which the platform refused, so that the next call gets another. Has no effect if it was replaced already. */
  invalidate(token: string): void
  close(): void
}

/** A token is used for this long at most, even if the platform would accept it for 48 h (docs/genesys-cloud.md rule 63). */
const maximumLifetimeMs = 90 * 60_000
/** A token is renewed this long before it expires, but not before nine tenths of its lifetime have passed. */
const renewalMarginMs = 5 * 60_000
/** No login is tried for this long after a failed one, however many calls need a token. */
const loginPauseMs = 1000
/** The pause before the next attempt after a renewal in the background has failed. */
const renewalRetryMs = 15_000

/** Creates the source of one token that all calls share. It logs in once at a time, and renews the token in the background. */
export function createTokenSource({ login, clock = epochClock }: { login: () => Promise<IssuedToken>; clock?: Clock }): TokenSource {
  let current: { token: string; expiresAt: number } | undefined
  let loginInProgress: Promise<string> | undefined
  let lastFailure: { error: unknown; retryAt: number } | undefined
  let cancelRenewal = () => {}
  let isClosed = false

  const renewIn = (ms: number) => {
    cancelRenewal()
    if (!isClosed) cancelRenewal = clock.schedule(ms, () => void renew().catch(() => renewIn(renewalRetryMs)), 'background')
  }

  const renew = (): Promise<string> => {
    loginInProgress ??= (async () => {
      const startedAt = clock.now()
      try {
        const { token, lifetimeMs } = await login()
        const usableMs = Math.min(lifetimeMs, maximumLifetimeMs)
        current = { token, expiresAt: startedAt + usableMs }
        lastFailure = undefined
        renewIn(startedAt + usableMs - Math.min(renewalMarginMs, usableMs / 10) - clock.now())
        return token
      } catch (error) {
        lastFailure = { error, retryAt: clock.now() + Math.max(loginPauseMs, (error as GenesysError).retryAfterMs ?? 0) }
        throw error
      } finally {
        loginInProgress = undefined
      }
    })()
    return loginInProgress
  }

  const getNewToken = (): Promise<string> => {
    if (isClosed) return Promise.reject(new GenesysError({ operation: 'login', reason: 'unavailable', effect: 'none' }))
    if (lastFailure && clock.now() < lastFailure.retryAt && !loginInProgress) return Promise.reject(lastFailure.error)
    return renew()
  }

  return {
    get: async (deadline, signal) =>
      current && clock.now() < current.expiresAt ? current.token : withDeadline(getNewToken(), 'login', { deadline, signal, clock }),
    invalidate(token) {
      if (current?.token === token) current = undefined
    },
    close() {
      isClosed = true
      cancelRenewal()
    },
  }
}
