/** Erasing a transfer and its webhooks removes every phone number, hash of one, context value, summary and reason, and nothing else. */
import { isDeepStrictEqual } from 'node:util'
import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import t from 'tap'
import { erasure } from '../../src/transfers/erasure.ts'
import { ReturnedTargetSchema, type Target } from '../../src/model/target-schema.ts'
import type { TransferRecord } from '../../src/model/transfer.ts'
import { createCrmEvent, withSummary, type UnaddressedEvent } from '../../src/transfers/stages/crm-webhook.ts'
import type { TapTest } from '../ledger/conformance.ts'
import { createTestRecord } from '../support/transfer-record.ts'

const address = fc.stringMatching(/^\+[1-9][0-9]{6,14}$/)
const numberInPath = fc.stringMatching(/^number:[0-9a-f]{16}$/)
const place = fc.oneof(
  numberInPath,
  fc.uuid().map((id) => `queue:${id}`),
  fc.constantFrom('number:undefined', 'number:erased'),
)
const anyTarget: fc.Arbitrary<Target> = fc.oneof(
  address.map((number) => ({ type: 'number' as const, address: number })),
  fc.uuid().map((queueId) => ({ type: 'queue' as const, queueId })),
  fc.uuid().map((userId) => ({ type: 'agent' as const, userId })),
  address.map((callbackNumber) => ({ type: 'callback' as const, callbackNumber })),
  fc.constant({ type: 'callback' as const }),
)
const word = fc.constantFrom('This conversation was at', '>', 'before:', '"', '\\', '(', ')', '.', 'number', 'ü', '')
const message = (separator: string) => fc.option(fc.array(fc.oneof(word, place), { maxLength: 8 }).map((parts) => parts.join(separator)))
const recordWith = (separator: string): fc.Arbitrary<TransferRecord> =>
  fc
    .record({
      target: anyTarget,
      fallback: fc.array(anyTarget, { maxLength: 5 }),
      context: fc.dictionary(
        fc.stringMatching(/^[A-Za-z0-9_.-]{1,20}$/),
        fc.stringMatching(/^[a-z]{12,30}$/).map((value) => `context of ${value}`),
        { maxKeys: 5, noNullPrototype: true },
      ),
      summary: fc.option(fc.stringMatching(/^[a-z]{12,30}$/).map((text) => `summary of ${text}`)),
      reason: fc.option(fc.stringMatching(/^[a-z]{12,30}$/).map((text) => `reason.of.${text}`)),
      transferPath: fc.array(place, { maxLength: 8 }),
      message: message(separator),
      resolvedAddress: fc.option(fc.option(address)),
      state: fc.constantFrom('picked_up' as const, 'failed' as const, 'rejected' as const, 'timeout' as const),
    })
    .map(({ resolvedAddress, ...fields }) =>
      createTestRecord({
        ...fields,
        resolvedTarget: resolvedAddress === null ? null : { ...resolvedNumber, address: resolvedAddress },
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
  preferredUserIds: [],
  scheduledAt: null,
}

const assertProperty = (t: TapTest, records: fc.Arbitrary<TransferRecord>, property: (record: TransferRecord) => boolean): void =>
  void t.doesNotThrow(() => fc.assert(fc.property(records, property), { numRuns: 300 }))

function numberOf(target: Target): string | undefined {
  if (target.type === 'number') return target.address
  return target.type === 'callback' ? target.callbackNumber : undefined
}

/** The personal data of a record: phone numbers, context values, summary and reason. */
function personalDataOf({ target, fallback, context, summary, reason, resolvedTarget }: TransferRecord): string[] {
  const numbers = [target, ...fallback].flatMap((named) => numberOf(named) ?? [])
  return [...numbers, ...(resolvedTarget?.address ? [resolvedTarget.address] : []), ...Object.values(context)].concat(
    summary ?? [],
    reason ?? [],
  )
}
/** True if a text has neither a hash of a phone number nor any of the personal data. */
const isClean = (text: string, personalData: string[]): boolean =>
  !/number:[0-9a-f]{16}/.test(text) && !personalData.some((value) => text.includes(value))

t.test(
  'given any record, when it is erased, then no phone number, no hash of one, no context value, no summary and no reason is left',
  async (t) => {
    assertProperty(t, recordWith(' '), (before) => {
      const after = erasure.eraseRecord(before)
      return isClean(JSON.stringify(after), personalDataOf(before)) && Object.keys(after.context).length === 0
    })
  },
)

t.test('given any record, when it is erased, then its targets still match the schema of the API', async (t) => {
  const isReturnable = new Ajv2020({ strict: false, discriminator: true, formats: { 'date-time': true } }).compile(ReturnedTargetSchema)
  assertProperty(t, recordWith(' '), (before) => {
    const { target, fallback } = erasure.eraseRecord(before)
    return [target, ...fallback].every((named) => isReturnable(named))
  })
})

t.test('given any record, when it is erased, then everything else stays, and the record itself is not changed', async (t) => {
  const hideNumbers = (path: string[]) => path.map((place) => (place.startsWith('number:') ? 'a number' : place))
  const keptParts = ({
    target,
    fallback,
    resolvedTarget,
    transferPath,
    message: text,
    context: _context,
    summary: _summary,
    reason: _reason,
    ...rest
  }: TransferRecord) => [
    rest,
    [target, ...fallback].map((named) => (numberOf(named) === undefined ? named : named.type)),
    resolvedTarget && { ...resolvedTarget, address: resolvedTarget.address === null },
    hideNumbers(transferPath),
    text === null,
  ]
  assertProperty(t, recordWith(' '), (before) => {
    const copy = structuredClone(before)
    const after = erasure.eraseRecord(before)
    return (
      isDeepStrictEqual(before, copy) &&
      isDeepStrictEqual(keptParts(after), keptParts(before)) &&
      isDeepStrictEqual(erasure.eraseRecord(after), after)
    )
  })
})

t.test('given any webhook, when it is erased, then no personal data is left, and it has the same JSON fields', async (t) => {
  assertProperty(t, recordWith(' '), (before) => {
    const event = createCrmEvent(before, before.updatedAt) as UnaddressedEvent
    // A CRM may get summary and reason, or not.
    return [event.body, withSummary(event, before).body].every((body) => isErased(before, body))
  })
})

/** Whether erasing the body of a webhook about `before` leaves no personal data and the same fields, and changes nothing a second time. */
function isErased(before: TransferRecord, body: string): boolean {
  const after = erasure.eraseBody(body)
  const dataOf = (text: string) => (JSON.parse(text) as { data: object }).data
  return (
    isClean(after, personalDataOf(before)) &&
    Object.keys(dataOf(after)).join() === Object.keys(dataOf(body)).join() &&
    erasure.eraseBody(after) === after
  )
}

for (const separator of ['\n', '\t', 'x', '_'])
  t.test(
    `given a message with ${JSON.stringify(separator)} before a number of the path, when it is erased, then the number is erased too`,
    async (t) => {
      const before = createTestRecord({ state: 'failed', message: `at${separator}number:0123456789abcdef` })
      t.ok(isClean(JSON.stringify(erasure.eraseRecord(before)), []), 'in the record')
      t.ok(isClean(erasure.eraseBody(String(createCrmEvent(before, before.updatedAt)?.body)), []), 'in the webhook')
    },
  )
