import fc from 'fast-check'
import t from 'tap'
import { parseNumberPatterns } from '../../src/environment/parsers.ts'

const fits = (pattern: string, address: string): boolean => parseNumberPatterns(pattern).some((parsed) => parsed.test(address))

/** Whether a text fits a pattern, by the definition: a `*` is nothing, or a digit and the same `*` again. */
function fitsByDefinition(pattern: string, text: string): boolean {
  if (pattern === '') return text === ''
  if (pattern.startsWith('*'))
    return fitsByDefinition(pattern.slice(1), text) || (/^\d/.test(text) && fitsByDefinition(pattern, text.slice(1)))
  return text.startsWith(String(pattern[0])) && fitsByDefinition(pattern.slice(1), text.slice(1))
}

t.test('given any pattern and any number, then * stands for any digits and nothing else', async (t) => {
  const pattern = fc.stringMatching(/^\+[12*]{1,7}$/)
  const text = fc.oneof(fc.stringMatching(/^\+[12]{0,8}$/), fc.stringMatching(/^[+12 x]{0,8}$/))
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(pattern, text, (anyPattern, anyText) => fits(anyPattern, anyText) === fitsByDefinition(anyPattern, anyText)),
      { numRuns: 5_000 },
    ),
  )
})

t.test(
  'given a pattern with as many * as are allowed, when a number does not fit, then that is found out without trying every way',
  async (t) => {
    for (const pattern of [`+${'*'.repeat(31)}9`, `+${'*1'.repeat(15)}*9`, `+${'*'.repeat(15)}1${'*'.repeat(15)}9`])
      t.notOk(fits(pattern, '+111111111111111'), pattern)
    t.ok(fits(`+${'*'.repeat(31)}9`, '+111111111111119'))
  },
)
