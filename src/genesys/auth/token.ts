import { wallClock } from '../clock.ts'
import type { Clock } from '../clock.ts'
import { within } from '../http/deadline.ts'
import { GenesysError } from '../http/errors.ts'

/** What a login brought: a token and for how many ms the platform says it is good. */
export interface Grant {
  token: string
  lifetimeMs: number
}

export interface TokenSource {
  /** A token that is still good. Rejects with what the login rejected with, or with GenesysError expired after `deadline` (epoch ms). */
  get(deadline: number, signal?: AbortSignal): Promise<string>
  /** `token` was refused: the next call gets another. A token that has been replaced already is left alone. */
  invalidate(token: string): void
  close(): void
}

/** However long the platform would let it live (genesys-api §6: up to 48 h), a token is never held longer than this. */
const LONGEST_HELD_MS = 90 * 60_000
/** Renewed this long before its end, but no earlier than after nine tenths of its life. */
const MARGIN_MS = 5 * 60_000
/** A login that failed is not tried again before this, whoever asks. */
const HOLD_OFF_MS = 1000
const RENEWAL_RETRY_MS = 15_000

/** One shared token: one login at a time however many ask, renewed in the background before it ends. */
export function createTokenSource({ login, clock = wallClock }: { login: () => Promise<Grant>; clock?: Clock }): TokenSource {
  let held: { token: string; until: number } | undefined
  let inFlight: Promise<string> | undefined
  let failed: { error: unknown; until: number } | undefined
  let cancelRenewal = () => {}
  let closed = false

  const renewIn = (ms: number) => {
    cancelRenewal()
    if (!closed) cancelRenewal = clock.after(ms, () => void renew().catch(() => renewIn(RENEWAL_RETRY_MS)), 'background')
  }

  const renew = (): Promise<string> => {
    inFlight ??= (async () => {
      const asked = clock.now()
      try {
        const { token, lifetimeMs } = await login()
        const life = Math.min(lifetimeMs, LONGEST_HELD_MS)
        held = { token, until: asked + life }
        failed = undefined
        renewIn(asked + life - Math.min(MARGIN_MS, life / 10) - clock.now())
        return token
      } catch (error) {
        failed = { error, until: clock.now() + Math.max(HOLD_OFF_MS, (error as GenesysError).retryAfterMs ?? 0) }
        throw error
      } finally {
        inFlight = undefined
      }
    })()
    return inFlight
  }

  const fresh = (): Promise<string> => {
    if (closed) return Promise.reject(new GenesysError({ operation: 'login', reason: 'unavailable', effect: 'none' }))
    if (failed && clock.now() < failed.until && !inFlight) return Promise.reject(failed.error)
    return renew()
  }

  return {
    get: async (deadline, signal) =>
      held && clock.now() < held.until ? held.token : within(fresh(), 'login', { deadline, signal, clock }),
    invalidate(token) {
      if (held?.token === token) held = undefined
    },
    close() {
      closed = true
      cancelRenewal()
    },
  }
}
