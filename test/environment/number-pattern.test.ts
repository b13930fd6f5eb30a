/** Which numbers a pattern of ALLOWED_NUMBERS matches, and how long that takes. */
import fc from 'fast-check'
import t from 'tap'
import { parseNumberPatterns } from '../../src/environment/parsers.ts'

const matches = (pattern: string, address: string): boolean => parseNumberPatterns(pattern).some((parsed) => parsed.test(address))

/** Whether a text matches a pattern, by definition: a `*` is nothing, or a digit and the same `*` again. */
function matchesByDefinition(pattern: string, text: string): boolean {
  if (pattern === '') return text === ''
  if (pattern.startsWith('*'))
    return matchesByDefinition(pattern.slice(1), text) || (/^\d/.test(text) && matchesByDefinition(pattern, text.slice(1)))
  return text.startsWith(String(pattern[0])) && matchesByDefinition(pattern.slice(1), text.slice(1))
}

t.test('given any pattern, when it is compared with any text, then * stands for any digits and nothing else', async (t) => {
  const pattern = fc.stringMatching(/^\+[12*]{1,7}$/)
  const text = fc.oneof(fc.stringMatching(/^\+[12]{0,8}$/), fc.stringMatching(/^[+12 x]{0,8}$/))
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(pattern, text, (anyPattern, anyText) => matches(anyPattern, anyText) === matchesByDefinition(anyPattern, anyText)),
      { numRuns: 5_000 },
    ),
  )
})

t.test(
  'given a pattern with as many * as are allowed, when a number does not match, then the answer comes without backtracking',
  async (t) => {
    for (const pattern of [`+${'*'.repeat(31)}9`, `+${'*1'.repeat(15)}*9`, `+${'*'.repeat(15)}1${'*'.repeat(15)}9`])
      t.notOk(matches(pattern, '+111111111111111'), pattern)
    t.ok(matches(`+${'*'.repeat(31)}9`, '+111111111111119'))
  },
)
