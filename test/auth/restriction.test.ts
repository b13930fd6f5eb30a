/** Which places of a transfer path a key that is limited to queues can read in a response, and which targets it may use. */
import fc from 'fast-check'
import t from 'tap'
import { hideOtherPlaces, requireAllowedTargets } from '../../src/auth/restriction.ts'
import type { NormalizedTarget } from '../../src/model/target.ts'
import { targetTypes, type TargetType } from '../../src/model/target-schema.ts'
import { placeOf } from '../../src/transfers/loop-guard.ts'

const secret = 'a secret for the loop token'
const id = fc.uuid()
const targetsByType: { [T in TargetType]: fc.Arbitrary<NormalizedTarget> } = {
  agent: id.map((userId) => ({ type: 'agent', userId })),
  queue: id.map((queueId) => ({ type: 'queue', queueId, skillIds: [], languageId: null })),
  skill: fc.tuple(id, fc.array(id, { maxLength: 3 })).map(([queueId, skillIds]) => ({ type: 'skill', queueId, skillIds })),
  number: fc.constantFrom('+49301234567', '+1317555').map((address) => ({ type: 'number', address })),
  callback: id.map((queueId) => ({ type: 'callback', queueId, skillIds: [] })),
}
const anyTarget = fc.oneof(...targetTypes.map((type) => targetsByType[type]))
const queueOf = (target: NormalizedTarget): string | null => ('queueId' in target ? target.queueId : null)

t.test(
  'given any transfer path in a response, when a limited key reads it, then it sees its own queues, and "elsewhere" for every other place',
  async (t) => {
    t.doesNotThrow(() =>
      fc.assert(
        fc.property(fc.array(fc.tuple(anyTarget, fc.boolean())), fc.string(), (visits, otherText) => {
          const queues = visits.flatMap(([target, isOwn]) => (isOwn ? (queueOf(target) ?? []) : []))
          const path = visits.map(([target]) => placeOf(target, secret))
          const expected = visits.map(([target]) => (queues.includes(queueOf(target) ?? '-') ? placeOf(target, secret) : 'elsewhere'))
          const createResponse = (places: string[]) => ({
            transferPath: places,
            message: `This conversation was at ${places.join(' > ')}. And: ${otherText}`,
            body: JSON.stringify({ data: { transferPath: places } }),
          })
          const read = hideOtherPlaces(JSON.stringify(createResponse(path)), { queues })
          t.strictSame(JSON.parse(read), createResponse(expected))
          t.equal(hideOtherPlaces(JSON.stringify(createResponse(path)), { queues: null }), JSON.stringify(createResponse(path)))
        }),
      ),
    )
  },
)

t.test('given targets that a key may not use, then the error names the first of them, and a key without a limit may use all', async (t) => {
  const [own, other] = ['9e0e0000-0000-4000-8000-000000000001', '9e0e0000-0000-4000-8000-000000000002']
  const toQueue = (queueId: string): NormalizedTarget => ({ type: 'queue', queueId, skillIds: [], languageId: null })
  const refused: Array<[NormalizedTarget, RegExp]> = [
    [toQueue(other), new RegExp(`may not transfer to queue ${other}`)],
    [{ type: 'skill', queueId: other, skillIds: [] }, new RegExp(`to queue ${other}`)],
    [{ type: 'agent', userId: own }, /to an agent/],
    [{ type: 'number', address: '+49301234567' }, /to a number/],
    [{ type: 'callback', queueId: other, skillIds: [] }, new RegExp(`to queue ${other}`)],
    [{ type: 'callback', queueId: own, skillIds: [], callbackNumber: '+49301234567' }, /may not name a number to call back/],
  ]
  for (const [target, message] of refused) {
    t.throws(() => requireAllowedTargets([own], [toQueue(own), target]), { code: 'TARGET_NOT_ALLOWED', message })
    t.doesNotThrow(() => requireAllowedTargets(null, [target]))
    t.throws(() => requireAllowedTargets([], [target]), { code: 'TARGET_NOT_ALLOWED' })
  }
  t.doesNotThrow(() => requireAllowedTargets([own], [toQueue(own), { type: 'callback', queueId: own, skillIds: [] }]))
})
