/** Work is handed out once: what was taken in a commit whose fate is not known is handed out the next time, if it turns out to be ours. */
import type { Engine, QueryGenerator } from './steps.ts'

/** Hands out what `take` takes; `stillOurs` finds those of earlier takings that are in nobody's hands but this node's. One call at a time, or two could hand out the same. */
export function createClaims<T extends { id: string }>(write: Engine['write'], stillOurs: (ids: string[]) => QueryGenerator<T[]>) {
  const doubtful = new Set<string>()
  let turn: Promise<unknown> = Promise.resolve()

  async function handOut(take: () => QueryGenerator<T[]>): Promise<T[]> {
    const asked = [...doubtful]
    let taken: T[] = []
    try {
      const items = await write(function* () {
        const found = asked.length > 0 ? yield* stillOurs(asked) : []
        taken = yield* take()
        return [...found, ...taken]
      })
      doubtful.clear()
      return items
    } catch (error) {
      for (const { id } of taken) doubtful.add(id)
      throw error
    }
  }

  return (take: () => QueryGenerator<T[]>): Promise<T[]> => {
    const items = turn.then(() => handOut(take))
    turn = items.catch(() => {})
    return items
  }
}
