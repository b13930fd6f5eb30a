import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import t from 'tap'
import { erasure } from '../../src/transfers/erasure.ts'
import type { Target, TransferRecord } from '../../src/model/transfer.ts'
import { webhook } from '../../src/transfers/stages/crm-webhook.ts'
import type { Test } from '../ledger/conformance.ts'
import { aRecord } from '../support/record.ts'

const address = fc.stringMatching(/^\+[1-9][0-9]{6,14}$/)
const numberPlace = fc.stringMatching(/^number:[0-9a-f]{16}$/)
const place = fc.oneof(
  numberPlace,
  fc.uuid().map((id) => `queue:${id}`),
  fc.constantFrom('number:undefined', 'number:erased'),
)
const target: fc.Arbitrary<Target> = fc.oneof(
  address.map((number) => ({ type: 'number' as const, address: number })),
  fc.uuid().map((queueId) => ({ type: 'queue' as const, queueId })),
  fc.uuid().map((userId) => ({ type: 'agent' as const, userId })),
)
const word = fc.constantFrom('This conversation was at', '>', 'before:', '"', '\\', '(', ')', '.', 'number', 'ü', '')
const message = (separator: string) => fc.option(fc.array(fc.oneof(word, place), { maxLength: 8 }).map((parts) => parts.join(separator)))
const record = (separator: string): fc.Arbitrary<TransferRecord> =>
  fc
    .record({
      target,
      fallback: fc.array(target, { maxLength: 5 }),
      context: fc.dictionary(
        fc.stringMatching(/^[A-Za-z0-9_.-]{1,20}$/),
        fc.stringMatching(/^[a-z]{12,30}$/).map((value) => `context of ${value}`),
        { maxKeys: 5, noNullPrototype: true },
      ),
      transferPath: fc.array(place, { maxLength: 8 }),
      message: message(separator),
      resolved: fc.option(fc.option(address)),
      state: fc.constantFrom('picked_up' as const, 'failed' as const, 'rejected' as const, 'timeout' as const),
    })
    .map(({ resolved, ...fields }) =>
      aRecord({
        ...fields,
        resolvedTarget: resolved === null ? null : { ...resolvedNumber, address: resolved },
      }),
    )
const resolvedNumber = {
  type: 'number' as const,
  queueId: null,
  userId: null,
  skillIds: [],
  languageId: null,
  priority: 0,
  usedFallback: false,
}

const holds = (t: Test, records: fc.Arbitrary<TransferRecord>, property: (record: TransferRecord) => boolean): void =>
  void t.doesNotThrow(() => fc.assert(fc.property(records, property), { numRuns: 300 }))

/** What of a record tells of a person. */
function personalOf({ target: asked, fallback, context, resolvedTarget }: TransferRecord): string[] {
  const numbers = [asked, ...fallback].flatMap((one) => (one.type === 'number' ? [one.address] : []))
  return [...numbers, ...(resolvedTarget?.address ? [resolvedTarget.address] : []), ...Object.values(context)]
}
const clean = (text: string, personal: string[]): boolean =>
  !/number:[0-9a-f]{16}/.test(text) && !personal.some((one) => text.includes(one))

t.test('given any record, when what is personal is taken out, then no number, hash of one or context value is left', async (t) => {
  holds(t, record(' '), (before) => {
    const after = erasure.record(before)
    return clean(JSON.stringify(after), personalOf(before)) && Object.keys(after.context).length === 0
  })
})

t.test('given any record, then the rest of it stays, and what it is made of is left alone', async (t) => {
  const visible = (path: string[]) => path.map((one) => (one.startsWith('number:') ? 'a number' : one))
  const kept = ({ target: asked, fallback, resolvedTarget, transferPath, message: said, context: _, ...rest }: TransferRecord) => [
    rest,
    [asked, ...fallback].map((one) => (one.type === 'number' ? one.type : one)),
    resolvedTarget && { ...resolvedTarget, address: resolvedTarget.address === null },
    visible(transferPath),
    said === null,
  ]
  holds(t, record(' '), (before) => {
    const copy = structuredClone(before)
    const after = erasure.record(before)
    return (
      isDeepStrictEqual(before, copy) && isDeepStrictEqual(kept(after), kept(before)) && isDeepStrictEqual(erasure.record(after), after)
    )
  })
})

t.test('given any webhook, when what is personal is taken out, then no hash of a number is left and it is JSON as before', async (t) => {
  holds(t, record(' '), (before) => {
    const { body = '' } = webhook(before, before.updatedAt) ?? {}
    const after = erasure.body(body)
    const data = (text: string) => (JSON.parse(text) as { data: object }).data
    return clean(after, personalOf(before)) && Object.keys(data(after)).join() === Object.keys(data(body)).join()
  })
})

for (const separator of ['\n', '\t', 'x', '_'])
  t.test(
    `given a message in which ${JSON.stringify(separator)} stands before the place of a number, then that is taken out too`,
    async (t) => {
      const before = aRecord({ state: 'failed', message: `at${separator}number:0123456789abcdef` })
      t.ok(clean(JSON.stringify(erasure.record(before)), []), 'in the record')
      t.ok(clean(erasure.body(String(webhook(before, before.updatedAt)?.body)), []), 'in the webhook')
    },
  )
