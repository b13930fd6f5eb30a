import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import t from 'tap'
import { codes, Problem, refusalCodes, stages } from '../../src/model/problems.ts'
import { states } from '../../src/model/states.ts'
import {
  answerOf,
  FlatAnswerSchema,
  FlatRequestSchema,
  currentAnswer,
  refusalOf,
  type FlatAnswer,
  type FlatField,
} from '../../src/architect/flat-response.ts'
import { requestOf } from '../../src/architect/flat-request.ts'
import { asTransfer, TransferRequestSchema, type TransferRecord } from '../../src/model/transfer.ts'
import { aRecord } from '../support/record.ts'

const ajv = new Ajv2020({ strict: false, discriminator: true })
const fitsAnswer = ajv.compile({ ...FlatAnswerSchema, additionalProperties: false })
const fitsRequest = ajv.compile(TransferRequestSchema)
const names = Object.keys(FlatAnswerSchema.properties).toSorted()

const uuid = fc.uuid()
const text = fc.oneof(
  fc.string({ maxLength: 6_000, unit: 'binary' }),
  fc.string({ maxLength: 6_000, unit: fc.constantFrom('\u0000', '"', 'ü', '😀', '\ud800') }),
)
const maybe = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: null })
const place = fc.record({
  type: fc.constantFrom('agent' as const, 'queue' as const, 'skill' as const, 'number' as const),
  queueId: maybe(uuid),
  userId: maybe(uuid),
  skillIds: fc.array(uuid, { maxLength: 20 }),
  languageId: maybe(uuid),
  address: fc.constant(null),
  priority: fc.integer({ min: -25_000_000, max: 25_000_000 }),
  usedFallback: fc.boolean(),
})
const record: fc.Arbitrary<TransferRecord> = fc
  .record({
    state: fc.constantFrom(...states),
    code: maybe(fc.constantFrom(...codes)),
    message: maybe(text),
    mode: fc.constantFrom('execute' as const, 'decide' as const, 'dryRun' as const),
    resolvedTarget: maybe(place),
    priority: fc.integer({ min: -25_000_000, max: 25_000_000 }),
    transferDepth: fc.integer({ min: 1, max: 51 }),
    agentUserId: maybe(uuid),
    initiatedAt: maybe(fc.nat()),
    refusal: maybe(fc.record({ retryAfterSeconds: fc.double({ min: 0, max: 1e6, noNaN: true }) }, { requiredKeys: [] })),
  })
  .map((fields) => aRecord(fields as Partial<TransferRecord>))
const problem = fc
  .tuple(
    fc.constantFrom(...refusalCodes),
    text,
    fc.record(
      {
        transferId: uuid,
        retryAfterSeconds: fc.double({ min: 0, max: 1e6, noNaN: true }),
        status: fc.integer({ min: 400, max: 599 }),
        stage: fc.constantFrom(...stages),
        permissions: fc.array(text, { maxLength: 3 }),
      },
      { requiredKeys: [] },
    ),
  )
  .map(([code, detail, particulars]) => new Problem(code, detail, particulars))

function flat(answer: FlatAnswer): void {
  const sent = JSON.stringify(answer)
  if (Buffer.byteLength(sent) >= 4_096) throw new Error(`${Buffer.byteLength(sent)} bytes`)
  if (!fitsAnswer(JSON.parse(sent))) throw new Error(JSON.stringify(fitsAnswer.errors))
  if (Object.keys(answer).toSorted().join() !== names.join()) throw new Error('a field is missing')
}

t.test('any transfer and any refusal is a flat answer of less than 4 KB', async (t) => {
  fc.assert(
    fc.property(record, problem, (one, refused) => {
      flat(answerOf(asTransfer(one)))
      flat(currentAnswer(one, { node: one.owner, now: 0 }))
      flat(refusalOf(refused))
      flat(refusalOf(refused, one))
    }),
    { numRuns: 300 },
  )
  t.pass('held for 300 of each')
})

t.test('a refusal is never ok, but where the command is under way', async (t) => {
  fc.assert(
    fc.property(problem, fc.option(record, { nil: undefined }), (refused, one) => {
      const underWay = refused.code === 'OUTCOME_UNKNOWN' && one?.state === 'executing'
      const { ok, code, retryable, retryAfterSeconds } = refusalOf(refused, one)
      return ok === underWay && code === refused.code && retryable === refused.retryable && (retryable || retryAfterSeconds === 0)
    }),
  )
  t.match(refusalOf(new Problem('OUTCOME_UNKNOWN', 'x'), aRecord({ state: 'indeterminate' })), { ok: false, state: 'indeterminate' })
})

t.test(
  'given a transfer that is still accepted, when its deadline is over, then the flow is told that nothing was done, and nothing else',
  async (t) => {
    const accepted = aRecord({ state: 'accepted' })
    const at = (now: number, node = accepted.owner) => currentAnswer(accepted, { node, now })
    t.match(at(accepted.deadlineAt - 1), { ok: true, state: 'accepted', code: '' })
    t.match(at(accepted.deadlineAt), { ok: false, state: 'accepted', code: 'EXPIRED', transferId: accepted.id })
    t.match(at(accepted.deadlineAt, 'another'), { ok: true }, 'the deadline is by the clock of the node that carries it')
    t.match(
      currentAnswer(aRecord({ state: 'executing' }), { node: accepted.owner, now: accepted.deadlineAt }),
      { ok: true },
      'that one may have been sent',
    )
  },
)

t.test('a long message is cut, a short one is not', async (t) => {
  t.equal(refusalOf(new Problem('INVALID_REQUEST', 'short – "quoted"')).message, 'short – "quoted"')
  const { message } = refusalOf(new Problem('INVALID_REQUEST', 'x'.repeat(9_000)))
  t.match(message, /^x{1000,1600}…$/)
})

const id = 'CA110000-0000-4000-8000-00000000000a'
const other = '9e0e0000-0000-4000-8000-000000000001'

t.test('what a flow says is the request that it means', async (t) => {
  const cases: Array<[what: string, body: Record<string, unknown>, request: object]> = [
    ['an agent', { targetType: 'agent', targetId: other }, { target: { type: 'agent', userId: other } }],
    ['a queue', { targetType: 'queue', targetId: other }, { target: { type: 'queue', queueId: other } }],
    ['a queue in its own field', { targetType: 'QUEUE', queueId: other }, { target: { type: 'queue', queueId: other } }],
    [
      'a queue twice',
      { targetType: 'queue', targetId: other, queueId: other.toUpperCase() },
      { target: { type: 'queue', queueId: other } },
    ],
    [
      'a queue with a skill',
      { targetType: 'queue', targetId: other, skillId: id },
      { target: { type: 'queue', queueId: other, skillIds: [id] } },
    ],
    ['a skill', { targetType: 'skill', targetId: other, queueId: id }, { target: { type: 'skill', skillId: other, queueId: id } }],
    ['a skill in its own field', { targetType: 'skill', skillId: other }, { target: { type: 'skill', skillId: other } }],
    ['a number', { targetType: 'number', targetId: '+4930123456' }, { target: { type: 'number', address: '+4930123456' } }],
  ]
  for (const [what, body, request] of cases)
    t.strictSame(requestOf({ conversationId: id, ...body }), { conversationId: id, ...request }, what)

  const base = { conversationId: id, targetType: 'queue', targetId: other }
  const meant = { conversationId: id, target: { type: 'queue', queueId: other } }
  const nothing = Object.fromEntries(
    Object.keys(FlatRequestSchema.properties)
      .filter((name) => !(name in base) && name !== 'queueId')
      .flatMap((name, at) => [[name, at % 2 === 0 ? null : '']]),
  )
  t.strictSame(requestOf({ ...base, ...nothing, extra: { nested: [1] } }), meant, 'null and "" are not given, other fields are left aside')
  for (const [priority, number] of [
    ['10', 10],
    [' -3 ', -3],
    ['7.0', 7],
    [0, 0],
    ['-0', 0],
  ] as const)
    t.strictSame(requestOf({ ...base, priority }), { ...meant, priority: number }, `priority ${JSON.stringify(priority)}`)
  t.strictSame(requestOf({ ...base, mode: 'dryrun', fallbackQueueId: other, idempotencyKey: 42 }), {
    ...meant,
    mode: 'dryRun',
    fallback: [{ type: 'queue', queueId: other }],
    idempotencyKey: '42',
  })
})

t.test('what makes no sense is refused by the name of its field', async (t) => {
  const base = { conversationId: id, targetType: 'queue', targetId: other }
  const cases: Array<[FlatField, object]> = [
    ['conversationId', { conversationId: '' }],
    ['conversationId', { conversationId: '${input.conversationId}' }],
    ['conversationId', { conversationId: { id } }],
    ['targetType', { targetType: null }],
    ['targetType', { targetType: 'constructor' }],
    ['targetId', { targetId: 'Support' }],
    ['targetId', { targetId: '' }],
    ['targetId', { queueId: id }],
    ['targetId', { targetType: 'number', targetId: '030123456' }],
    ['priority', { priority: 'high' }],
    ['priority', { priority: 1.5 }],
    ['priority', { priority: '26000000' }],
    ['priority', { priority: true }],
    ['fallbackQueueId', { fallbackQueueId: 'Fallback' }],
    ['mode', { mode: 'now' }],
    ['idempotencyKey', { idempotencyKey: 'two words' }],
    ['skillId', { targetType: 'skill', skillId: ['a'] }],
  ]
  for (const [field, change] of cases)
    t.throws(
      () => requestOf({ ...base, ...change }),
      { code: 'INVALID_REQUEST', particulars: { field } },
      `${field} ${JSON.stringify(change)}`,
    )
  for (const body of [null, undefined, 'text', 7, [base]]) t.throws(() => requestOf(body), { code: 'INVALID_REQUEST' })
})

t.test('whatever a flow sends is a request that fits or INVALID_REQUEST', async (t) => {
  const likely: Readonly<Record<FlatField, fc.Arbitrary<unknown>>> = {
    conversationId: uuid,
    targetType: fc.constantFrom('agent', 'queue', 'skill', 'number'),
    targetId: fc.oneof(uuid, fc.constant('+4930123456')),
    skillId: fc.oneof(uuid, fc.constantFrom('', null)),
    queueId: fc.constantFrom('', null),
    priority: fc.oneof(fc.integer({ min: -30_000_000, max: 30_000_000 }), fc.integer().map(String)),
    fallbackQueueId: uuid,
    mode: fc.constantFrom('execute', 'decide', 'dryRun', 'DECIDE', ''),
    idempotencyKey: fc.string({ maxLength: 300 }),
  }
  const fields = Object.entries(likely).map(([name, one]) => [
    name,
    fc.oneof({ weight: 20, arbitrary: one }, { weight: 1, arbitrary: fc.oneof(uuid, fc.jsonValue()) }),
  ])
  const body = fc.record(Object.fromEntries(fields) as Record<FlatField, fc.Arbitrary<unknown>>, {
    requiredKeys: ['conversationId', 'targetType', 'targetId'],
  })
  let accepted = 0
  fc.assert(
    fc.property(fc.oneof({ weight: 9, arbitrary: body }, { weight: 1, arbitrary: fc.jsonValue() }), (sent) => {
      try {
        const request = requestOf(sent)
        accepted++
        return fitsRequest(request)
      } catch (error) {
        return error instanceof Problem && error.code === 'INVALID_REQUEST'
      }
    }),
    { numRuns: 2_000 },
  )
  t.ok(accepted > 20, `${accepted} were accepted`)
})
