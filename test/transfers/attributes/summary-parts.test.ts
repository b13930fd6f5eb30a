/** How a summary is cut into participant attributes. */
import fc from 'fast-check'
import t from 'tap'
import { splitSummary, summaryLimits } from '../../../src/transfers/attributes/summary-parts.ts'

const { partLength, parts: maxParts } = summaryLimits
const maxLength = partLength * maxParts
const lengthOf = (text: string): number => Array.from(text).length
const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** Positions are counted in code points. */
function graphemeEndsOf(text: string): number[] {
  let end = 0
  return [...graphemes.segment(text)].map(({ segment }) => (end += lengthOf(segment)))
}
/** The ends of graphemes at which a word ends or begins. */
function wordEndsOf(text: string): number[] {
  const characters = Array.from(text)
  const isSpace = (index: number): boolean => /^\s$/.test(characters[index] ?? '')
  return graphemeEndsOf(text).filter((end) => isSpace(end - 1) || isSpace(end))
}
/** Where one part ends and the next one begins. */
function cutsOf(parts: readonly string[]): number[] {
  let end = 0
  return parts.slice(0, -1).map((part) => (end += lengthOf(part)))
}

/** Whether a text of this length fits into the parts if it is cut only at some of these positions, found by trying all of them. */
function canCutAt(length: number, positions: readonly number[]): boolean {
  let starts: readonly number[] = [0]
  for (let part = 1; part <= maxParts; part++) {
    if (starts.some((start) => length - start <= partLength)) return true
    starts = positions.filter((end) => starts.some((start) => end > start && end <= start + partLength))
  }
  return false
}

const family = '👩‍👩‍👧‍👦'
const character = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom('a', 'e', 'n', 't', '.', ',', '-') },
  { weight: 2, arbitrary: fc.constantFrom('é', 'ü', '日', '本', '👍', '🇩🇪', family, 'e\u0301', 'क्षि') },
  { weight: 1, arbitrary: fc.constantFrom('\r\n', '\t', '\u00a0', ' \u0301') },
)
const wordOf = (minLength: number, maxLength: number) =>
  fc.array(character, { minLength, maxLength, size: 'max' }).map((characters) => characters.join(''))
const separator = fc.constantFrom(' ', ' ', ' ', '  ', '\n', '\r\n\r\n')
const prose = fc
  .array(fc.tuple(fc.oneof({ weight: 20, arbitrary: wordOf(1, 40) }, { weight: 1, arbitrary: wordOf(100, 400) }), separator), {
    minLength: 1,
    maxLength: 60,
    size: 'max',
  })
  .map((words) => words.flat().join(''))
/** Any text that is not too long. */
const summary = fc
  .oneof(fc.string({ unit: 'binary', maxLength, size: 'max' }), prose, wordOf(200, 700))
  .map((text) => Array.from(text).slice(0, maxLength).join(''))
  .filter((text) => text.length > 0)

const assertAlways = (t: { doesNotThrow(work: () => void): void }, property: (text: string) => boolean): void =>
  t.doesNotThrow(() => fc.assert(fc.property(summary, property), { numRuns: 500 }))

t.test('given any summary, when it is cut, then its parts put together are the summary, and none is empty or too long', async (t) => {
  assertAlways(t, (text) => {
    const parts = splitSummary(text)
    const lengths = parts.map(lengthOf)
    return parts.join('') === text && parts.length <= maxParts && Math.min(...lengths) >= 1 && Math.max(...lengths) <= partLength
  })
})

t.test('given any valid text, when it is cut, then each part is valid text', async (t) => {
  assertAlways(t, (text) => !text.isWellFormed() || splitSummary(text).every((part) => part.isWellFormed()))
})

for (const [given, then, endsOf] of [
  ['that fits if it is cut between words', 'it is cut between words only', wordEndsOf],
  ['that fits if it is cut between what a reader sees as characters', 'none of those is cut', graphemeEndsOf],
] as const)
  t.test(`given a summary ${given}, then ${then}`, async (t) => {
    let found = 0
    assertAlways(t, (text) => {
      const ends = endsOf(text)
      if (!canCutAt(lengthOf(text), ends)) return true
      const cuts = cutsOf(splitSummary(text))
      if (cuts.length > 0) found++
      return cuts.every((cut) => ends.includes(cut))
    })
    t.ok(found > 50, `${found} such summaries were cut`)
  })

t.test('given a word whose end would leave a later grapheme no other place than a cut, then the summary is not cut there', async (t) => {
  const text = `${'x'.repeat(224)} ${'x'.repeat(499)}\r\n${'x'.repeat(249)}`
  t.strictSame(cutsOf(splitSummary(text)), [250, 500, 726])
})

t.test('given a grapheme that must be cut, then the cuts before it are still between words', async (t) => {
  const family = Array.from('👨‍👩‍👧‍👦')
  t.equal(family.length, 7)
  const text = `${'x'.repeat(248)} ${'x'.repeat(496)}${family.join('')}${'x'.repeat(246)}`
  t.strictSame([lengthOf(text), cutsOf(splitSummary(text))], [998, [249, 499, 749]])
})

t.test('given a short summary, then it is one part; given none, there is no part', async (t) => {
  t.strictSame(splitSummary('Wants a refund.'), ['Wants a refund.'])
  t.strictSame(splitSummary('x'.repeat(partLength)), ['x'.repeat(partLength)])
  t.strictSame(splitSummary(''), [])
})

t.test('given words, when they are cut, then the space stays with the word before it', async (t) => {
  t.strictSame(splitSummary(`${'word '.repeat(60)}end`), ['word '.repeat(50), `${'word '.repeat(10)}end`])
})

t.test('given words that would need a fifth part, then a word is cut, and no text is lost', async (t) => {
  // Cut between words only, each part would hold one word of 190 characters, and there would be five parts.
  const text = `${`${'w'.repeat(190)} `.repeat(5)}end`
  const parts = splitSummary(text)
  t.equal(parts.length, maxParts)
  t.equal(parts.join(''), text)
  t.equal(parts[0], `${'w'.repeat(190)} ${'w'.repeat(59)}`, 'the first part is full')
})

t.test('given a summary of the greatest length, then it is cut into four full parts, whatever is there', async (t) => {
  const text = Array.from(family.repeat(200)).slice(0, maxLength).join('')
  t.strictSame(splitSummary(text).map(lengthOf), [partLength, partLength, partLength, partLength])
})
