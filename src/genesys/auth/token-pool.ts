import type { Clock } from '../clock.ts'
import { Governor } from '../http/rate-limiter.ts'
import type { Lane } from '../http/rate-limiter.ts'
import { createTokenSource } from './token.ts'
import type { Grant, TokenSource } from './token.ts'

/** A token and the allowance that belongs to it: the platform counts per token (genesys-api §6). */
export interface Line {
  token: TokenSource
  governor: Governor
}

export interface Lines {
  readonly all: readonly Line[]
  /** The line on which a call in `lane` goes soonest; among those, the one with most room. */
  take(lane: Lane): Line
  close(): void
}

/** `size` tokens of one OAuth client (`GENESYS_TOKEN_POOL_SIZE`), each logged in when it is first needed. */
export function createLines({
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
}): Lines {
  const all = Array.from({ length: Math.max(1, size) }, (): Line => ({
    token: createTokenSource({ login, clock: wall }),
    governor: new Governor({ requestsPerMinute, clock: steady }),
  }))
  return {
    all,
    take: (lane) =>
      all.length === 1
        ? all[0]!
        : all
            .map((line) => ({ line, wait: line.governor.waitMs(lane), room: roomOf(line) }))
            .reduce((best, next) => (next.wait < best.wait || (next.wait === best.wait && next.room > best.room) ? next : best)).line,
    close: () => all.forEach(({ token, governor }) => (token.close(), governor.close())),
  }
}

const roomOf = ({ governor }: Line): number => {
  const { limit, used } = governor.headroom()
  return limit - used
}
