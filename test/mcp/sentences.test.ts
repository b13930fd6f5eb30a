/** What agents read: every answer and every refusal becomes sentences that say what is true, and fields that fit the published schema. */
import { Ajv } from 'ajv'
import fc from 'fast-check'
import t from 'tap'
import type { FlatAnswer } from '../../src/architect/flat-response.ts'
import { ResultSchema, toCheckResult, toReadResult, toRefusalResult, toTransferResult, type ToolResult } from '../../src/mcp/result.ts'
import type { FailureLead } from '../../src/mcp/sentences/refusals.ts'
import { codes, Problem, refusalCodes } from '../../src/model/problems.ts'
import { states } from '../../src/model/states.ts'
import { targetTypes } from '../../src/model/target-schema.ts'

const fitsSchema = new Ajv({ strict: false }).compile({ ...ResultSchema, additionalProperties: false })
const leads: FailureLead[] = [
  'The call was not moved',
  'The transfer is not possible now',
  'The transfer could not be checked',
  'The transfer could not be read',
]
/** Refusals after which the call may have been moved, or may still be. */
const openOutcomes = new Set(['OUTCOME_UNKNOWN', 'IDEMPOTENCY_KEY_IN_USE', 'STORE_UNAVAILABLE'])

const anyId = fc.option(fc.uuid(), { nil: '' })
const anyAnswer: fc.Arbitrary<FlatAnswer> = fc.record({
  ok: fc.boolean(),
  transferId: anyId,
  state: fc.constantFrom(...states, '' as const),
  code: fc.constantFrom(...codes, '' as const),
  message: fc.option(fc.constant('Reason in words'), { nil: '' }),
  retryable: fc.boolean(),
  retryAfterSeconds: fc.nat(60),
  targetType: fc.constantFrom(...targetTypes, '' as const),
  queueId: anyId,
  userId: anyId,
  address: fc.constantFrom('', '+4930123456'),
  skillIds: fc.array(fc.uuid(), { maxLength: 2 }),
  priority: fc.integer(),
  transferDepth: fc.nat(5),
  usedFallback: fc.boolean(),
  estimatedWaitSeconds: fc.integer({ min: -1, max: 60 }),
  opensAt: fc.constantFrom('', '2026-11-30T08:00:00.000Z'),
  callbackCreated: fc.boolean(),
})
const anyProblem = fc
  .tuple(
    fc.constantFrom(...refusalCodes),
    fc.boolean(),
    fc.option(fc.nat(60), { nil: undefined }),
    fc.option(fc.uuid(), { nil: undefined }),
  )
  .map(
    ([code, retryable, retryAfterSeconds, transferId]) =>
      new Problem(code, 'Reason in words.', {
        retryable,
        ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
        ...(transferId !== undefined && { transferId }),
      }),
  )

/** What is true of every result. */
function isWellFormed({ text, fields }: ToolResult): boolean {
  const { whatHappened, sayToCaller, nextStep, transferId } = fields as Record<string, string | undefined>
  const repeatsEachSentence = [whatHappened, sayToCaller, nextStep, transferId].every((part) => part === undefined || text.includes(part))
  const endsWell = [whatHappened, sayToCaller, nextStep].every((part) => part === undefined || /[.!?…]$/.test(part))
  const hasEmptyField = Object.values(fields).includes('')
  return fitsSchema(fields) && repeatsEachSentence && endsWell && !hasEmptyField && !/undefined|null|\[object| {2}|\.\./.test(text)
}

t.test(
  'given any answer, when it becomes the result of a tool, then its text has every sentence and its fields fit the schema',
  async (t) => {
    t.doesNotThrow(() =>
      fc.assert(
        fc.property(anyAnswer, (answer) =>
          [toCheckResult, toTransferResult, toReadResult].every((toResult) => isWellFormed(toResult(answer))),
        ),
        { numRuns: 2_000 },
      ),
    )
  },
)

t.test('given any answer, then it is an error where the transfer did not succeed, and reading one is never an error', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(
        anyAnswer,
        (answer) =>
          toTransferResult(answer).isError === !answer.ok && toCheckResult(answer).isError === !answer.ok && !toReadResult(answer).isError,
      ),
    ),
  )
})

t.test('given any answer, then no phone number is in the result', async (t) => {
  t.doesNotThrow(() => fc.assert(fc.property(anyAnswer, (answer) => !JSON.stringify(toTransferResult(answer)).includes('30123456'))))
})

t.test(
  'given any refusal, then the result is an error that gives the reason, says when to try again, and never claims what is not known',
  async (t) => {
    t.doesNotThrow(() =>
      fc.assert(
        fc.property(anyProblem, fc.constantFrom(...leads), (problem, lead) => {
          const result = toRefusalResult(problem, lead)
          const { whatHappened, nextStep = '', code, retryable, retryAfterSeconds } = result.fields as Record<string, string>
          const saysWhen = nextStep.includes(`after ${problem.retryAfterSeconds} s`) || nextStep.includes('a little later')
          return (
            isWellFormed(result) &&
            result.isError &&
            code === problem.code &&
            String(retryable) === String(problem.retryable) &&
            (retryAfterSeconds === undefined || problem.retryable) &&
            String(whatHappened).includes(problem.message) &&
            (problem.retryable ? saysWhen : !/ after \d+ s|a little later/.test(nextStep)) &&
            String(whatHappened).startsWith(lead) === !openOutcomes.has(problem.code)
          )
        }),
        { numRuns: 1_000 },
      ),
    )
  },
)

t.test('given a refusal, then it says something that the agent can do, or when to try again', async (t) => {
  for (const code of refusalCodes) {
    const { fields } = toRefusalResult(new Problem(code, 'Reason.'), 'The call was not moved')
    t.ok(fields['nextStep'], code)
  }
})

t.test(
  'given a call that was moved before, when its transfer failed later, then the sentences do not say that it was never moved',
  async (t) => {
    const answer = { ...fc.sample(anyAnswer, 1)[0]!, ok: false, state: 'failed' as const, code: 'GENESYS_CONFLICT' as const }
    t.notMatch(toTransferResult(answer).text, /was not moved/)
  },
)

t.test('given an outcome whose message says what happened, then no sentence says it a second time', async (t) => {
  const base = { ...fc.sample(anyAnswer, 1)[0]!, ok: true, code: '' as const, usedFallback: false }
  for (const [state, message, expected] of [
    ['abandoned', 'The caller hung up before an agent picked up.', 'The caller hung up before an agent picked up.'],
    ['callback_created', 'A callback was created: the caller is called back.', 'A callback was created: the caller is called back.'],
    ['callback_created', '', 'A callback was created.'],
  ] as const)
    t.equal(toTransferResult({ ...base, state, message }).fields['whatHappened'], expected)
})
