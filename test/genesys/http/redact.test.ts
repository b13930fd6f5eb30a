/** What is removed from texts of the platform, and what stays readable. */
import fc from 'fast-check'
import t from 'tap'
import { collectStrings, redactText } from '../../../src/genesys/http/redact.ts'

const id = '12345678-1234-4234-8234-123456789012'

t.test('given a text of the platform, then ids stay, and numbers, addresses and credentials are removed', async (t) => {
  t.equal(redactText(`conversation ${id} not found`), `conversation ${id} not found`)
  t.equal(redactText(`conversation ${id} of +15551234567 not found`), `conversation ${id} of *** not found`)
  for (const number of [
    '+15551234567',
    '+1 (555) 123-4567',
    '555-123-4567',
    '%2B15551234567',
    '0049 30 1234567',
    'tel:+15551234567',
    'sip:+15551234567@edge.example',
    '4111 1111 1111 1111',
    '555     123     4567',
    '555x123x4567',
    '00000000-0000-0000-0000-005551234567',
  ]) {
    t.notMatch(redactText(`address ${number} is not valid`), /\d{3}/, number)
  }
  t.notMatch(redactText('header Bearer abc.def-ghi sent', []), /abc/)
  t.notMatch(redactText('client s3cret is wrong', ['s3cret']), /s3cret/)
})

t.test('given any phone number in any of the usual spellings, then it is removed', async (t) => {
  const digits = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 7, maxLength: 15 })
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(
        digits,
        fc.constantFrom('', ' ', '-', '.'),
        fc.constantFrom('', '+', 'tel:+'),
        (all, separator, prefix) => !redactText(`to ${prefix}${all.join(separator)} please`).includes(all.join(separator)),
      ),
    ),
  )
})

t.test('given a request body, then every text in it counts as a secret, as it is and as JSON writes it, except ids', async (t) => {
  t.same(collectStrings({ queueId: id, attributes: { note: 'say "no"' }, list: ['abc', 7, null] }), [
    'say "no"',
    'say \\"no\\"',
    'abc',
    'abc',
  ])
  t.same(collectStrings(undefined), [])
})
