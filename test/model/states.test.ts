import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { transition } from '../../src/transfers/transition.ts'
import type { TransferRecord } from '../../src/model/transfer.ts'
import { isFinal, transitions, states, type State } from '../../src/model/states.ts'
import { notifiedStates } from '../../src/transfers/stages/crm-webhook.ts'
import { createTestRecord } from '../support/transfer-record.ts'

t.test('the table of transitions', async (t) => {
  t.test('every state can be reached from accepted, and from every state a final one can be reached', async (t) => {
    const reachableFrom = (from: State, found = new Set<State>([from])): Set<State> => {
      for (const to of transitions[from]) if (!found.has(to)) reachableFrom(to, found.add(to))
      return found
    }
    t.strictSame([...reachableFrom('accepted')].toSorted(), [...states].toSorted())
    for (const state of states) t.ok([...reachableFrom(state)].some(isFinal), state)
  })

  t.test('only executing may follow itself, and no other state can be reached again', async (t) => {
    const nextStates = (state: State) => transitions[state].filter((next) => next !== state)
    const canReturn = (state: State, from = nextStates(state), seen = new Set<State>()): boolean =>
      from.some((next) => next === state || (!seen.has(next) && canReturn(state, nextStates(next), seen.add(next))))
    for (const state of states) t.notOk(canReturn(state), state)
    t.strictSame(
      states.filter((state) => transitions[state].includes(state)),
      ['executing'],
    )
  })

  t.test(
    'given any path through the table, then each transition has its audit entry, and an event if the CRM is told of the state',
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

  t.test('a transition that is not in the table is an error', async (t) => {
    for (const from of states)
      for (const to of states)
        if (!transitions[from].includes(to))
          t.throws(() => transition(createTestRecord({ state: from }), to, {}, { stage: 'execution' }, 0))
  })
})
