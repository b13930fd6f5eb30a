import { randomBytes } from 'node:crypto'
import type { Clock } from '../clock.ts'
import { PlatformError } from './platform-errors.ts'

const WINDOW_MS = 60_000

/** The requests of one token in its present minute: a fixed window that begins with the first request (genesys-api §6). */
interface RateWindow {
  count: number
  readonly endsAt: number
}

export interface Token {
  readonly expiresAt: number
  window: RateWindow
}

/** The access tokens that are good at this moment, each with its own allowance. */
export class Tokens {
  readonly #clock: Clock
  readonly #tokens = new Map<string, Token>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** A new token, good for `lifetimeSeconds`. */
  issue(lifetimeSeconds: number): string {
    const now = this.#clock.now()
    for (const [value, { expiresAt }] of this.#tokens) if (expiresAt <= now) this.#tokens.delete(value)
    const value = randomBytes(32).toString('base64url')
    this.#tokens.set(value, { expiresAt: now + lifetimeSeconds * 1000, window: { count: 0, endsAt: 0 } })
    return value
  }

  /** The token of an Authorization header. Throws 401 for none, an unknown, an expired or a revoked one. */
  admit(authorization: string | undefined): Token {
    const [scheme, value] = authorization?.split(' ') ?? []
    if (scheme?.toLowerCase() !== 'bearer' || value === undefined) throw new PlatformError('authentication.required')
    const token = this.#tokens.get(value)
    if (token === undefined || token.expiresAt <= this.#clock.now()) throw new PlatformError('bad.credentials')
    return token
  }

  revokeAll(): void {
    this.#tokens.clear()
  }

  /** Every token begins a new minute with its next request. */
  clearWindows(): void {
    for (const token of this.#tokens.values()) token.window = { count: 0, endsAt: 0 }
  }

  /** Counts a request of this token; what is left to wait in the window, in whole seconds. */
  count(token: Token): { count: number; resetSeconds: number } {
    const now = this.#clock.now()
    if (token.window.endsAt <= now) token.window = { count: 0, endsAt: now + WINDOW_MS }
    token.window.count += 1
    return { count: token.window.count, resetSeconds: Math.max(1, Math.ceil((token.window.endsAt - now) / 1000)) }
  }
}
