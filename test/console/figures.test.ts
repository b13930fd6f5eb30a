/** What How it goes counts as what. */
import t from 'tap'

// The modules read the address of the page when they are loaded.
Object.assign(globalThis, { document: { baseURI: 'http://127.0.0.1/console/' } })
const { importConsole } = await import('./console-module.ts')
const { outcomes, listCodes } = await importConsole<{
  outcomes: Array<{ name: string; label: string; states: string[] }>
  listCodes: (byCode: Record<string, number>) => Array<[string, number]>
}>('figures.js')
const { states } = await importConsole<{ states: Record<string, object> }>('format.js')

t.test('given a call that a later transfer moved on, then it counts neither as not picked up nor as refused', async (t) => {
  const { name } = outcomes.find((outcome) => outcome.states.includes('superseded')) ?? {}
  t.equal(name, 'replaced')
  t.strictSame(listCodes({ SUPERSEDED: 50, RATE_LIMITED: 1, QUEUE_CLOSED: 2 }), [
    ['QUEUE_CLOSED', 2],
    ['RATE_LIMITED', 1],
  ])
})

t.test('given all states, then the chart counts each of them once', async (t) => {
  t.strictSame(outcomes.flatMap((outcome) => outcome.states).toSorted(), Object.keys(states).toSorted())
})
