/** The contents of a flat answer about a transfer or a refusal. */
import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import t from 'tap'
import { currentAnswer, FlatAnswerSchema, toFlatAnswer, toFlatRefusal, type FlatAnswer } from '../../src/architect/flat-response.ts'
import { codes, Problem, refusalCodes, stages } from '../../src/model/problems.ts'
import { states } from '../../src/model/states.ts'
import { asTransfer, type TransferRecord } from '../../src/model/transfer.ts'
import { createTestRecord } from '../support/transfer-record.ts'

const isFlatAnswer = new Ajv2020({ strict: false }).compile({ ...FlatAnswerSchema, additionalProperties: false })
const fieldNames = Object.keys(FlatAnswerSchema.properties).toSorted()

const uuid = fc.uuid()
const text = fc.oneof(
  fc.string({ maxLength: 6_000, unit: 'binary' }),
  fc.string({ maxLength: 6_000, unit: fc.constantFrom('\u0000', '"', 'ü', '😀', '\ud800') }),
)
const nullable = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null })
const resolvedTarget = fc.record({
  type: fc.constantFrom('agent' as const, 'queue' as const, 'skill' as const, 'number' as const),
  queueId: nullable(uuid),
  userId: nullable(uuid),
  skillIds: fc.array(uuid, { maxLength: 20 }),
  languageId: nullable(uuid),
  address: fc.constant(null),
  priority: fc.integer({ min: -25_000_000, max: 25_000_000 }),
  usedFallback: fc.boolean(),
  preferredUserIds: fc.array(uuid, { maxLength: 10 }),
  scheduledAt: fc.constant(null),
})
const considered = fc.array(
  fc.record({
    place: uuid,
    taken: fc.boolean(),
    reason: fc.constant('closed' as const),
    message: nullable(text),
    opensAt: nullable(fc.constantFrom('2026-12-01T08:00:00.000Z', '2026-12-02T08:00:00.000Z')),
    estimatedWaitSeconds: nullable(fc.nat()),
    readAgesMs: fc.constant({ openHours: null, estimatedWait: null, availability: null }),
    warnings: fc.array(text, { maxLength: 2 }),
  }),
  { maxLength: 7 },
)
const anyRecord: fc.Arbitrary<TransferRecord> = fc
  .record({
    state: fc.constantFrom(...states),
    code: nullable(fc.constantFrom(...codes)),
    message: nullable(text),
    mode: fc.constantFrom('execute' as const, 'decide' as const, 'dryRun' as const),
    resolvedTarget: nullable(resolvedTarget),
    considered,
    priority: fc.integer({ min: -25_000_000, max: 25_000_000 }),
    transferDepth: fc.integer({ min: 1, max: 51 }),
    agentUserId: nullable(uuid),
    initiatedAt: nullable(fc.nat()),
    refusal: nullable(fc.record({ retryAfterSeconds: fc.double({ min: 0, max: 1e6, noNaN: true }) }, { requiredKeys: [] })),
  })
  .map((fields) => createTestRecord(fields as Partial<TransferRecord>))
const anyProblem = fc
  .tuple(
    fc.constantFrom(...refusalCodes),
    text,
    fc.record(
      {
        transferId: uuid,
        retryAfterSeconds: fc.double({ min: 0, max: 1e6, noNaN: true }),
        retryable: fc.boolean(),
        stage: fc.constantFrom(...stages),
        permissions: fc.array(text, { maxLength: 3 }),
        opensAt: fc.constant('2026-12-01T08:00:00.000Z'),
        considered,
      },
      { requiredKeys: [] },
    ),
  )
  .map(([code, detail, extensions]) => new Problem(code, detail, extensions))

/** @throws Error unless the answer is flat, complete and below 4 KB */
function assertFlat(answer: FlatAnswer): void {
  const json = JSON.stringify(answer)
  if (Buffer.byteLength(json) >= 4_096) throw new Error(`${Buffer.byteLength(json)} bytes`)
  if (!isFlatAnswer(JSON.parse(json))) throw new Error(JSON.stringify(isFlatAnswer.errors))
  if (Object.keys(answer).toSorted().join() !== fieldNames.join()) throw new Error('a field is missing')
}

t.test('given any transfer and any refusal, when they are answered, then the answer is flat, complete and below 4 KB', async (t) => {
  fc.assert(
    fc.property(anyRecord, anyProblem, (record, problem) => {
      assertFlat(toFlatAnswer(asTransfer(record)))
      assertFlat(currentAnswer(record, { nodeId: record.owner, now: 0 }))
      assertFlat(toFlatRefusal(problem))
      assertFlat(toFlatRefusal(problem, record))
    }),
    { numRuns: 300 },
  )
  t.pass('held for 300 of each')
})

t.test('given any refusal, when it is answered, then it is not ok, unless the command is still being executed', async (t) => {
  fc.assert(
    fc.property(anyProblem, fc.option(anyRecord, { nil: undefined }), (problem, record) => {
      const isStillExecuting = problem.code === 'OUTCOME_UNKNOWN' && record?.state === 'executing'
      const { ok, code, retryable, retryAfterSeconds } = toFlatRefusal(problem, record)
      return ok === isStillExecuting && code === problem.code && retryable === problem.retryable && (retryable || retryAfterSeconds === 0)
    }),
  )
  t.match(toFlatRefusal(new Problem('OUTCOME_UNKNOWN', 'x'), createTestRecord({ state: 'indeterminate' })), {
    ok: false,
    state: 'indeterminate',
  })
})

t.test(
  'given a transfer that is still accepted, when its deadline has passed, then only its owner answers that nothing was done',
  async (t) => {
    const accepted = createTestRecord({ state: 'accepted' })
    const answerAt = (now: number, nodeId = accepted.owner) => currentAnswer(accepted, { nodeId, now })
    t.match(answerAt(accepted.deadlineAt - 1), { ok: true, state: 'accepted', code: '' })
    t.match(answerAt(accepted.deadlineAt), { ok: false, state: 'accepted', code: 'EXPIRED', transferId: accepted.id })
    t.match(answerAt(accepted.deadlineAt, 'another'), { ok: true }, 'the deadline is by the clock of the owner')
    t.match(
      currentAnswer(createTestRecord({ state: 'executing' }), { nodeId: accepted.owner, now: accepted.deadlineAt }),
      { ok: true },
      'the command of this one may have been sent',
    )
  },
)

t.test('given a long and a short message, when they are answered, then only the long one is shortened', async (t) => {
  t.equal(toFlatRefusal(new Problem('INVALID_REQUEST', 'short – "quoted"')).message, 'short – "quoted"')
  const { message } = toFlatRefusal(new Problem('INVALID_REQUEST', 'x'.repeat(9_000)))
  t.match(message, /^x{1000,1600}…$/)
})
