/** What a transfer's state means, in words. */
import t from 'tap'
import { importConsole } from '../console-module.ts'

const { describeMeaning } = await importConsole<{ describeMeaning: (transfer: object) => string }>('words/meaning.js')
const { rememberNames } = await importConsole<{ rememberNames: (answer: object) => void }>('names.js')
const agentUserId = 'a9e70000-0000-4000-8000-000000000001'

t.test('given a call that was picked up, then it says by whom, and claims no agent where a number answered', async (t) => {
  rememberNames({ names: { [agentUserId]: 'Alex Archer' } })
  const pickedUp = { state: 'picked_up', agentUserId: null, resolvedTarget: { type: 'queue' } }
  t.equal(describeMeaning({ ...pickedUp, agentUserId }), 'Alex Archer has picked up the call.')
  t.equal(describeMeaning(pickedUp), 'An agent has picked up the call.')
  t.equal(describeMeaning({ ...pickedUp, resolvedTarget: { type: 'number' } }), 'The call was answered at this number.')
})

t.test('given any other state, then it says what the state means', async (t) => {
  t.equal(describeMeaning({ state: 'superseded' }), 'A later transfer took over.')
})
