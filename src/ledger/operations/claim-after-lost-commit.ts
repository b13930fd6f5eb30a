/** Claims whose commit was reported as failed although it succeeded are not lost: the next claim returns their items, too. */
import type { Engine } from '../engine/engine.ts'
import type { QueryGenerator } from '../engine/query.ts'

/**
 * @param findOwned finds the items with these ids that this node owns and has not begun to work on
 * @returns a function that runs `claim` in a transaction. It returns the claimed items, and those of earlier claims whose commit was reported
 * as failed but succeeded. Calls run one after the other, because two at once could return the same item.
 */
export function createClaimer<T extends { id: string }>(write: Engine['write'], findOwned: (ids: string[]) => QueryGenerator<T[]>) {
  const uncertainIds = new Set<string>()
  let lastClaim: Promise<unknown> = Promise.resolve()

  async function runClaim(claim: () => QueryGenerator<T[]>): Promise<T[]> {
    const ids = [...uncertainIds]
    let claimed: T[] = []
    try {
      const items = await write(function* () {
        const owned = ids.length > 0 ? yield* findOwned(ids) : []
        claimed = yield* claim()
        return [...owned, ...claimed]
      })
      uncertainIds.clear()
      return items
    } catch (error) {
      for (const { id } of claimed) uncertainIds.add(id)
      throw error
    }
  }

  return (claim: () => QueryGenerator<T[]>): Promise<T[]> => {
    const items = lastClaim.then(() => runClaim(claim))
    lastClaim = items.catch(() => {})
    return items
  }
}
export type Claimer<T extends { id: string }> = ReturnType<typeof createClaimer<T>>
