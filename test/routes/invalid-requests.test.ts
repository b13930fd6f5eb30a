import { test } from 'tap'
import { makeKey, scopes } from '../../src/auth/api-key.ts'
import { newId, startWorld, usualScene } from '../support/service.ts'
import { servedDocument } from './document.ts'
import { raw } from './raw.ts'

const conversationId = newId()
const queueId = newId()
const skillId = newId()
const id = newId()
const queue = { type: 'queue', queueId }
const good = { conversationId, target: queue }
const skill = { type: 'skill', skillId, queueId }
const keys = (many: number): Record<string, string> => Object.fromEntries(Array.from({ length: many }, (_, at) => [`key${at}`, 'value']))
const nested = (depth: number): string => '{"a":'.repeat(depth) + '1' + '}'.repeat(depth)

/** What is wrong, the body, and the field that the answer names. */
type BadBody = [wrong: string, body: unknown, field: string | undefined]
const bodies: BadBody[] = [
  ['no object but a list', [], undefined],
  ['no object but null', 'null', undefined],
  ['no object but a text', '"transfer"', undefined],
  ['an empty object', {}, 'conversationId'],
  ['no conversation', { target: queue }, 'conversationId'],
  ['no target', { conversationId }, 'target'],
  ['a conversation that is a number', { ...good, conversationId: 7 }, 'conversationId'],
  ['a conversation that is null', { ...good, conversationId: null }, 'conversationId'],
  ['a conversation that is no UUID', { ...good, conversationId: 'the call' }, 'conversationId'],
  ['a UUID with something behind it', { ...good, conversationId: `${conversationId}x` }, 'conversationId'],
  ['a UUID with a line break behind it', { ...good, conversationId: `${conversationId}\n` }, 'conversationId'],
  ['a UUID that climbs', { ...good, conversationId: '../../users/me' }, 'conversationId'],
  ['an unknown field', { ...good, priorty: 1 }, 'priorty'],
  ['an unknown field that is known to every object', { ...good, constructor: 'x' }, 'constructor'],
  ['an unknown field with a number for a name', { ...good, '+4915112345678': 1 }, '+…'],

  ['a target that is a text', { conversationId, target: 'queue' }, 'target'],
  ['a target that is a list', { conversationId, target: [queue] }, 'target'],
  ['a target without a type', { conversationId, target: { queueId } }, 'target.type'],
  ['a target of an unknown type', { conversationId, target: { type: 'robot', queueId } }, 'target.type'],
  ['a target whose type is a number', { conversationId, target: { type: 4, queueId } }, 'target.type'],
  ['a target whose type is in capitals', { conversationId, target: { type: 'QUEUE', queueId } }, 'target.type'],
  ['a target with an unknown field', { conversationId, target: { ...queue, name: 'Support' } }, 'target.name'],
  ['a target with the field of another type', { conversationId, target: { ...queue, userId: id } }, 'target.userId'],
  ['an agent without a user', { conversationId, target: { type: 'agent' } }, 'target.userId'],
  ['an agent who is no UUID', { conversationId, target: { type: 'agent', userId: 'alex' } }, 'target.userId'],
  ['a queue without an id', { conversationId, target: { type: 'queue' } }, 'target.queueId'],
  ['a queue that is no UUID', { conversationId, target: { type: 'queue', queueId: 'support' } }, 'target.queueId'],
  ['a language that is no UUID', { conversationId, target: { ...queue, languageId: 'de' } }, 'target.languageId'],
  ['skills that are a text', { conversationId, target: { ...queue, skillIds: skillId } }, 'target.skillIds'],
  ['no skills at all', { conversationId, target: { ...queue, skillIds: [] } }, 'target.skillIds'],
  ['the same skill twice', { conversationId, target: { ...queue, skillIds: [skillId, skillId] } }, 'target.skillIds'],
  ['too many skills', { conversationId, target: { ...queue, skillIds: Array.from({ length: 21 }, newId) } }, 'target.skillIds'],
  ['a skill among them that is no UUID', { conversationId, target: { ...queue, skillIds: [skillId, 'billing'] } }, 'target.skillIds[1]'],
  ['neither skillId nor skillIds', { conversationId, target: { type: 'skill', queueId } }, 'target.skillId'],
  ['both skillId and skillIds', { conversationId, target: { ...skill, skillIds: [skillId] } }, 'target.skillId'],
  ['a skill that is no UUID', { conversationId, target: { ...skill, skillId: 'billing' } }, 'target.skillId'],
  ['no queue for a skill, and no default queue', { conversationId, target: { type: 'skill', skillId } }, 'target.queueId'],
  ['a number without an address', { conversationId, target: { type: 'number' } }, 'target.address'],
  ...[
    '015112345678',
    '+0151123456',
    '+49 151 1234',
    '+49151',
    '+4915112345678901',
    'tel:+4915112345678',
    '+49151x234567',
    '+٤٩١٥١١٢٣٤',
    '',
  ].map((address): BadBody => [
    `a number that is not E.164 (${JSON.stringify(address)})`,
    { conversationId, target: { type: 'number', address } },
    'target.address',
  ]),

  ['a fallback that is no list', { ...good, fallback: queue }, 'fallback'],
  ['too many fallbacks', { ...good, fallback: Array.from({ length: 6 }, () => queue) }, 'fallback'],
  ['a fallback without a type', { ...good, fallback: [{ queueId }] }, 'fallback[0].type'],
  ['an unknown field in the second fallback', { ...good, fallback: [queue, { ...queue, prio: 1 }] }, 'fallback[1].prio'],
  ['a wrong UUID in the second fallback', { ...good, fallback: [queue, { type: 'agent', userId: 'alex' }] }, 'fallback[1].userId'],
  ['a fallback with both skillId and skillIds', { ...good, fallback: [{ ...skill, skillIds: [skillId] }] }, 'fallback[0].skillId'],
  ['a fallback skill without a queue', { ...good, fallback: [queue, { type: 'skill', skillId }] }, 'fallback[1].queueId'],

  ['a priority that is a numeric text', { ...good, priority: '10' }, 'priority'],
  ['a priority with a fraction', { ...good, priority: 1.5 }, 'priority'],
  ['a priority that is true', { ...good, priority: true }, 'priority'],
  ['a priority that is null', { ...good, priority: null }, 'priority'],
  ['a priority above its range', { ...good, priority: 25_000_001 }, 'priority'],
  ['a priority below its range', { ...good, priority: -25_000_001 }, 'priority'],
  [
    'a priority beyond all numbers',
    `{"conversationId":"${conversationId}","target":${JSON.stringify(queue)},"priority":1e999}`,
    'priority',
  ],
  ['an unknown mode', { ...good, mode: 'dryrun' }, 'mode'],
  ['a mode that is null', { ...good, mode: null }, 'mode'],

  ['a context that is a text', { ...good, context: 'billing' }, 'context'],
  ['a context that is a list', { ...good, context: ['billing'] }, 'context'],
  ['more than ten context values', { ...good, context: keys(11) }, 'context'],
  ['a context value that is too long', { ...good, context: { reason: 'x'.repeat(257) } }, 'context.reason'],
  ['a context value that is a number', { ...good, context: { reason: 7 } }, 'context.reason'],
  ['a context value that is an object', { ...good, context: { reason: { text: 'x' } } }, 'context.reason'],
  ['a context name with a space', { ...good, context: { 'the reason': 'x' } }, 'context.the reason'],
  ['a context name that is too long', { ...good, context: { ['n'.repeat(65)]: 'x' } }, `context.${'n'.repeat(65)}`],
  ['an empty context name', { ...good, context: { '': 'x' } }, 'context'],
  ['a context name that is a number', { ...good, context: { 4915112345678: 7 } }, 'context.…'],
  ...['transferDepth', 'transferPath', 'loopPreventionToken'].map((name): BadBody => [
    `the reserved context name ${name}`,
    { ...good, context: { [name]: '0' } },
    `context.${name}`,
  ]),

  ['an empty idempotency key', { ...good, idempotencyKey: '' }, 'idempotencyKey'],
  ['an idempotency key of 256 characters', { ...good, idempotencyKey: 'k'.repeat(256) }, 'idempotencyKey'],
  ['an idempotency key with a space', { ...good, idempotencyKey: 'a key' }, 'idempotencyKey'],
  ['an idempotency key that is not ASCII', { ...good, idempotencyKey: 'schlüssel' }, 'idempotencyKey'],
  ['an idempotency key that is a number', { ...good, idempotencyKey: 7 }, 'idempotencyKey'],

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
  ['nesting without an end', `[${'['.repeat(20_000)}`, undefined],
  ['deep nesting in an unknown field', `{"deep":${nested(5_000)}}`, 'conversationId'],
  ['deep nesting in the target', `{"conversationId":"${conversationId}","target":${nested(5_000)}}`, 'target.type'],
]

test('given a request whose body does not fit, when a transfer is asked for, then it is refused with the field and nothing is done', async (t) => {
  const { text: key } = makeKey([...scopes], '', null, Date.now())
  const world = await startWorld(t, { API_KEYS: `${key}:${scopes.join('+')}` })
  usualScene(world.scene)
  const { misfits } = await servedDocument(world.url)
  const done = async () => ({
    calls: world.scene.calls().total,
    transfers: (await world.app.ledger.transfers({ limit: 200 })).items.length,
    audited: await rows(world.app.ledger.audit({ since: 0, until: Number.MAX_SAFE_INTEGER })),
  })
  const before = await done()
  const authorization = `Bearer ${key}`
  const json = 'application/json'

  interface Row {
    wrong: string
    method?: string
    path?: string
    headers?: Record<string, string | string[]>
    body?: string | Buffer
    status?: number
    field?: string | undefined
  }
  async function refused({ wrong, method = 'POST', path = '/v1/transfers', headers = {}, body, status = 400, field }: Row): Promise<void> {
    const answer = await raw(
      world.url,
      method,
      path,
      { authorization, ...(body !== undefined && { 'content-type': json }), ...headers },
      body,
    )
    const { status: told, code, stage, retryable, field: named } = answer.body
    t.strictSame(
      { http: answer.status, type: answer.headers['content-type'], told, code, stage, retryable, named },
      {
        http: status,
        type: 'application/problem+json; charset=utf-8',
        told: status,
        code: 'INVALID_REQUEST',
        stage: 'validation',
        retryable: false,
        named: field,
      },
      `${wrong} is refused`,
    )
    t.strictSame(misfits('Problem', answer.body), [], `${wrong}: the answer is a documented problem`)
    t.notMatch(answer.text, /151123|node_modules|\.ts:/, `${wrong}: the answer tells no number and nothing of the inside`)
    t.strictSame(await done(), before, `${wrong}: nothing was written, and the platform was not called`)
  }

  for (const [wrong, body, field] of bodies) await refused({ wrong, body: typeof body === 'string' ? body : JSON.stringify(body), field })

  const fits = JSON.stringify(good)
  const headers: Row[] = [
    { wrong: 'an empty Idempotency-Key', body: fits, headers: { 'idempotency-key': '' }, field: 'Idempotency-Key' },
    {
      wrong: 'an Idempotency-Key of 256 characters',
      body: fits,
      headers: { 'idempotency-key': 'k'.repeat(256) },
      field: 'Idempotency-Key',
    },
    { wrong: 'an Idempotency-Key that is not ASCII', body: fits, headers: { 'idempotency-key': 'schlüssel' }, field: 'Idempotency-Key' },
    { wrong: 'two Idempotency-Keys', body: fits, headers: { 'idempotency-key': ['one', 'two'] }, field: 'Idempotency-Key' },
    {
      wrong: 'an Idempotency-Key that differs from the field',
      body: JSON.stringify({ ...good, idempotencyKey: 'one' }),
      headers: { 'idempotency-key': 'two' },
      field: 'idempotencyKey',
    },
    {
      wrong: 'a body that is no JSON',
      body: 'conversationId=x',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      status: 415,
    },
    { wrong: 'a body that is called text', body: fits, headers: { 'content-type': 'text/plain' }, status: 415 },
    { wrong: 'a body that is called nothing', body: fits, headers: { 'content-type': '' }, status: 415 },
    { wrong: 'a body that is called XML', body: fits, headers: { 'content-type': 'application/xml' }, status: 415 },
    { wrong: 'no body and no media type', status: 400 },
    { wrong: 'a body over 64 KiB', body: JSON.stringify({ ...good, padding: 'x'.repeat(65_536) }), status: 413 },
    {
      wrong: 'a body that is not UTF-8',
      body: Buffer.concat([
        Buffer.from(`{"conversationId":"${conversationId}","target":${JSON.stringify(queue)},"context":{"reason":"`),
        Buffer.from([0xc3, 0x28, 0xff]),
        Buffer.from('"}}'),
      ]),
    },
    { wrong: 'a body in UTF-16', body: Buffer.from(fits, 'utf16le') },
  ]
  for (const row of headers) await refused(row)

  const list = '/v1/transfers'
  const summary = '/v1/transfers/summary'
  const deliveries = '/v1/webhook-deliveries'
  const queries: Array<[wrong: string, path: string, field?: string | undefined, status?: number]> = [
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
    ['a state that is none', `${list}?state=done`, 'query.state'],
    ['two states', `${list}?state=failed&state=timeout`, 'query.state'],
    ['a conversation that is no UUID', `${list}?conversationId=x`, 'query.conversationId'],
    ['a cursor that is none', `${list}?cursor=x`, 'query.cursor'],
    ...[list, summary, '/v1/audit'].flatMap((path) =>
      [
        'yesterday',
        '2026-13-01T00:00:00Z',
        '2026-02-30T00:00:00Z',
        '2026-01-01',
        '1767225600',
        '2026-01-01T00:00:00',
        '2016-12-31T23:59:60Z',
        '',
      ].map((since): [string, string, string] => [`a time of "${since}" at ${path}`, `${path}?since=${since}`, 'query.since']),
    ),
    ...[list, summary, '/v1/audit'].map((path): [string, string, string] => [
      `a span that ends before it begins at ${path}`,
      `${path}?since=2026-02-01T00:00:00Z&until=2026-01-01T00:00:00Z`,
      'query.until',
    ]),
    ['a delivery state that is none', `${deliveries}?state=lost`, 'query.state'],
    ['a delivery cursor that is none', `${deliveries}?cursor=-1`, 'query.cursor'],
    ['a delivery cursor beyond all numbers', `${deliveries}?cursor=${'9'.repeat(16)}`, 'query.cursor'],
    ['a transfer of deliveries that is no UUID', `${deliveries}?transferId=x`, 'query.transferId'],
    ['a transfer that is no UUID', `${list}/4915112345678`, 'path.id'],
    ['a transfer that climbs', `${list}/..%2Faudit`, 'path.id'],
    ['the audit trail of what is no UUID', `${list}/x/audit`, 'path.id'],
    ['malformed percent-encoding in the path', `${list}/%zz`, undefined],
    ['a cut-off percent-encoding', `${list}/%c3%28%`, undefined],
    ['percent-encoding that is no UTF-8', `${list}/%ff`, undefined],
    ['a path parameter that is too long', `${list}/${'a'.repeat(200)}`, undefined, 414],
    ['a path of 12,000 characters', `${list}/${'+4915112345678'.repeat(860)}`, undefined, 414],
  ]
  for (const [wrong, path, field, status = 400] of queries) await refused({ wrong, method: 'GET', path, field, status })

  const settled = { state: 'rejected', reason: 'The caller stayed in the IVR' }
  for (const [wrong, body, field] of [
    ['no state', { reason: settled.reason }, 'state'],
    ['no reason', { state: 'rejected' }, 'reason'],
    ['a state that no operator can find', { ...settled, state: 'picked_up' }, 'state'],
    ['a reason that is none', { ...settled, reason: '-' }, 'reason'],
    ['a reason that is too long', { ...settled, reason: 'x'.repeat(501) }, 'reason'],
    ['a reason that is a number', { ...settled, reason: 1234 }, 'reason'],
    ['an unknown field', { ...settled, by: 'me' }, 'by'],
    ['a list', [], undefined],
  ] as BadBody[])
    await refused({ wrong: `a settlement with ${wrong}`, path: `${list}/${id}/settle`, body: JSON.stringify(body), field })
  await refused({ wrong: 'a settlement of what is no UUID', path: `${list}/x/settle`, body: JSON.stringify(settled), field: 'path.id' })
  await refused({ wrong: 'a settlement without a body', path: `${list}/${id}/settle` })

  await refused({ wrong: 'a delivery to redeliver that is none', path: `${deliveries}/4915112345678/redeliver`, field: 'path.id' })
  await refused({ wrong: 'malformed percent-encoding in a delivery', path: `${deliveries}/%e0%a4%a/redeliver` })
})

async function rows(pages: AsyncIterable<unknown[]>): Promise<number> {
  let many = 0
  for await (const page of pages) many += page.length
  return many
}
