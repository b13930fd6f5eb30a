import type { Clock } from '../clock.ts'
import { RateLimiter } from '../http/rate-limiter.ts'
import type { Lane } from '../http/rate-limiter.ts'
import { createTokenSource } from './token.ts'
import type { Grant, TokenSource } from './token.ts'

/** A token and the allowance that belongs to it: the platform counts per token (genesys-api §6). */
export interface PooledToken {
  token: TokenSource
  governor: RateLimiter
}

export interface TokenPool {
  readonly all: readonly PooledToken[]
  /** The line on which a call in `lane` goes soonest; among those, the one with most room. */
  pick(lane: Lane): PooledToken
  close(): void
}

/** `size` tokens of one OAuth client (`GENESYS_TOKEN_POOL_SIZE`), each logged in when it is first needed. */
export function createTokenPool({
  size,
  requestsPerMinute,
  login,
  wall,
  steady,
}: {
  size: number
  requestsPerMinute: number
  login: () => Promise<Grant>
  wall: Clock
  steady: Clock
}): TokenPool {
  const all = Array.from({ length: Math.max(1, size) }, (): PooledToken => ({
    token: createTokenSource({ login, clock: wall }),
    governor: new RateLimiter({ requestsPerMinute, clock: steady }),
  }))
  return {
    all,
    pick: (lane) =>
      all.length === 1
        ? all[0]!
        : all
            .map((line) => ({ line, wait: line.governor.waitMs(lane), room: roomOf(line) }))
            .reduce((best, next) => (next.wait < best.wait || (next.wait === best.wait && next.room > best.room) ? next : best)).line,
    close: () => all.forEach(({ token, governor }) => (token.close(), governor.close())),
  }
}

const roomOf = ({ governor }: PooledToken): number => {
  const { limit, used } = governor.headroom()
  return limit - used
}
