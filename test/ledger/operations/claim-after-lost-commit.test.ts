/** Claims whose commit was reported as failed: each item is returned exactly once. */
import t from 'tap'
import { StoreUnavailable } from '../../../src/ledger/contract/errors.ts'
import type { Transaction } from '../../../src/ledger/engine/engine.ts'
import type { QueryGenerator } from '../../../src/ledger/engine/query.ts'
import { createClaimer } from '../../../src/ledger/operations/claim-after-lost-commit.ts'

interface Item {
  id: string
}
type CommitFailure = 'committed, but reported as failed' | 'rolled back'

/** A database with items to claim. Each write takes the next entry of `upcomingFailures`, and fails in that way; without one it succeeds. */
function createFakeDatabase(freeIds: string[]) {
  const ownedIds: string[] = []
  const upcomingFailures: CommitFailure[] = []
  const anyQuery = { sql: 'SELECT', values: {} }

  function run<T>(queries: QueryGenerator<T>): T {
    const next = queries.next([])
    return next.done ? next.value : run(queries)
  }
  async function write<T>(work: Transaction<T>): Promise<T> {
    const before = { free: [...freeIds], owned: [...ownedIds] }
    const value = run(work([]))
    const failure = upcomingFailures.shift()
    if (failure === 'rolled back') {
      freeIds.splice(0, Infinity, ...before.free)
      ownedIds.splice(0, Infinity, ...before.owned)
    }
    if (failure) throw new StoreUnavailable('the commit failed')
    return value
  }
  function* claimItems(count: number): QueryGenerator<Item[]> {
    yield [anyQuery]
    const claimed = freeIds.splice(0, count)
    ownedIds.push(...claimed)
    return claimed.map((id) => ({ id }))
  }
  function* findOwned(ids: string[]): QueryGenerator<Item[]> {
    yield [anyQuery]
    return ids.filter((id) => ownedIds.includes(id)).map((id) => ({ id }))
  }
  const claim = createClaimer<Item>(write, findOwned)
  return { upcomingFailures, claim: async (count: number) => (await claim(() => claimItems(count))).map(({ id }) => id) }
}

t.test(
  'given a claim that was committed but reported as failed, when the next claim runs, then it also returns the items of the failed claim, once',
  async (t) => {
    const { upcomingFailures, claim } = createFakeDatabase(['a', 'b', 'c', 'd'])
    upcomingFailures.push('committed, but reported as failed')
    await t.rejects(claim(2), StoreUnavailable)
    t.same(await claim(1), ['a', 'b', 'c'])
    t.same(await claim(2), ['d'])
  },
)

t.test(
  'given one claim that was rolled back and one that was only reported as failed, when a third claim runs, then each item is returned once',
  async (t) => {
    const { upcomingFailures, claim } = createFakeDatabase(['a', 'b', 'c'])
    upcomingFailures.push('rolled back', 'committed, but reported as failed')
    const [first, second, third] = await Promise.allSettled([claim(2), claim(1), claim(3)])
    t.match([first, second], [{ status: 'rejected' }, { status: 'rejected' }])
    t.match(third, { status: 'fulfilled', value: ['a', 'b', 'c'] })
    t.same(await claim(3), [])
  },
)
