/** Invalid requests: each is refused with the name of the wrong field, and changes nothing in the ledger or on the platform. */
import { randomUUID } from 'node:crypto'
import { test } from 'tap'
import { createApiKey, scopes } from '../../src/auth/api-key.ts'
import { startTestSystem } from '../support/test-system.ts'
import { setUpIvrCall } from '../support/calls.ts'
import { readServedDocument } from './served-document.ts'
import { sendRaw } from './raw-request.ts'

const conversationId = randomUUID()
const queueId = randomUUID()
const skillId = randomUUID()
const id = randomUUID()
const queue = { type: 'queue', queueId }
const valid = { conversationId, target: queue }
const skill = { type: 'skill', skillId, queueId }
const contextOf = (size: number): Record<string, string> =>
  Object.fromEntries(Array.from({ length: size }, (_, index) => [`key${index}`, 'value']))
const nestedJson = (depth: number): string => '{"a":'.repeat(depth) + '1' + '}'.repeat(depth)

type InvalidBody = [description: string, body: unknown, field: string | undefined]
const invalidBodies: InvalidBody[] = [
  ['a list instead of an object', [], undefined],
  ['null instead of an object', 'null', undefined],
  ['text instead of an object', '"transfer"', undefined],
  ['an empty object', {}, 'conversationId'],
  ['no conversation', { target: queue }, 'conversationId'],
  ['no target', { conversationId }, 'target'],
  ['a conversation that is a number', { ...valid, conversationId: 7 }, 'conversationId'],
  ['a conversation that is null', { ...valid, conversationId: null }, 'conversationId'],
  ['a conversation that is not a UUID', { ...valid, conversationId: 'the call' }, 'conversationId'],
  ['a UUID followed by a letter', { ...valid, conversationId: `${conversationId}x` }, 'conversationId'],
  ['a UUID followed by a line break', { ...valid, conversationId: `${conversationId}\n` }, 'conversationId'],
  ['a path instead of a UUID', { ...valid, conversationId: '../../users/me' }, 'conversationId'],
  ['an unknown field', { ...valid, priorty: 1 }, 'priorty'],
  ['an unknown field that every object has', { ...valid, constructor: 'x' }, 'constructor'],
  ['an unknown field whose name is a phone number', { ...valid, '+4915112345678': 1 }, '[number]'],

  ['a target that is text', { conversationId, target: 'queue' }, 'target'],
  ['a target that is a list', { conversationId, target: [queue] }, 'target'],
  ['a target without a type', { conversationId, target: { queueId } }, 'target.type'],
  ['a target of an unknown type', { conversationId, target: { type: 'robot', queueId } }, 'target.type'],
  ['a target whose type is a number', { conversationId, target: { type: 4, queueId } }, 'target.type'],
  ['a target whose type is in upper case', { conversationId, target: { type: 'QUEUE', queueId } }, 'target.type'],
  ['a target with an unknown field', { conversationId, target: { ...queue, name: 'Support' } }, 'target.name'],
  ['a target with the field of another type', { conversationId, target: { ...queue, userId: id } }, 'target.userId'],
  ['an agent without a user', { conversationId, target: { type: 'agent' } }, 'target.userId'],
  ['an agent that is not a UUID', { conversationId, target: { type: 'agent', userId: 'alex' } }, 'target.userId'],
  ['a queue without an id', { conversationId, target: { type: 'queue' } }, 'target.queueId'],
  ['a queue that is not a UUID', { conversationId, target: { type: 'queue', queueId: 'support' } }, 'target.queueId'],
  ['a language that is not a UUID', { conversationId, target: { ...queue, languageId: 'de' } }, 'target.languageId'],
  ['skills that are text', { conversationId, target: { ...queue, skillIds: skillId } }, 'target.skillIds'],
  ['an empty list of skills', { conversationId, target: { ...queue, skillIds: [] } }, 'target.skillIds'],
  ['the same skill twice', { conversationId, target: { ...queue, skillIds: [skillId, skillId] } }, 'target.skillIds'],
  ['too many skills', { conversationId, target: { ...queue, skillIds: Array.from({ length: 21 }, randomUUID) } }, 'target.skillIds'],
  [
    'a list with a skill that is not a UUID',
    { conversationId, target: { ...queue, skillIds: [skillId, 'billing'] } },
    'target.skillIds[1]',
  ],
  ['neither skillId nor skillIds', { conversationId, target: { type: 'skill', queueId } }, 'target.skillId'],
  ['both skillId and skillIds', { conversationId, target: { ...skill, skillIds: [skillId] } }, 'target.skillId'],
  ['a skill that is not a UUID', { conversationId, target: { ...skill, skillId: 'billing' } }, 'target.skillId'],
  ['a skill without a queue, and no default queue', { conversationId, target: { type: 'skill', skillId } }, 'target.queueId'],
  ['a number without an address', { conversationId, target: { type: 'number' } }, 'target.address'],
  ...[
    '015112345678',
    '004915112345678',
    '+0151123456',
    '+49151',
    '+4915112345678901',
    '+49 (0)151 12345678',
    '+49 (151 12345678',
    'tel:015112345678',
    'tel:+4915112345678;ext=5',
    'sip:+4915112345678@example.com',
    '+49151x234567',
    '+1 800 FLOWERS',
    '+٤٩١٥١١٢٣٤',
    '',
  ].map((address): InvalidBody => [
    `a number that is not clear (${JSON.stringify(address)})`,
    { conversationId, target: { type: 'number', address } },
    'target.address',
  ]),
  [
    'a number that is not clear in a fallback',
    { ...valid, fallback: [{ type: 'number', address: '+49 (0)151 12345678' }] },
    'fallback[0].address',
  ],

  ['a fallback that is not a list', { ...valid, fallback: queue }, 'fallback'],
  ['too many fallbacks', { ...valid, fallback: Array.from({ length: 6 }, () => queue) }, 'fallback'],
  ['a fallback without a type', { ...valid, fallback: [{ queueId }] }, 'fallback[0].type'],
  ['an unknown field in the second fallback', { ...valid, fallback: [queue, { ...queue, prio: 1 }] }, 'fallback[1].prio'],
  ['a wrong UUID in the second fallback', { ...valid, fallback: [queue, { type: 'agent', userId: 'alex' }] }, 'fallback[1].userId'],
  ['a fallback with both skillId and skillIds', { ...valid, fallback: [{ ...skill, skillIds: [skillId] }] }, 'fallback[0].skillId'],
  ['a fallback skill without a queue', { ...valid, fallback: [queue, { type: 'skill', skillId }] }, 'fallback[1].queueId'],

  ['a priority that is text', { ...valid, priority: '10' }, 'priority'],
  ['a priority with a fraction', { ...valid, priority: 1.5 }, 'priority'],
  ['a priority that is true', { ...valid, priority: true }, 'priority'],
  ['a priority that is null', { ...valid, priority: null }, 'priority'],
  ['a priority above its range', { ...valid, priority: 25_000_001 }, 'priority'],
  ['a priority below its range', { ...valid, priority: -25_000_001 }, 'priority'],
  ['a priority that is infinite', `{"conversationId":"${conversationId}","target":${JSON.stringify(queue)},"priority":1e999}`, 'priority'],
  ['an unknown mode', { ...valid, mode: 'dryrun' }, 'mode'],
  ['a mode that is null', { ...valid, mode: null }, 'mode'],

  ['a summary that is too long', { ...valid, summary: 'x'.repeat(1_001) }, 'summary'],
  ['a context that is text', { ...valid, context: 'billing' }, 'context'],
  ['a context that is a list', { ...valid, context: ['billing'] }, 'context'],
  ['more than ten context values', { ...valid, context: contextOf(11) }, 'context'],
  ['a context value that is too long', { ...valid, context: { reason: 'x'.repeat(257) } }, 'context.reason'],
  ['a context value that is a number', { ...valid, context: { reason: 7 } }, 'context.reason'],
  ['a context value that is an object', { ...valid, context: { reason: { text: 'x' } } }, 'context.reason'],
  ['a context name with a space', { ...valid, context: { 'the reason': 'x' } }, 'context.the reason'],
  ['a context name that is too long', { ...valid, context: { ['n'.repeat(65)]: 'x' } }, `context.${'n'.repeat(65)}`],
  ['an empty context name', { ...valid, context: { '': 'x' } }, 'context'],
  ['a context name that is a phone number', { ...valid, context: { 4915112345678: 7 } }, 'context.[number]'],
  ...['transferDepth', 'transferPath', 'loopPreventionToken'].map((name): InvalidBody => [
    `the reserved context name ${name}`,
    { ...valid, context: { [name]: '0' } },
    `context.${name}`,
  ]),

  ['an empty idempotency key', { ...valid, idempotencyKey: '' }, 'idempotencyKey'],
  ['an idempotency key of 256 characters', { ...valid, idempotencyKey: 'k'.repeat(256) }, 'idempotencyKey'],
  ['an idempotency key with a space', { ...valid, idempotencyKey: 'a key' }, 'idempotencyKey'],
  ['an idempotency key that is not ASCII', { ...valid, idempotencyKey: 'schlüssel' }, 'idempotencyKey'],
  ['an idempotency key that is a number', { ...valid, idempotencyKey: 7 }, 'idempotencyKey'],

  ['JSON that is cut off', '{"conversationId":', undefined],
  ['JSON with a comment', '{/* no */}', undefined],
  ['NaN', `{"conversationId":"${conversationId}","priority":NaN}`, undefined],
  ['an empty body', '', undefined],
  ['__proto__', `{"conversationId":"${conversationId}","target":${JSON.stringify(queue)},"__proto__":{"mode":"dryRun"}}`, undefined],
  [
    '__proto__ in the target',
    `{"conversationId":"${conversationId}","target":{"type":"queue","queueId":"${queueId}","__proto__":{"x":1}}}`,
    undefined,
  ],
  [
    'constructor.prototype',
    `{"conversationId":"${conversationId}","target":${JSON.stringify(queue)},"constructor":{"prototype":{"x":1}}}`,
    undefined,
  ],
  ['unclosed nesting', `[${'['.repeat(20_000)}`, undefined],
  ['deep nesting in an unknown field', `{"deep":${nestedJson(5_000)}}`, 'conversationId'],
  ['deep nesting in the target', `{"conversationId":"${conversationId}","target":${nestedJson(5_000)}}`, 'target.type'],
]

/** Descriptions of bodies that are invalid although the published schema allows them. */
const allowedBySchema = /reserved|skillId nor|both skillId|skill without a queue|not clear/

test('given invalid requests, when they are sent, then each is refused with the name of the field, and nothing is done', async (t) => {
  const { text: key } = createApiKey({ scopes: [...scopes], label: '', queues: null, now: Date.now() })
  const system = await startTestSystem(t, { API_KEYS: `${key}:${scopes.join('+')}` })
  setUpIvrCall(system.control)
  const { violations } = await readServedDocument(system.url)
  /** What the service has done so far. */
  const countEffects = async () => ({
    platformRequests: system.control.requests().total,
    transfers: (await system.app.ledger.listTransfers({ limit: 200 })).items.length,
    auditEntries: await countRows(system.app.ledger.exportAudit({ since: 0, until: Number.MAX_SAFE_INTEGER })),
  })
  const effectsBefore = await countEffects()
  const authorization = `Bearer ${key}`
  const json = 'application/json'

  interface InvalidRequest {
    description: string
    method?: string
    path?: string
    headers?: Record<string, string | string[]>
    body?: string | Buffer
    status?: number
    field?: string | undefined
  }
  async function expectRefusal({
    description,
    method = 'POST',
    path = '/v1/transfers',
    headers = {},
    body,
    status = 400,
    field,
  }: InvalidRequest): Promise<void> {
    const response = await sendRaw(
      system.url,
      method,
      path,
      { authorization, ...(body !== undefined && { 'content-type': json }), ...headers },
      body,
    )
    const { status: statusInBody, code, stage, retryable, field: namedField } = response.body
    t.strictSame(
      { http: response.status, type: response.headers['content-type'], statusInBody, code, stage, retryable, namedField },
      {
        http: status,
        type: 'application/problem+json; charset=utf-8',
        statusInBody: status,
        code: 'INVALID_REQUEST',
        stage: 'validation',
        retryable: false,
        namedField: field,
      },
      `${description} is refused`,
    )
    t.strictSame(violations('Problem', response.body), [], `${description}: the response is a documented problem`)
    t.notMatch(
      response.text,
      /151123|node_modules|\.ts:/,
      `${description}: the response contains no phone number and nothing from inside the service`,
    )
    t.notMatch(response.text, /NOT have/, `${description}: the message is not that of the validator`)
    t.strictSame(await countEffects(), effectsBefore, `${description}: nothing was written, and the platform was not called`)
  }

  for (const [description, body, field] of invalidBodies) {
    await expectRefusal({ description, body: typeof body === 'string' ? body : JSON.stringify(body), field })
    if (typeof body !== 'string' && !allowedBySchema.test(description))
      t.not(violations('TransferRequest', body).length, 0, `${description}: the published schema does not allow it`)
  }

  const validBody = JSON.stringify(valid)
  const invalidHeaders: InvalidRequest[] = [
    { description: 'an empty Idempotency-Key', body: validBody, headers: { 'idempotency-key': '' }, field: 'Idempotency-Key' },
    {
      description: 'an Idempotency-Key of 256 characters',
      body: validBody,
      headers: { 'idempotency-key': 'k'.repeat(256) },
      field: 'Idempotency-Key',
    },
    {
      description: 'an Idempotency-Key that is not ASCII',
      body: validBody,
      headers: { 'idempotency-key': 'schlüssel' },
      field: 'Idempotency-Key',
    },
    { description: 'two Idempotency-Keys', body: validBody, headers: { 'idempotency-key': ['one', 'two'] }, field: 'Idempotency-Key' },
    {
      description: 'an Idempotency-Key that differs from the field',
      body: JSON.stringify({ ...valid, idempotencyKey: 'one' }),
      headers: { 'idempotency-key': 'two' },
      field: 'idempotencyKey',
    },
    {
      description: 'a form instead of JSON',
      body: 'conversationId=x',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      status: 415,
    },
    { description: 'a media type of text', body: validBody, headers: { 'content-type': 'text/plain' }, status: 415 },
    { description: 'an empty media type', body: validBody, headers: { 'content-type': '' }, status: 415 },
    { description: 'a media type of XML', body: validBody, headers: { 'content-type': 'application/xml' }, status: 415 },
    { description: 'no body and no media type', status: 400 },
    { description: 'a body over 64 KiB', body: JSON.stringify({ ...valid, padding: 'x'.repeat(65_536) }), status: 413 },
    {
      description: 'a body that is not UTF-8',
      body: Buffer.concat([
        Buffer.from(`{"conversationId":"${conversationId}","target":${JSON.stringify(queue)},"context":{"reason":"`),
        Buffer.from([0xc3, 0x28, 0xff]),
        Buffer.from('"}}'),
      ]),
    },
    { description: 'a body in UTF-16', body: Buffer.from(validBody, 'utf16le') },
  ]
  for (const invalid of invalidHeaders) await expectRefusal(invalid)

  const list = '/v1/transfers'
  const summary = '/v1/transfers/summary'
  const deliveries = '/v1/webhook-deliveries'
  const invalidQueries: Array<[description: string, path: string, field?: string | undefined, status?: number]> = [
    ...['0', '-1', '201', 'x', '', '1.5', '1e2', '99999999', '0x10'].flatMap((limit) =>
      [list, deliveries].map((path): [string, string, string] => [
        `a limit of "${limit}" at ${path}`,
        `${path}?limit=${limit}`,
        'query.limit',
      ]),
    ),
    ['two limits', `${list}?limit=1&limit=2`, 'query.limit'],
    ...[list, deliveries, summary, '/v1/audit'].map((path): [string, string, string] => [
      `an unknown query parameter at ${path}`,
      `${path}?page=2`,
      'query.page',
    ]),
    ['a query parameter called __proto__', `${list}?__proto__=x`, 'query.__proto__'],
    ['an unknown state', `${list}?state=done`, 'query.state[0]'],
    ['an unknown state among others', `${list}?state=failed,done`, 'query.state[1]'],
    ['an empty state', `${list}?state=`, 'query.state[0]'],
    ['a queue that is not a UUID', `${list}?queueId=support`, 'query.queueId'],
    ['an unknown code', `${list}?code=BUSY`, 'query.code'],
    ['a requester that is no id', `${list}?requestedBy=hk_1+2`, 'query.requestedBy'],
    ['a conversation that is not a UUID', `${list}?conversationId=x`, 'query.conversationId'],
    ['a cursor that is not valid', `${list}?cursor=x`, 'query.cursor'],
    ...[list, summary, '/v1/audit'].flatMap((path) =>
      [
        'yesterday',
        '2026-13-01T00:00:00Z',
        '2026-02-30T00:00:00Z',
        '2026-01-01',
        '1767225600',
        '2026-01-01T00:00:00',
        '2016-12-31T23:59:60Z',
        '0000-01-01T00:00:00%2B00:01',
        '9999-12-31T23:59:59-00:01',
        '%2B010000-01-01T00:00:00Z',
        '',
      ].map((since): [string, string, string] => [`a time of "${since}" at ${path}`, `${path}?since=${since}`, 'query.since']),
    ),
    ...[list, summary, '/v1/audit'].map((path): [string, string, string] => [
      `a range of time that ends before it begins at ${path}`,
      `${path}?since=2026-02-01T00:00:00Z&until=2026-01-01T00:00:00Z`,
      'query.until',
    ]),
    ['an unknown delivery state', `${deliveries}?state=lost`, 'query.state'],
    ['a delivery cursor that is not valid', `${deliveries}?cursor=-1`, 'query.cursor'],
    ['a delivery cursor that is too long', `${deliveries}?cursor=${'9'.repeat(16)}`, 'query.cursor'],
    ['deliveries of a transfer that is not a UUID', `${deliveries}?transferId=x`, 'query.transferId'],
    ['a transfer that is not a UUID', `${list}/4915112345678`, 'path.id'],
    ['a path instead of a transfer', `${list}/..%2Faudit`, 'path.id'],
    ['the audit entries of a transfer that is not a UUID', `${list}/x/audit`, 'path.id'],
    ['malformed percent-encoding in the path', `${list}/%zz`, undefined],
    ['incomplete percent-encoding', `${list}/%c3%28%`, undefined],
    ['percent-encoding that is not UTF-8', `${list}/%ff`, undefined],
    ['a path parameter that is too long', `${list}/${'a'.repeat(200)}`, undefined, 414],
    ['a path of 12,000 characters', `${list}/${'+4915112345678'.repeat(860)}`, undefined, 414],
  ]
  for (const [description, path, field, status = 400] of invalidQueries)
    await expectRefusal({ description, method: 'GET', path, field, status })

  for (const [description, body, field] of [
    ['nothing', {}, undefined],
    ['an unknown field', { priority: 1, queueId }, 'queueId'],
    ['a target', { target: queue }, 'target'],
    ['a priority that is text', { priority: '1' }, 'priority'],
    ['a priority that is null', { priority: null }, 'priority'],
    ['a priority that is no integer', { priority: 1.5 }, 'priority'],
    ['a priority that is too high', { priority: 25_000_001 }, 'priority'],
    ['skills that are text', { skillIds: skillId }, 'skillIds'],
    ['a skill that is not a UUID', { skillIds: ['billing'] }, 'skillIds[0]'],
    ['the same skill twice', { skillIds: [skillId, skillId] }, 'skillIds'],
    ['too many skills', { skillIds: Array.from({ length: 21 }, randomUUID) }, 'skillIds'],
    ['no preferred agents', { preferredUserIds: [] }, 'preferredUserIds'],
    ['too many preferred agents', { preferredUserIds: Array.from({ length: 11 }, randomUUID) }, 'preferredUserIds'],
    ['a list', [], undefined],
  ] as InvalidBody[]) {
    await expectRefusal({
      description: `a change of ${description}`,
      method: 'PATCH',
      path: `${list}/${id}`,
      body: JSON.stringify(body),
      field,
    })
    t.not(violations('TransferChange', body).length, 0, `a change of ${description}: the published schema does not allow it`)
  }
  await expectRefusal({ description: 'a change without a body', method: 'PATCH', path: `${list}/${id}` })
  await expectRefusal({
    description: 'a change of a transfer that is not a UUID',
    method: 'PATCH',
    path: `${list}/x`,
    body: JSON.stringify({ priority: 1 }),
    field: 'path.id',
  })

  const validSettlement = { state: 'rejected', reason: 'The caller stayed in the IVR' }
  for (const [description, body, field] of [
    ['no state', { reason: validSettlement.reason }, 'state'],
    ['no reason', { state: 'rejected' }, 'reason'],
    ['a state that an operator cannot set', { ...validSettlement, state: 'picked_up' }, 'state'],
    ['a reason that is too short', { ...validSettlement, reason: '-' }, 'reason'],
    ['a reason that is too long', { ...validSettlement, reason: 'x'.repeat(501) }, 'reason'],
    ['a reason that is a number', { ...validSettlement, reason: 1234 }, 'reason'],
    ['an unknown field', { ...validSettlement, by: 'me' }, 'by'],
    ['a list', [], undefined],
  ] as InvalidBody[])
    await expectRefusal({
      description: `a settlement with ${description}`,
      path: `${list}/${id}/settle`,
      body: JSON.stringify(body),
      field,
    })
  await expectRefusal({
    description: 'a settlement of a transfer that is not a UUID',
    path: `${list}/x/settle`,
    body: JSON.stringify(validSettlement),
    field: 'path.id',
  })
  await expectRefusal({ description: 'a settlement without a body', path: `${list}/${id}/settle` })

  await expectRefusal({
    description: 'a redelivery of an id that is not valid',
    path: `${deliveries}/4915112345678/redeliver`,
    field: 'path.id',
  })
  await expectRefusal({ description: 'malformed percent-encoding in a delivery', path: `${deliveries}/%e0%a4%a/redeliver` })
})

async function countRows(pages: AsyncIterable<unknown[]>): Promise<number> {
  let count = 0
  for await (const page of pages) count += page.length
  return count
}
