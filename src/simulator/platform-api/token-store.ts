/** Which access tokens are valid, and how many requests each has made in its current window. */
import { randomBytes } from 'node:crypto'
import type { Clock } from '../model/clock.ts'
import { PlatformError } from '../model/platform-error.ts'
import { RateWindow } from './rate-window.ts'

/** An access token that was issued. */
export interface Token {
  /** Epoch ms. */
  readonly expiresAt: number
  readonly window: RateWindow
}

/** The access tokens that were issued and not revoked. */
export class TokenStore {
  readonly #clock: Clock
  readonly #tokens = new Map<string, Token>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Creates a token that is valid for `lifetimeSeconds`, and forgets the expired ones. */
  issue(lifetimeSeconds: number): string {
    const now = this.#clock.now()
    for (const [value, { expiresAt }] of this.#tokens) if (expiresAt <= now) this.#tokens.delete(value)
    const value = randomBytes(32).toString('base64url')
    this.#tokens.set(value, { expiresAt: now + lifetimeSeconds * 1000, window: new RateWindow() })
    return value
  }

  /**
   * Finds the token of an Authorization header.
   *
   * @throws {PlatformError} 401 for a missing, unknown, expired or revoked token.
   */
  authenticate(authorization: string | undefined): Token {
    const [scheme, value] = authorization?.split(' ') ?? []
    if (scheme?.toLowerCase() !== 'bearer' || value === undefined) throw new PlatformError('authentication.required')
    const token = this.#tokens.get(value)
    if (token === undefined || token.expiresAt <= this.#clock.now()) throw new PlatformError('bad.credentials')
    return token
  }

  revokeAll(): void {
    this.#tokens.clear()
  }

  /** Ends the rate-limit window of every token, so that a new one begins with its next request. */
  clearWindows(): void {
    for (const token of this.#tokens.values()) token.window.clear()
  }

  /** Counts a request of a token. Returns the same as `RateWindow.countRequest`. */
  countRequest(token: Token): { count: number; resetSeconds: number } {
    return token.window.countRequest(this.#clock.now())
  }
}
