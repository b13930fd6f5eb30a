/** Which conversations count as recent: the last ones that were added, up to a fixed number. */
import t from 'tap'
import { createRecentConversations } from '../../../src/transfers/submission/recent-conversations.ts'

t.test('given more conversations than are kept, then the one that was added longest ago is forgotten', async (t) => {
  const recent = createRecentConversations(3)
  for (const id of ['a', 'b', 'c', 'd']) recent.add(id)
  t.strictSame(
    ['a', 'b', 'c', 'd'].filter((id) => recent.has(id)),
    ['b', 'c', 'd'],
  )
})

t.test('given a conversation that is added again, then it counts as new', async (t) => {
  const recent = createRecentConversations(3)
  for (const id of ['a', 'b', 'c', 'a', 'd']) recent.add(id)
  t.strictSame(
    ['a', 'b', 'c', 'd'].filter((id) => recent.has(id)),
    ['a', 'c', 'd'],
  )
})
