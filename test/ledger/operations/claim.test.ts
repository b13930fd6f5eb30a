import t from 'tap'
import { createClaims } from '../../src/ledger/claim.ts'
import { StoreUnavailable } from '../../src/ledger/ledger.ts'
import type { QueryGenerator, Transaction } from '../../src/ledger/steps.ts'

interface Item {
  id: string
}
/** A store of free items, whose commits answer as they are told to. */
function store(free: string[]) {
  const ours: string[] = []
  const fates: Array<'kept, unheard' | 'lost'> = []
  function run<T>(steps: QueryGenerator<T>): T {
    const next = steps.next({ rows: [], changed: 0 })
    return next.done ? next.value : run(steps)
  }
  async function write<T>(work: Transaction<T>): Promise<T> {
    const before = [[...free], [...ours]] as const
    const value = run(work([]))
    const fate = fates.shift()
    if (fate === 'lost') {
      free.splice(0, Infinity, ...before[0])
      ours.splice(0, Infinity, ...before[1])
    }
    if (fate) throw new StoreUnavailable('the answer was lost')
    return value
  }
  const asked = { sql: 'SELECT', values: {} }
  function* take(count: number): QueryGenerator<Item[]> {
    yield asked
    const taken = free.splice(0, count)
    ours.push(...taken)
    return taken.map((id) => ({ id }))
  }
  function* stillOurs(ids: string[]): QueryGenerator<Item[]> {
    yield asked
    return ids.filter((id) => ours.includes(id)).map((id) => ({ id }))
  }
  const handOut = createClaims<Item>(write, stillOurs)
  return { fates, handOut: async (count: number) => (await handOut(() => take(count))).map(({ id }) => id) }
}

t.test(
  'given a taking whose commit was kept but not heard of, when more is taken, then what it took is handed out as well, once',
  async (t) => {
    const { fates, handOut } = store(['a', 'b', 'c', 'd'])
    fates.push('kept, unheard')
    await t.rejects(handOut(2), StoreUnavailable)
    t.same(await handOut(1), ['a', 'b', 'c'])
    t.same(await handOut(2), ['d'])
  },
)

t.test('given a taking whose commit was lost, when more is taken, then nothing is handed out twice', async (t) => {
  const { fates, handOut } = store(['a', 'b', 'c'])
  fates.push('lost', 'kept, unheard')
  const [one, other, last] = await Promise.allSettled([handOut(2), handOut(1), handOut(3)])
  t.match([one, other], [{ status: 'rejected' }, { status: 'rejected' }])
  t.match(last, { status: 'fulfilled', value: ['a', 'b', 'c'] })
  t.same(await handOut(3), [])
})
