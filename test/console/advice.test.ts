/** The advice about stuck transfers: which are stuck, why, what to do, and in which order. */
import t from 'tap'
import { importConsole } from './console-module.ts'

interface Entry {
  kind: string
  transfer: { id: string }
  others: number
}
interface Expected {
  ms: number
  source: string
}
type Fields = Record<string, unknown>
const { expectWait, explainStuck, listStuck } = await importConsole<{
  expectWait: (summary?: object) => Expected
  explainStuck: (
    transfer: Fields,
    now: number,
    expected: Expected,
    others?: number,
    may?: (scope: string) => boolean,
  ) => { why: string; todo: string; action: string } | undefined
  listStuck: (
    transfers: Fields[],
    now: number,
    expected: Expected,
  ) => { entries: Entry[]; ids: Set<string>; counts: Record<string, number> }
}>('advice.js')

const now = Date.parse('2026-11-28T20:00:00.000Z')
const ago = (seconds: number): string => new Date(now - seconds * 1000).toISOString()
const queue = (queueId: string) => ({ type: 'queue', queueId })
const sales = '9e0e0000-0000-4000-8000-000000000001'
const claims = '9e0e0000-0000-4000-8000-000000000002'

const transfer = (fields: Fields): Fields => ({
  id: 'one',
  state: 'initiated',
  target: queue(sales),
  resolvedTarget: queue(sales),
  hops: [{ initiatedAt: fields['since'] ?? ago(10) }],
  createdAt: fields['since'] ?? ago(10),
  updatedAt: fields['since'] ?? ago(10),
  ...fields,
})
const usual = expectWait()

t.test('given few pickups, then a minute is expected; given many, then what 95 % of them took, at least 15 s', async (t) => {
  t.strictSame(expectWait(), { ms: 60_000, source: 'usual' })
  t.strictSame(expectWait({ pickupMs: { count: 19, p95: 20_000 } }), { ms: 60_000, source: 'usual' })
  t.strictSame(expectWait({ pickupMs: { count: 20, p95: 240_000 } }), { ms: 240_000, source: 'p95' })
  t.strictSame(expectWait({ pickupMs: { count: 500, p95: 2_000 } }).ms, 15_000)
  t.strictSame(expectWait({ pickupMs: { count: 500, p95: null } }).ms, 60_000)
})

t.test('given a call that waits as long as others do, then it is not stuck; a second longer, and it is', async (t) => {
  t.equal(explainStuck(transfer({ since: ago(60) }), now, usual), undefined)
  const advice = explainStuck(transfer({ since: ago(61) }), now, usual)
  t.match(advice?.why, /^Nobody has picked up for 1:01 min\./)
  t.equal(advice?.action, 'move')
  t.match(explainStuck(transfer({ since: ago(61) }), now, { ms: 30_000, source: 'p95' })?.why, /95% of the calls .* within 30 s/)
})

t.test('given an unknown outcome, then it is stuck from the start, and a person must settle it', async (t) => {
  const advice = explainStuck(transfer({ state: 'indeterminate', since: ago(0) }), now, usual)
  t.match(advice?.todo, /Look at the conversation in Genesys Cloud/)
  t.equal(advice?.action, 'settle')
})

t.test('given a request that the platform has not answered, then its own time counts, not that of an earlier hop', async (t) => {
  const executing = { state: 'executing', hops: [{ initiatedAt: ago(900) }, { initiatedAt: null }], createdAt: ago(900) }
  t.equal(explainStuck(transfer({ ...executing, updatedAt: ago(14) }), now, usual), undefined)
  t.match(explainStuck(transfer({ ...executing, updatedAt: ago(16) }), now, usual)?.why, /has not answered for 16 s/)
  t.match(explainStuck(transfer({ state: 'accepted', hops: [], since: ago(20) }), now, usual)?.why, /has not answered for 20 s/)
})

t.test('given a flow that was told where to move the call, when it does not, then that is the reason', async (t) => {
  t.equal(explainStuck(transfer({ state: 'decided', hops: [], since: ago(20) }), now, usual), undefined)
  t.match(
    explainStuck(transfer({ state: 'decided', hops: [], since: ago(75) }), now, usual)?.why,
    /The flow was told .* 1:15 min ago, and has not moved it/,
  )
})

t.test('given a transfer that is over, then it is not stuck', async (t) => {
  for (const state of ['picked_up', 'timeout', 'abandoned', 'failed', 'superseded', 'callback_created', 'rejected'])
    t.equal(explainStuck(transfer({ state, since: ago(9_000) }), now, usual), undefined, state)
})

t.test('given several, then those that a person must decide come first, then the longest waiting; a queue has one entry', async (t) => {
  const { entries, ids, counts } = listStuck(
    [
      transfer({ id: 'fresh', since: ago(5) }),
      transfer({ id: 'sales 1', since: ago(100) }),
      transfer({ id: 'claims', since: ago(300), resolvedTarget: queue(claims) }),
      transfer({ id: 'unclear', state: 'indeterminate', since: ago(3) }),
      transfer({ id: 'sales 2', since: ago(200) }),
      transfer({ id: 'unclear, too', state: 'indeterminate', since: ago(30) }),
    ],
    now,
    usual,
  )
  t.strictSame(
    entries.map(({ transfer: { id }, others }) => [id, others]),
    [
      ['unclear, too', 0],
      ['unclear', 0],
      ['claims', 0],
      ['sales 2', 1],
    ],
  )
  t.strictSame([...ids].toSorted(), ['claims', 'sales 1', 'sales 2', 'unclear', 'unclear, too'])
  t.strictSame(counts, { indeterminate: 2, waiting: 3 })
})

t.test('given two queues of the same name, then each has its entry', async (t) => {
  const { rememberNames } = await importConsole<{ rememberNames: (answer: object) => void }>('names.js')
  rememberNames({ names: { [sales]: 'Service', [claims]: 'Service' } })
  const { entries } = listStuck(
    [transfer({ since: ago(100) }), transfer({ id: 'two', since: ago(90), resolvedTarget: queue(claims) })],
    now,
    usual,
  )
  t.equal(entries.length, 2)
})

t.test('given several calls that wait at one place, then the advice says how many', async (t) => {
  t.match(explainStuck(transfer({ since: ago(100) }), now, usual, 11)?.why, /^12 calls wait; nobody has picked up the first for 1:40 min\./)
})

t.test('given a key that may not act, then the advice asks for nothing that the page does not offer', async (t) => {
  const mayNot = () => false
  const unclear = explainStuck(transfer({ state: 'indeterminate' }), now, usual, 0, mayNot)
  t.match(unclear?.todo, /Someone whose key may settle transfers/)
  for (const others of [0, 11])
    t.match(explainStuck(transfer({ since: ago(100) }), now, usual, others, mayNot)?.todo, /^Is anyone on queue at [^?]+\?$/)
})
