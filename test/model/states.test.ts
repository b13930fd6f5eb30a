import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { transition } from '../../src/transfers/transition.ts'
import { type TransferRecord } from '../../src/model/transfer.ts'
import { isFinal, moves, states, type State } from '../../src/model/states.ts'
import { notifiedStates } from '../../src/transfers/stages/crm-webhook.ts'
import { aRecord } from '../support/record.ts'

t.test('the table of moves', async (t) => {
  t.test('every state is reached from accepted, and every state leads to a final one', async (t) => {
    const reach = (from: State, seen = new Set<State>([from])): Set<State> => {
      for (const to of moves[from]) if (!seen.has(to)) reach(to, seen.add(to))
      return seen
    }
    t.strictSame([...reach('accepted')].toSorted(), [...states].toSorted())
    for (const state of states) t.ok([...reach(state)].some(isFinal), state)
  })

  t.test('no state but executing leads back to itself, and none leads back to where it came from', async (t) => {
    const onwards = (state: State) => moves[state].filter((next) => next !== state)
    const comesBack = (state: State, from = onwards(state), seen = new Set<State>()): boolean =>
      from.some((next) => next === state || (!seen.has(next) && comesBack(state, onwards(next), seen.add(next))))
    for (const state of states) t.notOk(comesBack(state), state)
    t.strictSame(
      states.filter((state) => moves[state].includes(state)),
      ['executing'],
    )
  })

  t.test(
    'given any walk along the table, when it is recorded, then each step carries its audit entry, and the CRM hears of just those it is told of',
    async (t) => {
      t.doesNotThrow(() =>
        fc.assert(
          fc.property(fc.array(fc.nat(10), { maxLength: 12 }), (choices) => {
            let record: TransferRecord = aRecord({ state: 'accepted' })
            for (const choice of choices) {
              const options = moves[record.state]
              const to = options[choice % Math.max(1, options.length)]
              if (!to) break
              const change = transition(record, to, {}, { stage: 'execution' }, Date.now())
              assert.equal(change.from, record.state)
              assert.equal(change.audit?.status, to)
              assert.equal(change.audit?.actionId, record.id)
              assert.equal(change.telling !== undefined, notifiedStates.includes(to))
              record = change.record
            }
          }),
        ),
      )
    },
  )

  t.test('what the table does not allow is never written', async (t) => {
    for (const from of states)
      for (const to of states)
        if (!moves[from].includes(to)) t.throws(() => transition(aRecord({ state: from }), to, {}, { stage: 'execution' }, 0))
  })
})
