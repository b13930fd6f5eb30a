/** When the shared access token is used, renewed and replaced. */
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
   * A valid token; logs in if there is none. `deadline` in epoch ms.
   * @throws GenesysError that the login failed with, or `expired` after the deadline or when `signal` aborts
   */
  get(deadline: number, signal?: AbortSignal): Promise<string>
  /** The platform refused `token`, so the next call gets another. Has no effect if it was replaced already. */
  invalidate(token: string): void
  close(): void
}

/** A token is not used for longer, even if the platform would accept it for 48 h (docs/genesys-cloud.md rule 63). */
const maximumLifetimeMs = 90 * 60_000
/** A token is renewed this long before it expires, but not before nine tenths of its lifetime have passed. */
const renewalMarginMs = 5 * 60_000
/** After a failed login there is no other one for this long, however many calls need a token. */
const holdOffMs = 1000
const renewalRetryMs = 15_000

/** One token for all calls: at most one login at a time, and renewal in the background before the token expires. */
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
        const usedForMs = Math.min(lifetimeMs, maximumLifetimeMs)
        current = { token, expiresAt: startedAt + usedForMs }
        lastFailure = undefined
        renewIn(startedAt + usedForMs - Math.min(renewalMarginMs, usedForMs / 10) - clock.now())
        return token
      } catch (error) {
        lastFailure = { error, retryAt: clock.now() + Math.max(holdOffMs, (error as GenesysError).retryAfterMs ?? 0) }
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
