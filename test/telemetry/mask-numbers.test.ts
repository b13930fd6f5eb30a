/** The one rule for personal data in free text: every format of a phone number is masked, and ids and ordinary words stay. */
import fc from 'fast-check'
import t from 'tap'
import { maskFreeText } from '../../src/telemetry/redact-log-line.ts'

/** The zero of each script whose digits people type. */
const zeros = ['0', '\uFF10', '\u0660', '\u06F0', '\u0966', '\u09E6', '\u0E50', '\u{1D7CE}', '\u{1D7F6}', '\u{1FBF0}']
const separators = ['', ' ', '-', '.', '/', ' - ', ' / ', '\u00A0', '\u202F', '\u2011', '\u2013', '\u200B', '\t', '\uFE0F\u20E3 ', '\u3000']
const openings = ['', '+', '00', '(0) ', '\uFF0B', 'tel:', 'Tel. ', 'call ', '(', '\uFF08']
const word = fc.constantFrom('the caller', 'Anruf von', 'rief', 'ticket 4711', 'and', '-', 'at 14:05', 'in queue 7', '"', '(', 'x2')

/** A phone number as someone writes it: its digits in groups, in one script, with separators and brackets. */
const writtenNumber = fc
  .record({
    digits: fc.stringMatching(/^[1-9][0-9]{6,14}$/),
    zero: fc.constantFrom(...zeros),
    opening: fc.constantFrom(...openings),
    groupSizes: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 8 }),
    gaps: fc.array(fc.constantFrom(...separators, ') ', '('), { minLength: 1, maxLength: 8 }),
  })
  .map(({ digits, zero, opening, groupSizes, gaps }) => {
    const groups: string[] = []
    for (let start = 0, index = 0; start < digits.length; index++) {
      const size = groupSizes[index % groupSizes.length] ?? 1
      groups.push(digits.slice(start, start + size))
      start += size
    }
    const grouped = groups.map((group, index) => group + (index < groups.length - 1 ? (gaps[index % gaps.length] ?? '') : '')).join('')
    const first = Number(zero.codePointAt(0))
    return { digits, text: opening + grouped.replaceAll(/\d/g, (digit) => String.fromCodePoint(first + Number(digit))) }
  })

/** All digits of a text, whatever script they are in, without anything between them. */
function digitsOf(text: string): string {
  return (text.match(/./gsu) ?? [])
    .map((character) => {
      const code = Number(character.codePointAt(0))
      const first = zeros.map((zero) => Number(zero.codePointAt(0))).find((zero) => code >= zero && code < zero + 10)
      return first === undefined ? '' : String(code - first)
    })
    .join('')
}

t.test('given a phone number in any format and script, when it is in free text, then it is masked', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(word, writtenNumber, word, (before, { digits, text }, after) => {
        const masked = maskFreeText(`${before} ${text} ${after}`)
        if (digitsOf(masked).includes(digits.slice(0, 6)) || digitsOf(masked).includes(digits.slice(-6)))
          throw new Error(`${text}: ${masked}`)
      }),
      { numRuns: 5_000 },
    ),
  )
  for (const [text, expected] of [
    ['(317) 555-0303', '[number]'],
    ['317-555-0404', '[number]'],
    ['030 7755002', '[number]'],
    ['\uFF13\uFF11\uFF17\uFF0D\uFF15\uFF15\uFF15\uFF0D\uFF10\uFF14\uFF10\uFF14', '[number]'],
    ['caller \u0660\u0663\u0660\u0667\u0667\u0665\u0665\u0660\u0660\u0662 hung up', 'caller [number] hung up'],
    ['mail to jane.doe@example.org, then 5550303', 'mail to [address], then [number]'],
    ['called sip:alice@example.org', 'called [address]'],
  ])
    t.equal(maskFreeText(String(text)), expected)
})

t.test('given free text with ids and short numbers, then it stays as it is', async (t) => {
  const uuid = fc.uuid().chain((id) => fc.constantFrom(id, id.toUpperCase(), `${id.slice(0, 8)}aaaaaaaaaaaaaaaaaaaaaaaa`))
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(word, uuid, word, (before, id, after) => {
        const text = `${before} ${id} ${after}`
        if (maskFreeText(text) !== text) throw new Error(`${text}: ${maskFreeText(text)}`)
      }),
      { numRuns: 2_000 },
    ),
  )
  for (const text of ['', 'The recording shows that the caller stayed in the IVR', 'ticket 47111, at 14:05', 'INC-1234', 'request 17'])
    t.equal(maskFreeText(text), text)
})

t.test('given a long hostile text, when it is masked, then the time grows with its length only', async (t) => {
  for (const part of ['1', '1 ', '(', '1-----', '+', 'a@', '0a', '- '.repeat(9)]) t.ok(maskFreeText(part.repeat(20_000)).length >= 0, part)
})
