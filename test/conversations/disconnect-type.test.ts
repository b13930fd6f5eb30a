/** Every documented disconnectType has a meaning, and which of them mean that the call went on or that an offer was refused (docs/genesys-cloud.md rule 36). */
import { readFileSync } from 'node:fs'
import t from 'tap'
import { disconnectMeanings, hasCallGoneOn, isRefusal } from '../../src/conversations/disconnect-type.ts'

const legWith = (disconnectType?: string) => ({ id: 'l', state: 'terminated', ...(disconnectType && { disconnectType }) })

t.test(
  'given the documented values, when they are compared with the code, then each of them has a meaning, and no other value',
  async (t) => {
    const [, rule = ''] = /### Rule 36:([^]*?)### Rule 37:/.exec(readFileSync('docs/genesys-cloud.md', 'utf8')) ?? []
    const rows = rule.split('\n').filter((line) => line.startsWith('| `'))
    const documented = rows.flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, value = '']) => value))
    // The parser writes `.dnd` out as `.donotdisturb` before the meaning is looked up.
    const unabbreviated = documented.filter((value) => !value.endsWith('.dnd'))
    t.same(new Set(Object.keys(disconnectMeanings)), new Set(unabbreviated))
  },
)

t.test('given a leg that a transfer of any kind ended, when its type is read, then the call has gone on', async (t) => {
  for (const type of [
    'transfer',
    'transfer.forward',
    'transfer.noanswer',
    'transfer.notavailable',
    'transfer.donotdisturb',
    'transfer.consult',
    'transfer.conference',
  ])
    t.equal(hasCallGoneOn(legWith(type)), true, type)
  t.equal(hasCallGoneOn(legWith('transfer.someday')), true, 'a kind of transfer that is not documented')
  for (const type of [undefined, 'client', 'endpoint', 'peer', 'system', 'error', 'timeout', 'other', 'constructor', 'transferable'])
    t.equal(hasCallGoneOn(legWith(type)), false, type ?? 'none')
})

t.test(
  'given an unanswered offer, when its type is read, then it was refused, unless the caller left or the call was forwarded',
  async (t) => {
    for (const type of ['peer', 'transfer.forward']) t.equal(isRefusal(legWith(type)), false, type)
    for (const type of ['client', 'endpoint', 'transfer.noanswer', 'endpoint.donotdisturb', 'error', undefined])
      t.equal(isRefusal(legWith(type)), true, type ?? 'none')
  },
)
