/** Which of several tokens of one OAuth client a call uses. The platform limits requests per token (docs/genesys-cloud.md rule 66). */
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
  /** The token with which a call in `lane` can go out soonest; among equals, the one with the most room. */
  pick(lane: Lane): PooledToken
  /** Resolves as soon as one token is available. `deadline` in epoch ms. @throws GenesysError if none is */
  waitForToken(deadline: number): Promise<void>
  /** The rate limit of each token. */
  usage(): RateLimitUsage[]
  /** How many calls wait under the rate limits, by lane. */
  waiting(): CountByLane
  close(): void
}

/** Creates a pool of `size` tokens (`GENESYS_TOKEN_POOL_SIZE`). Each one logs in when it is first needed. */
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
        .map((token) => ({ token, waitMs: token.limiter.waitMs(lane), room: roomOf(token.limiter.usage()) }))
        .reduce((best, next) => (next.waitMs < best.waitMs || (next.waitMs === best.waitMs && next.room > best.room) ? next : best)).token
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

const roomOf = ({ limit, used }: RateLimitUsage): number => limit - used
