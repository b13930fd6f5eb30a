/** The table of transitions between the states of a transfer, and what each transition writes. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { transition } from '../../src/transfers/transition.ts'
import type { TransferRecord } from '../../src/model/transfer.ts'
import { isFinal, transitions, states, type State } from '../../src/model/states.ts'
import { notifiedStates } from '../../src/transfers/stages/crm-webhook.ts'
import { createTestRecord } from '../support/transfer-record.ts'

t.test('given the table of transitions', async (t) => {
  t.test('when transitions are followed, then accepted leads to every state, and every state leads to a final one', async (t) => {
    const reachableFrom = (from: State, found = new Set<State>([from])): Set<State> => {
      for (const to of transitions[from]) if (!found.has(to)) reachableFrom(to, found.add(to))
      return found
    }
    t.strictSame([...reachableFrom('accepted')].toSorted(), [...states].toSorted())
    for (const state of states) t.ok([...reachableFrom(state)].some(isFinal), state)
  })

  t.test(
    'when transitions are followed, then only executing follows itself, and a state only repeats if the call moves on to another hop',
    async (t) => {
      const movesOn = (from: State, to: State) => from === 'initiated' && to === 'executing'
      t.ok(transitions.initiated.includes('executing'))
      const nextStates = (state: State) => transitions[state].filter((next) => next !== state && !movesOn(state, next))
      const canReturn = (state: State, from = nextStates(state), seen = new Set<State>()): boolean =>
        from.some((next) => next === state || (!seen.has(next) && canReturn(state, nextStates(next), seen.add(next))))
      for (const state of states) t.notOk(canReturn(state), state)
      t.strictSame(
        states.filter((state) => transitions[state].includes(state)),
        ['executing'],
      )
    },
  )

  t.test(
    'when a transfer takes any path, then each transition has its audit entry, and an event if the CRM is notified of the state',
    async (t) => {
      t.doesNotThrow(() =>
        fc.assert(
          fc.property(fc.array(fc.nat(10), { maxLength: 12 }), (choices) => {
            let record: TransferRecord = createTestRecord({ state: 'accepted' })
            for (const choice of choices) {
              const options = transitions[record.state]
              const to = options[choice % Math.max(1, options.length)]
              if (!to) break
              const change = transition(record, to, {}, { stage: 'execution' }, Date.now())
              assert.equal(change.from, record.state)
              assert.equal(change.audit?.status, to)
              assert.equal(change.audit?.actionId, record.id)
              assert.equal(change.event !== undefined, notifiedStates.includes(to))
              record = change.record
            }
          }),
        ),
      )
    },
  )

  t.test('when a transition is not in the table, then it is an error', async (t) => {
    for (const from of states)
      for (const to of states)
        if (!transitions[from].includes(to))
          t.throws(() => transition(createTestRecord({ state: from }), to, {}, { stage: 'execution' }, 0))
  })
})
