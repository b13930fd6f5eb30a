/** Which of the tokens of one OAuth client a call uses. The platform limits requests per token (docs/genesys-cloud.md rule 66). */
import type { Clock } from '../http/clock.ts'
import { LANES, zeroByLane, type CountByLane, type Lane } from '../http/rate-limit/lanes.ts'
import { RateLimiter, type RateLimitUsage } from '../http/rate-limiter.ts'
import { createTokenSource, type IssuedToken, type TokenSource } from './token.ts'

/** A token together with the rate limiter that counts its requests. */
export interface PooledToken {
  source: TokenSource
  limiter: RateLimiter
}

export interface TokenPool {
  /** Picks the token with which a call in `lane` can be sent soonest; among equals, the one with the most requests left. */
  pick(lane: Lane): PooledToken
  /** Logs in every token that is not logged in, and resolves as soon as one is. `deadline` in epoch ms. @throws GenesysError if none is */
  waitForToken(deadline: number): Promise<void>
  /** How much of its rate limit each token has used. */
  usage(): RateLimitUsage[]
  /** How many calls wait for the rate limits of all tokens together, by lane. */
  waiting(): CountByLane
  close(): void
}

/** Creates a pool of `size` tokens (`GENESYS_TOKEN_POOL_SIZE`). Each one logs in when a call first needs it, or at `waitForToken`. */
export function createTokenPool({
  size,
  requestsPerMinute,
  login,
  epochClock,
  steadyClock,
}: {
  size: number
  requestsPerMinute: number
  login: () => Promise<IssuedToken>
  epochClock: Clock
  steadyClock: Clock
}): TokenPool {
  const tokens = Array.from({ length: Math.max(1, size) }, (): PooledToken => ({
    source: createTokenSource({ login, clock: epochClock }),
    limiter: new RateLimiter({ requestsPerMinute, clock: steadyClock }),
  }))
  return {
    pick(lane) {
      const [first] = tokens
      if (first && tokens.length === 1) return first
      return tokens
        .map((token) => ({ token, waitMs: token.limiter.waitMs(lane), left: countLeft(token.limiter.usage()) }))
        .reduce((best, next) => (next.waitMs < best.waitMs || (next.waitMs === best.waitMs && next.left > best.left) ? next : best)).token
    },
    async waitForToken(deadline) {
      await Promise.any(tokens.map(({ source }) => source.get(deadline))).catch((error: AggregateError) => {
        throw error.errors[0]
      })
    },
    usage: () => tokens.map(({ limiter }) => limiter.usage()),
    waiting() {
      const sum = zeroByLane()
      for (const { limiter } of tokens) {
        const waiting = limiter.waiting()
        for (const lane of LANES) sum[lane] += waiting[lane]
      }
      return sum
    },
    close() {
      for (const { source, limiter } of tokens) {
        source.close()
        limiter.close()
      }
    },
  }
}

const countLeft = ({ limit, used }: RateLimitUsage): number => limit - used
