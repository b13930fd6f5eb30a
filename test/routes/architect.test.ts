import { connect } from 'node:net'
import t from 'tap'
import { FlatAnswerSchema, type FlatAnswer } from '../../src/architect/flat-response.ts'
import { raw } from './raw.ts'
import { servedDocument } from './document.ts'
import { until } from '../support/until.ts'
import { keepCommands, newId, operationsKey, readerKey, startWorld, usualScene } from '../support/service.ts'

const path = '/v1/architect/transfers'
const organization = '0a9b0000-0000-4000-8000-00000000000a'
const names = Object.keys(FlatAnswerSchema.properties).toSorted()
const key = { authorization: `Bearer ${operationsKey}` }
const json = { ...key, 'content-type': 'application/json' }

t.test('the flat route', async (t) => {
  const world = await startWorld(t)
  const { scene, ask, url, lines } = world
  const { answerMisfits } = await servedDocument(url)
  const asked = (change: object = {}) => {
    const { conversationId, queueId } = usualScene(scene)
    return { conversationId, targetType: 'queue', targetId: queueId, ...change }
  }

  t.test('given any business answer, then it is 200 with every field and as documented', async (t) => {
    const used = asked({ idempotencyKey: 'once' })
    const cases: Array<[what: string, body: unknown, expected: object]> = [
      ['moved', used, { ok: true, state: 'initiated' }],
      ['replayed', used, { ok: true, state: 'initiated' }],
      ['the key of another request', asked({ idempotencyKey: 'once' }), { ok: false, code: 'IDEMPOTENCY_KEY_REUSED' }],
      ['dry run', asked({ mode: 'dryRun' }), { ok: true, state: 'decided', transferId: '' }],
      ['an unknown conversation', asked({ conversationId: newId() }), { ok: false, code: 'CONVERSATION_NOT_FOUND', state: 'rejected' }],
      ['an unknown queue', asked({ targetId: newId() }), { ok: false, code: 'TARGET_NOT_FOUND', state: 'rejected' }],
      ['a number', asked({ targetType: 'number', targetId: '+4930123456' }), { ok: false, code: 'TARGET_NOT_ALLOWED' }],
      ['nothing', {}, { ok: false, code: 'INVALID_REQUEST', state: '' }],
      ['no object', [], { ok: false, code: 'INVALID_REQUEST', state: '' }],
    ]
    for (const [what, body, expected] of cases) {
      const { status, headers, body: answer } = await ask<FlatAnswer>('POST', path, body)
      t.equal(status, 200, what)
      t.match(answer, expected, what)
      t.strictSame(Object.keys(answer).toSorted(), names, what)
      t.strictSame(answerMisfits('requestArchitectTransfer', 200, headers.get('content-type') ?? '', answer), [], what)
      if (what === 'replayed') t.equal(headers.get('idempotent-replayed'), 'true')
      if (answer.transferId && answer.state) {
        const look = await ask<FlatAnswer>('GET', `${path}/${answer.transferId}`)
        t.equal(look.status, 200)
        t.match(look.body, { transferId: answer.transferId, ok: answer.ok, code: answer.code }, `${what}: the same is read afterwards`)
        t.strictSame(answerMisfits('getArchitectTransfer', 200, look.headers.get('content-type') ?? '', look.body), [])
      }
    }
    for (const id of [newId(), 'none'])
      t.match(await ask('GET', `${path}/${id}`), { status: 200, body: { ok: false, code: 'INVALID_REQUEST', transferId: '' } })
  })

  t.test('given bad credentials, malformed JSON or a ledger that is gone, then it is no 200', async (t) => {
    const body = JSON.stringify(asked())
    t.equal((await raw(url, 'POST', path, { 'content-type': 'application/json' }, body)).status, 401)
    t.equal((await raw(url, 'POST', path, { ...json, authorization: `Bearer ${readerKey}` }, body)).status, 403)
    t.equal((await raw(url, 'POST', path, json, '{"conversationId":')).status, 400)
    t.equal((await raw(url, 'POST', path, { ...json, 'content-type': 'text/html' }, body)).status, 415)
    const { open } = world.app.ledger
    world.app.ledger.open = () => Promise.reject(new Error('gone'))
    t.teardown(() => (world.app.ledger.open = open))
    const outage = await raw(url, 'POST', path, json, body)
    t.ok(outage.status >= 500)
    t.match(outage.headers['content-type'], /problem\+json/)
  })

  t.test('given bodies in chunks, charsets and an empty key, then they are read', async (t) => {
    for (const type of ['application/json', 'application/json;charset=UTF-8', 'application/json; charset=utf-8']) {
      const { status, body } = await raw(
        url,
        'POST',
        path,
        { ...key, 'content-type': type, 'transfer-encoding': 'chunked', 'idempotency-key': '' },
        JSON.stringify(asked()),
      )
      t.match({ status, body }, { status: 200, body: { ok: true } }, type)
    }
  })

  t.test('given the headers of the platform, then they are echoed, logged and in the trail; what is malformed is none of it', async (t) => {
    const correlation = newId()
    const good = await ask<FlatAnswer>('POST', path, asked(), {
      'inin-correlation-id': correlation,
      'inin-organization-id': organization,
    })
    t.strictSame([good.headers.get('inin-correlation-id'), good.headers.get('inin-organization-id')], [correlation, organization])
    await until(() => lines.some((line) => line['message'] === 'request answered' && line['correlationId'] === correlation), 'the line')
    const { body } = await ask<{ entries: unknown[] }>('GET', `/v1/transfers/${good.body.transferId}/audit`)
    t.match(body.entries[0], { status: 'accepted', detail: { correlationId: correlation, organizationId: organization } })
    const stranger = await ask('GET', `${path}/${newId()}`, undefined, { authorization: '', 'inin-correlation-id': correlation })
    t.equal(stranger.headers.get('inin-correlation-id'), correlation, 'a refused caller gets it back too')

    const bad = await ask<FlatAnswer>('POST', path, asked(), { 'inin-correlation-id': 'x y"+4930123456', 'inin-organization-id': 'mine' })
    t.match(bad.body, { ok: true })
    t.strictSame([bad.headers.get('inin-correlation-id'), bad.headers.get('inin-organization-id')], [null, null])
    t.notMatch(JSON.stringify(lines), 'x y')
  })
})

t.test('given an organisation that the service is for, when another asks, then it is refused, and the trail says so', async (t) => {
  const world = await startWorld(t, { GENESYS_ORGANIZATION_ID: organization.toUpperCase() })
  const { conversationId, queueId } = usualScene(world.scene)
  const from = (headers: Record<string, string>) =>
    world.ask('POST', path, { conversationId, targetType: 'queue', targetId: queueId }, headers)
  for (const headers of [{ 'inin-organization-id': newId() }, { 'inin-organization-id': 'none' }, {}])
    t.match(await from(headers as Record<string, string>), { status: 403, body: { code: 'FORBIDDEN' } })
  t.equal(world.scene.transfers(conversationId).length, 0)
  t.match(await from({ 'inin-organization-id': organization }), { status: 200, body: { ok: true } })
  const trail = (await world.ask<string>('GET', '/v1/audit')).body
  t.equal(trail.match(/"status":"caller_refused"/g)?.length, 3)
  t.equal((await world.ask('GET', '/v1/transfers')).status, 200, 'the other routes do not ask for it')
})

t.test('given a caller that is too fast, when it asks the flat route, then it reads so with 200', async (t) => {
  const world = await startWorld(t, { CALLER_REQUESTS_PER_MINUTE: '1' })
  await world.ask('GET', `${path}/${newId()}`)
  t.match(await world.ask('GET', `${path}/${newId()}`), {
    status: 200,
    body: { ok: false, code: 'TOO_MANY_REQUESTS', retryable: true, retryAfterSeconds: Number },
  })
})

t.test('given a deadline in the settings that no flow would wait for', async (t) => {
  const world = await startWorld(t, { TRANSFER_DEADLINE_MS: '60000' })
  const { scene } = world
  const [slow, silent] = [usualScene(scene), usualScene(scene)]
  const ask = ({ conversationId, queueId }: typeof slow) =>
    world.ask<FlatAnswer>('POST', path, { conversationId, targetType: 'queue', targetId: queueId })
  const kept = keepCommands(t, world)
  const rest = world.transfer({ conversationId: slow.conversationId, target: { type: 'queue', queueId: slow.queueId } })
  await until(() => kept.waiting > 0, 'the command')
  scene.addFault({
    operation: 'GET /conversations/{id}',
    conversationId: silent.conversationId,
    times: 'always',
    fault: { kind: 'silence' },
  })
  const [joined, alone] = await Promise.all([ask(slow), ask(silent)])
  kept.letGo()
  scene.clearFaults()

  t.match(alone, { status: 200, body: { ok: false, retryable: true } }, 'a platform that is silent when asked for the call is told as such')
  t.match(joined, { status: 200, body: { ok: true, state: 'executing' } }, 'a transfer that takes its time for somebody else is under way')
  const first = await rest
  t.equal(joined.body.transferId, first.body.id, 'and is the same')
  t.match(first, { status: 202, body: { state: 'initiated' } }, 'which went on')
  t.equal(scene.transfers(slow.conversationId).length, 1)
})

t.test('given a connection that is kept, when it has been idle for a while, then it is still open', async (t) => {
  const world = await startWorld(t)
  t.ok(world.app.server.keepAliveTimeout > 60_000)
  const { hostname, port } = new URL(world.url)
  const socket = connect(Number(port), hostname)
  t.teardown(() => socket.destroy())
  const answers = () =>
    new Promise<string>((answered) => {
      socket.once('data', (data) => answered(String(data)))
      socket.write(`GET ${path}/${newId()} HTTP/1.1\r\nhost: x\r\nauthorization: ${key.authorization}\r\n\r\n`)
    })
  for (let asked = 0; asked < 2; asked++) t.match(await answers(), /^HTTP\/1\.1 200[^]*keep-alive: timeout=72/i)
})
