/** How free text is masked: a phone number or an e-mail address in any usual format is replaced, and ids, dates, amounts and short numbers stay. */
import fc from 'fast-check'
import t from 'tap'
import { maskFreeText } from '../../src/telemetry/redact-log-line.ts'

/** The digit zero of each script in which people type numbers. */
const zeros = ['0', '\uFF10', '\u0660', '\u06F0', '\u0966', '\u09E6', '\u0E50', '\u{1D7CE}', '\u{1D7F6}', '\u{1FBF0}']
const separators = [
  ['', ' ', '-', '.', '/', ' - ', ' / ', '\u00A0', '\u202F', '\u2011', '\u2013', '\u200B', '\t', '\uFE0F\u20E3 ', '\u3000', ') ', '('],
  [' '.repeat(5), ' '.repeat(40), '. . . . .', '\n\n\n', ' -- / -- ', '_____'],
  [
    'x',
    'X',
    'a',
    'abc',
    'ABCDEFGHIJKL',
    ' x ',
    ' ext ',
    ' ext. ',
    ', ext ',
    ' Durchwahl ',
    ' extension ',
    ' dash ',
    ' and ',
    ' o ',
    '\u0445',
    '\u00D7',
  ],
].flat()
const openings = ['', '+', '00', '(0) ', '\uFF0B', 'tel:', 'Tel. ', 'call ', '(', '\uFF08']
const word = fc.constantFrom('the caller', 'Anruf von', 'rief', 'ticket 4711', 'and', '-', 'at 14:05', 'in queue 7', '"', '(', 'x2')

/** A phone number as people write it: its digits in groups, in one script, with separators and brackets. */
const writtenNumber = fc
  .record({
    digits: fc.stringMatching(/^[1-9][0-9]{6,14}$/),
    zero: fc.constantFrom(...zeros),
    opening: fc.constantFrom(...openings),
    groupSizes: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 8 }),
    gaps: fc.array(fc.constantFrom(...separators), { minLength: 1, maxLength: 8 }),
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
/** A few groupings of a number look like a date, or are 32 hex digits. */
const isAmbiguous = ({ text }: { text: string }) =>
  /(?:19|20)\d\d-\d\d|\d[./-]\d{1,2}[./-](?:19|20)\d\d|[\da-f]{32}/i.test(text.normalize('NFKC'))

/** All digits of a text, in any script, without the text between them. */
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
      fc.property(
        word,
        writtenNumber.filter((number) => !isAmbiguous(number)),
        word,
        (before, { digits, text }, after) => {
          const masked = maskFreeText(`${before} ${text} ${after}`)
          if (digitsOf(masked).includes(digits.slice(0, 6)) || digitsOf(masked).includes(digits.slice(-6)))
            throw new Error(`${text}: ${masked}`)
        },
      ),
      { numRuns: 10_000 },
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
    ['317     555     0808 rang', '[number] rang'],
    ['317x555x0808', '[number]'],
    // Not a date: there is nothing between the 1 and the 2000.
    ['1-12000\u20110-0\u20110', '[number]'],
    ['317 ext 555', '[number]'],
    ['call 5550303 ext. 12, please', 'call [number], please'],
    ['at 14:05 to 317 555 0808', 'at 14:05 to [number]'],
    ['since 2026-03-01, 317 555 0808', 'since 2026-03-01, [number]'],
    ['+49 2012-03-04 55', '[number]'],
    ['1775550123', '[number]'],
    ['call 317 area 555 mobile 0303', 'call [number]'],
    ['call 317 (area) 555 (home) 0303', 'call [number]'],
    ['rufen Sie 030 Vorwahl 775 Durchwahlnummer 5002', 'rufen Sie [number]'],
  ])
    t.equal(maskFreeText(String(text)), expected)
})

t.test('given an e-mail address in any usual form, when it is in free text, then it is masked', async (t) => {
  const at = fc.constantFrom('@', '\uFF20', '\uFE6B', ' @ ', '%40', '(at)', ' (at) ', '[AT]', ' [ at ] ', '{at}', '<at>')
  const dot = fc.constantFrom('.', ' dot ', '(dot)', ' (dot) ', ' [.] ', '[DOT]')
  const local = fc.constantFrom('john', 'john.doe', 'john+calls', '"john doe"', '"john@doe"', 'J\u00F6rg', 'john-1775550')
  const before = fc.constantFrom('', 'mail ', 'mailto:', '(', '<', 'from ', '"', 'ticket 4711, ')
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(before, local, at, dot, fc.constantFrom('', ')', '>', ', then', '"', ' and left'), (start, name, sign, mark, end) => {
        const masked = maskFreeText(`${start}${name}${sign}example${mark}com${end}`)
        if (/john|doe|rg|example|com/.test(masked)) throw new Error(`${start}${name}${sign}example${mark}com${end}: ${masked}`)
      }),
      { numRuns: 5_000 },
    ),
  )
  for (const [text, expected] of [
    ['john.doe (at) example dot com', '[address]'],
    ['john at example dot co dot uk hung up', '[address] hung up'],
    ['"john doe"@example.com', '[address]'],
    ['john @ example.com', '[address]'],
    ['mailto:john%40example.com', 'mailto:[address]'],
    ['john1234567%40example.com', '[address]'],
    ['john@[10.0.0.1] wrote', '[address] wrote'],
    ['john@[192.168.100.100] wrote', '[address] wrote'],
    ['was at work', 'was at work'],
    ['at 14:05 (at the desk) it rang', 'at 14:05 (at the desk) it rang'],
  ])
    t.equal(maskFreeText(String(text)), expected)
})

/** Hex digits that contain a number, padded to the length of an id. */
const numberInId = fc
  .record({
    digits: fc.stringMatching(/^[1-9][0-9]{8,14}[1-9]$/),
    filler: fc.constantFrom('0', 'a', 'f', '9'),
    isAtEnd: fc.boolean(),
  })
  .map(({ digits, filler, isAtEnd }) => ({ digits, hex: isAtEnd ? digits.padStart(32, filler) : digits.padEnd(32, filler) }))
const toUuidForm = (hex: string) => hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')

t.test('given a number that is written as an id, when it is in free text, then it is masked', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(word, numberInId, fc.boolean(), word, (before, { digits, hex }, hasHyphens, after) => {
        const masked = maskFreeText(`${before} ${hasHyphens ? toUuidForm(hex) : hex} ${after}`)
        if (digitsOf(masked).includes(digits.slice(0, 7)) || digitsOf(masked).includes(digits.slice(-7)))
          throw new Error(`${hex}: ${masked}`)
      }),
      { numRuns: 5_000 },
    ),
  )
  for (const text of [
    '00000000-0000-0000-0000-013175550123',
    '00000000-0000-4000-8000-013175550123',
    '00000000-0000-7000-8000-013175550123',
    '31755508-0812-4000-8000-000000000000',
    'aaaaaaaa-aaaa-4aaa-8aaa-a13175550123',
    'a0000000000000000000013175550123',
    '13175550123131755501231317555012',
    '00000000-0000-0000-3175-000000000000 5550123',
  ])
    t.notMatch(digitsOf(maskFreeText(text)), /31755|55012|50123/, text)
})

const standardId = fc.oneof(
  fc.uuid({ version: [4, 7] }),
  fc.uuid({ version: [4, 7] }).map((id) => id.toUpperCase()),
  fc.uuid({ version: [4, 7] }).map((id) => id.replaceAll('-', '')),
  fc.stringMatching(/^[0-9a-f]{32}$/).filter((hex) => /[a-f]/.test(hex)),
)
t.test('given free text with ids, when it is masked, then it stays unchanged', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(word, standardId, word, (before, id, after) => {
        // fast-check prefers small values, with repetitions that real ids do not have.
        fc.pre(!/(.)\1{5}/i.test(id.replaceAll('-', '')))
        const text = `${before} ${id} ${after}`
        if (maskFreeText(text) !== text) throw new Error(`${text}: ${maskFreeText(text)}`)
      }),
      { numRuns: 5_000 },
    ),
  )
  for (const text of [
    'ca110000-0000-4000-8000-000000000001',
    '12345678-1234-4234-8234-123456789012',
    '4bf92f3577b34da6a3ce929d0e0e4736',
    'transfer 0193a1b2-c3d4-7e5f-8a6b-1c2d3e4f5a6b: see ca110000-0000-4000-8000-000000000012',
  ])
    t.equal(maskFreeText(text), text)
})

const pad = (value: number, length = 2) => String(value).padStart(length, '0')
const moment = fc.date({ min: new Date('1990-01-01T00:00:00Z'), max: new Date('2099-12-31T23:59:59Z'), noInvalidDate: true })
const amount = fc.record({ whole: fc.integer({ min: 0, max: 999_999_999 }), cents: fc.integer({ min: 0, max: 99 }) })
const grouped = (whole: number, mark: string) => String(whole).replaceAll(/\B(?=(?:\d{3})+$)/g, mark)
/** Texts with many digits that are not phone numbers. */
const harmless = fc.oneof(
  moment.map((date) => date.toISOString()),
  moment.map((date) => date.toISOString().replace(/\.\d+Z$/, '+02:00')),
  moment.map((date) => date.toISOString().slice(0, 19).replace('T', ' ')),
  moment.map((date) => date.toISOString().slice(0, 10)),
  moment.map((date) => `${pad(date.getUTCDate())}.${pad(date.getUTCMonth() + 1)}.${date.getUTCFullYear()}`),
  moment.map((date) => `${date.getUTCMonth() + 1}/${date.getUTCDate()}/${date.getUTCFullYear()}`),
  moment.map((date) => date.toISOString().slice(11, 19)),
  moment.map((date) => date.toISOString().slice(11, 16)),
  amount.map(({ whole, cents }) => `${grouped(whole, ',')}.${pad(cents)}`),
  amount.map(({ whole, cents }) => `${grouped(whole, '.')},${pad(cents)}`),
  amount.map(({ whole, cents }) => `\u20AC${grouped(whole, ',')}.${pad(cents)}`),
  amount.map(({ whole }) => `${grouped(whole, ',')} EUR`),
  amount.map(({ whole, cents }) => `USD ${Math.floor(whole / 1000)}.${pad(cents)}`),
  fc.integer({ min: 0, max: 999_999 }).map((ticket) => `ticket ${ticket}`),
  fc.integer({ min: 0, max: 999_999 }).map((ticket) => `INC-${ticket}`),
  fc.integer({ min: 0, max: 999_999 }).map((ticket) => `#${ticket}`),
)
const plainWord = fc.constantFrom('', 'the caller', 'since', 'paid', '(', '"', 'Betrag:', '-')

t.test('given dates, times, amounts and ticket numbers in free text, when it is masked, then it stays unchanged', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(plainWord, harmless, plainWord, (before, part, after) => {
        const text = `${before} ${part} ${after}`
        if (maskFreeText(text) !== text) throw new Error(`${text}: ${maskFreeText(text)}`)
      }),
      { numRuns: 10_000 },
    ),
  )
  for (const text of [
    '',
    'The recording shows that the caller stayed in the IVR',
    'ticket 47111, at 14:05',
    'INC-1234',
    'request 17',
    'flow-12.step-3:retry',
    'Ticket 123456: refunded 12,345.67 EUR on 2026-03-01 at 14:05:33',
    'seen at 2026-03-01T00:00:00.000Z and 2026-03-01T00:00:10.250Z',
    '3 agents, 12 calls and 120 seconds',
    'seen 3 times since 12 May 2026',
    'the recording shows 2 agents at 14:05; ticket 123456',
  ])
    t.equal(maskFreeText(text), text)
})

t.test('given a long hostile text, when it is masked, then the time grows with its length only', async (t) => {
  for (const part of [
    '1',
    '1 ',
    '(',
    '1-----',
    '+',
    'a@',
    '0a',
    '- '.repeat(9),
    '1 x ',
    '1,',
    '1,111',
    '$1',
    '1.1.',
    '2026-01-',
    '00:00:',
    '00:00 ',
    '2026-01-01 ',
    '1,111.11;',
    '1'.padEnd(99),
    'a '.repeat(40),
    'a'.padEnd(99),
    '"',
    '" ',
    'a @',
    'a at ',
    'a(at)a dot ',
    'a at a dot ',
    '%40',
    '(at)',
  ])
    t.ok(maskFreeText(part.repeat(20_000)).length >= 0, part)
})
