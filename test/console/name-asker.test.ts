/** Asking again for names that the service did not know in time: not at once, not for ever, and once for all that are missing. */
import t from 'tap'
import { waitFor } from '../support/wait-for.ts'
import { importConsole } from './console-module.ts'

interface Options {
  listIds: () => string[]
  ask: () => Promise<unknown>
  onAsked: () => void
  signal: AbortSignal
  pausesMs: number[]
}
const { createNameAsker } = await importConsole<{ createNameAsker: (options: Options) => { check: () => void } }>('name-asker.js')
const { rememberNames } = await importConsole<{ rememberNames: (answer: object) => void }>('names.js')

const id = (number: number): string => `b0b00000-0000-4000-8000-${String(number).padStart(12, '0')}`

/** @param answer what is done when the names are asked for */
function setUp(ids: string[], answer: () => void = () => {}) {
  const abort = new AbortController()
  const counts = { asked: 0, shown: 0 }
  const asker = createNameAsker({
    listIds: () => ids,
    ask: async () => {
      counts.asked += 1
      answer()
    },
    onAsked: () => void (counts.shown += 1),
    signal: abort.signal,
    pausesMs: [1, 2, 3],
  })
  return { asker, counts, abort }
}

t.test('given ids without names, when the service tells the names later, then it is asked once for all of them', async (t) => {
  const ids = [id(1), id(2), id(1)]
  const { asker, counts } = setUp(ids, () => rememberNames({ names: { [id(1)]: 'One', [id(2)]: 'Two' } }))
  for (let count = 0; count < 5; count++) asker.check()
  t.equal(counts.asked, 0, 'not at once')
  await waitFor(() => counts.shown === 1, 'the names')
  asker.check()
  ids.push(id(3))
  asker.check()
  await waitFor(() => counts.shown > 1, 'the next names')
  t.ok(counts.asked >= 2, 'it asks for a new id, too')
})

t.test('given a name that the service never tells, then it is asked for a few times and no more', async (t) => {
  const { asker, counts } = setUp([id(10)])
  asker.check()
  await waitFor(() => counts.shown === 3, 'three tries')
  asker.check()
  rememberNames({ names: { [id(11)]: 'Other' } })
  const other = setUp([id(12)])
  other.asker.check()
  await waitFor(() => other.counts.shown === 3, 'the tries of another view')
  t.equal(counts.asked, 3)
})

t.test('given a service that fails, then it is asked again; given a view that is left, then it is not asked', async (t) => {
  const failing = setUp([id(20)], () => {
    throw new Error('The service does not answer.')
  })
  const left = setUp([id(21)])
  left.asker.check()
  left.abort.abort()
  failing.asker.check()
  await waitFor(() => failing.counts.shown === 3, 'three tries')
  t.equal(left.counts.asked, 0)
})
