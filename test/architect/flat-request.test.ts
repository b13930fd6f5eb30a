/** Which transfer request a flat request becomes, and which flat requests are refused. */
import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import t from 'tap'
import { FlatRequestSchema, type FlatField, type FlatRequest } from '../../src/architect/flat-request-schema.ts'
import { parseFlatRequest, toFlatProblem, type SchemaViolation } from '../../src/architect/flat-request.ts'
import { Problem } from '../../src/model/problems.ts'
import { TransferRequestSchema, type TransferRequest } from '../../src/model/transfer.ts'

const ajv = new Ajv2020({ strict: false, discriminator: true, formats: { 'date-time': true } })
const isFlatRequest = ajv.compile<FlatRequest>(FlatRequestSchema)
const isTransferRequest = ajv.compile(TransferRequestSchema)

/** Validates and parses a body as the route does. @throws Problem */
function parse(body: unknown): TransferRequest {
  // JSON has no undefined; Fastify validates a missing body as null.
  if (!isFlatRequest(body ?? null)) throw toFlatProblem(isFlatRequest.errors?.[0] as SchemaViolation, body)
  return parseFlatRequest(body as FlatRequest)
}

const id = 'CA110000-0000-4000-8000-00000000000a'
const otherId = '9e0e0000-0000-4000-8000-000000000001'

t.test('given a flat request, when it is parsed, then it becomes the transfer request with the same meaning', async (t) => {
  const cases: Array<[description: string, fields: Record<string, unknown>, request: object]> = [
    ['an agent', { targetType: 'agent', targetId: otherId }, { target: { type: 'agent', userId: otherId } }],
    ['a queue', { targetType: 'queue', targetId: otherId }, { target: { type: 'queue', queueId: otherId } }],
    ['a queue in its own field', { targetType: 'QUEUE', queueId: otherId }, { target: { type: 'queue', queueId: otherId } }],
    [
      'a queue in both fields',
      { targetType: 'queue', targetId: otherId, queueId: otherId.toUpperCase() },
      { target: { type: 'queue', queueId: otherId } },
    ],
    [
      'a queue with a skill',
      { targetType: 'queue', targetId: otherId, skillId: id },
      { target: { type: 'queue', queueId: otherId, skillIds: [id] } },
    ],
    ['a skill', { targetType: 'skill', targetId: otherId, queueId: id }, { target: { type: 'skill', skillId: otherId, queueId: id } }],
    ['a skill in its own field', { targetType: 'skill', skillId: otherId }, { target: { type: 'skill', skillId: otherId } }],
    ['a number', { targetType: 'number', targetId: '+4930123456' }, { target: { type: 'number', address: '+4930123456' } }],
    [
      'a number as the platform writes it',
      { targetType: 'number', targetId: 'tel:+49 30 123-456 ' },
      { target: { type: 'number', address: '+4930123456' } },
    ],
    ['a callback', { targetType: 'callback', queueId: otherId }, { target: { type: 'callback', queueId: otherId } }],
    [
      'a callback with its queue in callbackQueueId, which is no second callback',
      { targetType: 'callback', targetId: '', callbackQueueId: otherId, fallbackQueueId: id },
      { target: { type: 'callback', queueId: otherId }, fallback: [{ type: 'queue', queueId: id }] },
    ],
    [
      'a callback with a second one in another queue',
      { targetType: 'callback', targetId: otherId, callbackQueueId: id },
      { target: { type: 'callback', queueId: otherId }, fallback: [{ type: 'callback', queueId: id }] },
    ],
    ['a callback without a queue', { targetType: 'callback' }, { target: { type: 'callback' } }],
    [
      'a callback with a skill, and with fields that it does not have',
      { targetType: 'callback', targetId: otherId, skillId: id, maxWaitSeconds: 60, preferredUserId: id, overflowAfterSeconds: 60 },
      { target: { type: 'callback', queueId: otherId, skillIds: [id] } },
    ],
    [
      'an agent with fields that only a queue or a skill needs',
      { targetType: 'agent', targetId: otherId, queueId: 'Support', skillId: 5 },
      { target: { type: 'agent', userId: otherId } },
    ],
    ['text with spaces around it', { targetType: ' queue ', targetId: `\t${otherId}\n` }, { target: { type: 'queue', queueId: otherId } }],
  ]
  for (const [description, fields, request] of cases)
    t.strictSame(parse({ conversationId: id, ...fields }), { conversationId: id, ...request }, description)

  const base = { conversationId: id, targetType: 'queue', targetId: otherId }
  const meaning = { conversationId: id, target: { type: 'queue', queueId: otherId } }
  const emptyFields = Object.fromEntries(
    Object.keys(FlatRequestSchema.properties)
      .filter((name) => !(name in base) && name !== 'queueId')
      .flatMap((name, index) => [[name, index % 2 === 0 ? null : '']]),
  )
  t.strictSame(
    parse({ ...base, ...emptyFields, extra: { nested: [1] } }),
    meaning,
    'null and "" count as absent, unknown fields are ignored',
  )
  for (const [priority, number] of [
    ['10', 10],
    [' -3 ', -3],
    ['7.0', 7],
    [0, 0],
    ['-0', 0],
  ] as const)
    t.strictSame(parse({ ...base, priority }), { ...meaning, priority: number }, `priority ${JSON.stringify(priority)}`)
  const conditions = {
    scheduleGroupId: id,
    emergencyGroupId: otherId,
    maxWaitSeconds: '120',
    preferredUserId: id,
    overflowAfterSeconds: 60,
  }
  t.strictSame(
    parse({ ...base, summary: ' Wants a refund.\n', reason: ' billing.refund ' }),
    { ...meaning, summary: 'Wants a refund.', reason: 'billing.refund' },
    'summary and reason, without the spaces around them',
  )
  const openHours = { scheduleGroupId: id, emergencyGroupId: otherId }
  t.strictSame(
    parse({ ...base, ...conditions }),
    { ...meaning, target: { ...meaning.target, openHours, maxWaitSeconds: 120, preferredUserIds: [id], overflowAfterSeconds: 60 } },
    'the conditions apply to the target',
  )
  t.strictSame(
    parse({ ...base, targetType: 'agent', ...conditions, emergencyGroupId: '' }),
    {
      conversationId: id,
      target: { type: 'agent', userId: otherId, openHours: { scheduleGroupId: id }, overflowAfterSeconds: 60 },
    },
    'conditions of a queue are ignored for an agent',
  )
  t.strictSame(
    parse({ ...base, fallbackQueueId: otherId, callbackQueueId: id }),
    {
      ...meaning,
      fallback: [
        { type: 'queue', queueId: otherId },
        { type: 'callback', queueId: id },
      ],
    },
    'a callback is the last fallback',
  )
  t.strictSame(parse({ ...base, mode: 'dryrun', fallbackQueueId: otherId, idempotencyKey: 42 }), {
    ...meaning,
    mode: 'dryRun',
    fallback: [{ type: 'queue', queueId: otherId }],
    idempotencyKey: '42',
  })
})

t.test('given an invalid field, when the request is parsed, then the refusal names the field and says what it must be', async (t) => {
  const base = { conversationId: id, targetType: 'queue', targetId: otherId }
  const cases: Array<[FlatField, fields: object, detail: RegExp]> = [
    ['conversationId', { conversationId: '' }, /is required/],
    ['conversationId', { conversationId: '${input.conversationId}' }, /an id \(a UUID\)/],
    ['conversationId', { conversationId: { id } }, /text/],
    ['targetType', { targetType: null }, /is required/],
    ['targetType', { targetType: 'constructor' }, /one of agent, queue, skill, number, callback/],
    ['targetId', { targetId: 'Support' }, /an id \(a UUID\)/],
    ['targetId', { targetId: '' }, /is required/],
    ['targetId', { queueId: id }, /targetId and queueId differ/],
    ['targetId', { targetType: 'number', targetId: '030123456' }, /a number with its country code/],
    ['targetId', { targetType: 'number', targetId: '+49 (0)30 123456' }, /a number with its country code/],
    ['priority', { priority: 'high' }, /a whole number/],
    ['priority', { priority: 1.5 }, /a whole number/],
    ['priority', { priority: '26000000' }, /from -25000000 to 25000000/],
    ['priority', { priority: true }, /text/],
    ['maxWaitSeconds', { maxWaitSeconds: -1 }, /from 0 to 86400/],
    ['maxWaitSeconds', { maxWaitSeconds: '86401' }, /from 0 to 86400/],
    ['maxWaitSeconds', { maxWaitSeconds: 'a minute' }, /a whole number/],
    ['overflowAfterSeconds', { overflowAfterSeconds: 4 }, /from 5 to 3600/],
    ['overflowAfterSeconds', { overflowAfterSeconds: 5.5 }, /a whole number/],
    ['scheduleGroupId', { scheduleGroupId: 'Office' }, /an id \(a UUID\)/],
    ['scheduleGroupId', { emergencyGroupId: id }, /is required/],
    ['preferredUserId', { preferredUserId: 'Alex' }, /an id \(a UUID\)/],
    ['callbackQueueId', { callbackQueueId: 7 }, /text/],
    ['fallbackQueueId', { fallbackQueueId: 'Fallback' }, /an id \(a UUID\)/],
    ['mode', { mode: 'now' }, /one of execute, decide, dryRun/],
    ['idempotencyKey', { idempotencyKey: 'two words' }, /1 to 255 visible ASCII characters/],
    ['summary', { summary: 'x'.repeat(1_001) }, /at most 1000 characters/],
    ['summary', { summary: 7 }, /text/],
    ['reason', { reason: 'Billing' }, /1 to 64 lower-case letters/],
    ['reason', { reason: 404 }, /text/],
    ['skillId', { targetType: 'skill', skillId: ['a'] }, /text/],
  ]
  for (const [field, fields, detail] of cases) {
    const name = `${field} ${JSON.stringify(fields)}`
    t.throws(() => parse({ ...base, ...fields }), { code: 'INVALID_REQUEST', extensions: { field } }, name)
    t.throws(() => parse({ ...base, ...fields }), { message: detail }, name)
  }
  for (const body of [null, undefined, 'text', 7, [base]])
    t.throws(() => parse(body), { code: 'INVALID_REQUEST', message: 'The body must be a JSON object.' })
})

t.test('given any JSON, when it is parsed, then it becomes a valid transfer request, or is refused with INVALID_REQUEST', async (t) => {
  const uuid = fc.uuid()
  const likely: Readonly<Record<FlatField, fc.Arbitrary<unknown>>> = {
    conversationId: uuid,
    targetType: fc.constantFrom('agent', 'queue', 'skill', 'number', 'callback'),
    targetId: fc.oneof(uuid, fc.constant('+4930123456')),
    skillId: fc.oneof(uuid, fc.constantFrom('', null)),
    queueId: fc.constantFrom('', null),
    priority: fc.oneof(fc.integer({ min: -30_000_000, max: 30_000_000 }), fc.integer().map(String)),
    scheduleGroupId: fc.oneof(uuid, fc.constantFrom('', null)),
    emergencyGroupId: fc.oneof(uuid, fc.constantFrom('', null)),
    maxWaitSeconds: fc.oneof(fc.integer({ min: -1, max: 90_000 }), fc.integer({ min: 0, max: 90_000 }).map(String), fc.constant('')),
    preferredUserId: fc.oneof(uuid, fc.constantFrom('', null)),
    overflowAfterSeconds: fc.oneof(fc.integer({ min: 0, max: 4_000 }), fc.constant(null)),
    fallbackQueueId: uuid,
    callbackQueueId: fc.oneof(uuid, fc.constant('')),
    summary: fc.oneof(fc.string({ maxLength: 1_200, size: 'max' }), fc.constantFrom('', null)),
    reason: fc.oneof(fc.constantFrom('billing.refund', ' sales ', '', null), fc.string({ maxLength: 5 })),
    mode: fc.constantFrom('execute', 'decide', 'dryRun', 'DECIDE', ''),
    idempotencyKey: fc.string({ maxLength: 300 }),
  }
  const fields = Object.entries(likely).map(([name, value]) => [
    name,
    fc.oneof({ weight: 20, arbitrary: value }, { weight: 1, arbitrary: fc.oneof(uuid, fc.jsonValue()) }),
  ])
  const body = fc.record(Object.fromEntries(fields) as Record<FlatField, fc.Arbitrary<unknown>>, {
    requiredKeys: ['conversationId', 'targetType', 'targetId'],
  })
  let accepted = 0
  fc.assert(
    fc.property(fc.oneof({ weight: 9, arbitrary: body }, { weight: 1, arbitrary: fc.jsonValue() }), (sent) => {
      try {
        const request = parse(sent)
        accepted++
        return isTransferRequest(request)
      } catch (error) {
        return error instanceof Problem && error.code === 'INVALID_REQUEST'
      }
    }),
    { numRuns: 2_000 },
  )
  t.ok(accepted > 20, `${accepted} were accepted`)
})

t.test('given a field with very many spaces, when the request is parsed, then the patterns take linear time', async (t) => {
  const spaces = ' '.repeat(60_000)
  const before = process.cpuUsage()
  t.throws(() => parse({ conversationId: id, targetType: 'queue', targetId: otherId, priority: `${spaces}x` }), { code: 'INVALID_REQUEST' })
  for (const targetId of [`${spaces}x`, `+${spaces}1`, `+1${' '.repeat(30_000)}2`, '+1'.repeat(30_000), '+1 (2) '.repeat(9_000)])
    t.throws(() => parse({ conversationId: id, targetType: 'number', targetId }), { code: 'INVALID_REQUEST' })
  t.ok(process.cpuUsage(before).user < 1_000_000, 'the patterns take linear time')
})
