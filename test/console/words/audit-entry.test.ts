/** What happened to a call, in words that an operator knows. */
import t from 'tap'
import { importConsole } from '../console-module.ts'

const { describeStatus, describeDetail } = await importConsole<{
  describeStatus: (status: string) => string
  describeDetail: (name: string, value: unknown) => string
}>('words/audit-entry.js')
const { rememberNames } = await importConsole<{ rememberNames: (answer: object) => void }>('names.js')
const id = (number: number): string => `5c111000-0000-4000-8000-${String(number).padStart(12, '0')}`

t.test(
  'given the priority and skills of a waiting call, then it says that they are set, and whether the platform confirms it',
  async (t) => {
    rememberNames({ names: { [id(1)]: 'Billing', [id(2)]: 'Spanish' } })
    t.equal(describeStatus('routing_applied'), 'Priority and skills set')
    t.strictSame(
      Object.entries({ verified: true, priority: 0, skillIds: `${id(1)} ${id(2)}`, afterMs: 151 }).map(([name, value]) =>
        describeDetail(name, value),
      ),
      ['confirmed by the platform', 'priority 0', 'skills Billing, Spanish', 'took 151 ms'],
    )
    t.equal(describeDetail('verified', false), 'the platform shows other values')
  },
)

t.test('given the history that is written to a call, then no term of the implementation is shown', async (t) => {
  t.notMatch(describeStatus('loop_guard_mirrored'), /loop|guard|mirror/i)
  t.notMatch(describeStatus('loop_guard_not_mirrored'), /loop|guard|mirror/i)
})

t.test('given what has no words of its own, then its name is read as words', async (t) => {
  t.strictSame([describeStatus('something_new'), describeDetail('overflowFrom', 'x')], ['Something new', 'overflow from x'])
  t.equal(describeStatus('picked_up'), 'Picked up')
})
