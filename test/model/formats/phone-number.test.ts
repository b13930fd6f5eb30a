/** Which formats of a phone number are understood. Nothing is guessed. */
import fc from 'fast-check'
import t from 'tap'
import { isE164 } from '../../../src/model/formats/patterns.ts'
import { normalizePhoneNumber, phoneNumberPattern } from '../../../src/model/formats/phone-number.ts'

const hasForm = (text: string): boolean => new RegExp(phoneNumberPattern, 'u').test(text)

t.test('given a number as the platform, people or address books write it, when it is normalized, then it is in E.164 form', async (t) => {
  for (const [written, number] of [
    ['+13175550123', '+13175550123'],
    ['tel:+13175550123', '+13175550123'],
    ['TEL:+1-317-555-0123', '+13175550123'],
    ['+1 317-555-0123', '+13175550123'],
    ['+1 (317) 555-0123', '+13175550123'],
    ['+1.317.555.0123', '+13175550123'],
    ['+49 30 1234567', '+49301234567'],
    ['+49\u00a030\u00a01234567', '+49301234567'],
    ['(+49) 30 1234567', '+49301234567'],
    ['+49 30 1234\u201156', '+4930123456'],
    ['\u202a+1 (317) 555-0123\u202c', '+13175550123'],
    ['\u2066+1 (317) 555-0123\u2069', '+13175550123'],
    ['\u2068+49 30 1234567\u2069', '+49301234567'],
    ['\u2066\u202a+49\u206030\u200b1234567\u202c\u2069', '+49301234567'],
    ['+1/317/555/0123', '+13175550123'],
    ['+49 30/1234567', '+49301234567'],
    ['+49 / 30 / 123 45 67', '+49301234567'],
    ['+49 (30)/1234567', '+49301234567'],
    ['+1 317\u2212555\u22120123', '+13175550123'],
    [' +39 06 1234567 ', '+39061234567'],
  ] as const) {
    t.ok(hasForm(written), JSON.stringify(written))
    t.equal(normalizePhoneNumber(written), number, JSON.stringify(written))
  }
})

t.test('given a text that does not clearly mean one number, when it is normalized, then it is no number', async (t) => {
  for (const text of [
    '',
    '13175550123',
    '0049301234567',
    '030 1234567',
    'tel:030 1234567',
    'tel:1234567;phone-context=+49',
    '+49 (0)30 1234567',
    '+49 (030) 1234567',
    '+49 (30 1234567',
    '+49 )30( 1234567',
    '+49 ((30)) 1234567',
    '+49 () 301234567',
    '++49301234567',
    '+49 30 1234567 ext. 5',
    '+49 30 1234567;ext=5',
    '+49 30 1234567, +49 30 1234568',
    '+49 30 1234567/68',
    '+49 30 1234567/8',
    '+49 30 123456/ 78-9',
    '+49 30 1234567/',
    '/+49 30 1234567',
    '+49 (30/1234567',
    '\u2067+49 30 1234567\u2069',
    '+1 800 FLOWERS',
    'sip:+49301234567@example.com',
    '\u202e7654321 03 94+',
    '+\uff14\uff19301234567',
    '+123456',
    '+1234567890123456',
    '+0301234567',
  ])
    t.equal(normalizePhoneNumber(text), undefined, JSON.stringify(text))
})

t.test(
  'given any text, when it is normalized, then the result is undefined, or a number in E.164 form with exactly the digits of the text',
  async (t) => {
    const part = fc.constantFrom('+', '4', '9', '30', '1234', ' ', '-', '.', '(', ')', '(0)', 'tel:', 'x', '\u00a0', '/')
    const text = fc.array(part, { maxLength: 16 }).map((parts) => parts.join(''))
    const likely = fc
      .array(fc.constantFrom('1', '23', '456', '0 7', '-8', '.9', ' (55) '), { minLength: 4, maxLength: 6 })
      .map((parts) => `+49${parts.join('')}`)
    let found = 0
    t.doesNotThrow(() =>
      fc.assert(
        fc.property(fc.oneof(text, likely), (written) => {
          const number = normalizePhoneNumber(written)
          if (number === undefined) return true
          found++
          return isE164(number) && number.slice(1) === written.replaceAll(/[^0-9]/g, '') && normalizePhoneNumber(number) === number
        }),
        { numRuns: 2_000 },
      ),
    )
    t.ok(found > 100, `${found} were numbers`)
  },
)
