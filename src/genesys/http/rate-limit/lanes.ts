/** How the requests of one token are shared between four lanes, so that commands go first and only bulk transfers can starve. */

/**
 * The lanes in order of precedence: commands that move a call, reads that a caller waits for, background watching, and bulk transfers,
 * which use what the others leave.
 */
export const LANES = ['command', 'read', 'watch', 'bulk'] as const
export type Lane = (typeof LANES)[number]
export type CountByLane = Record<Lane, number>

/** Share of the limit up to which a lane may fill the window; the rest is reserved for the lanes above it. */
const ceilings: Readonly<CountByLane> = { command: 1, read: 0.9, watch: 0.7, bulk: 0.5 }
/** Share of the limit that is reserved for a lane: other lanes can never use it. */
const floors: Readonly<CountByLane> = { command: 0, read: 0.1, watch: 0.05, bulk: 0 }

/** Requests that count against the limit. `total` includes requests of unknown lane, which `byLane` does not. */
export interface Usage {
  total: number
  byLane: CountByLane
}

export const zeroByLane = (): CountByLane => ({ command: 0, read: 0, watch: 0, bulk: 0 })

export const addByLane = (a: CountByLane, b: CountByLane): CountByLane => ({
  command: a.command + b.command,
  read: a.read + b.read,
  watch: a.watch + b.watch,
  bulk: a.bulk + b.bulk,
})

export const sumOfLanes = ({ command, read, watch, bulk }: CountByLane): number => command + read + watch + bulk

const floorOf = (lane: Lane, limit: number): number => Math.floor(floors[lane] * limit)

/**
 * How far a lane may fill a window of `limit` requests: up to its ceiling, less what is reserved for other lanes and not used by them.
 * @param byLane what each lane has sent; absent: nothing
 */
export function capacityOf(lane: Lane, limit: number, byLane = zeroByLane()): number {
  const reserved = LANES.filter((other) => other !== lane).reduce(
    (sum, other) => sum + Math.max(0, floorOf(other, limit) - byLane[other]),
    0,
  )
  return Math.max(1, Math.floor(ceilings[lane] * limit)) - reserved
}

/**
 * Whether one more request in `lane` fits under `limit` requests.
 * @param waitingElsewhere how many requests of `total` are still waiting in other lanes; they cannot use the floor of this lane
 */
export function hasRoom(lane: Lane, limit: number, { total, byLane }: Usage, waitingElsewhere: number): boolean {
  if (byLane[lane] < floorOf(lane, limit)) return total - waitingElsewhere < limit
  return total < capacityOf(lane, limit, byLane)
}
