import { readFileSync } from 'node:fs'
import { test } from 'tap'
import { Validator } from '@seriousme/openapi-schema-validator'
import { DEFAULT_SCENE, setDefaultScene } from '../src/simulator/control/default-scene.ts'
import type { TransferRequest } from '../src/model/transfer.ts'
import { servedDocument } from './routes/document.ts'
import { newId, startWorld, usualScene } from './support/service.ts'

const fromRoot = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')
const nobody = { authorization: '' }

test('the OpenAPI document', async (t) => {
  const world = await startWorld(t)
  const served = await servedDocument(world.url)
  const { document, operations, misfits, answerMisfits } = served

  await t.test('is the committed one, to the byte (npm run openapi writes it)', async (t) => {
    t.equal(world.app.swagger({ yaml: true }), fromRoot('openapi/transfers.yaml'))
    const answer = await world.ask<string>('GET', '/openapi.yaml', undefined, nobody)
    t.strictSame(
      [answer.status, answer.headers.get('content-type'), answer.body],
      [200, 'application/yaml; charset=utf-8', fromRoot('openapi/transfers.yaml')],
      'served to anybody',
    )
    t.equal((await world.ask('GET', '/docs', undefined, nobody)).status, 200, 'as are the pages')
  })

  await t.test('is valid OpenAPI 3.1 of this version', async (t) => {
    t.strictSame(await new Validator().validate(structuredClone(document) as never), { valid: true })
    t.match(document.openapi, /^3\.1\./)
    t.equal(document.info.version, (JSON.parse(fromRoot('package.json')) as { version: string }).version)
  })

  await t.test('says of every operation what it is, who may ask, and how it fails', async (t) => {
    t.equal(new Set(operations.map(({ operationId }) => operationId)).size, operations.length, 'operation ids differ')
    for (const { method, path, operationId, tags, security, responses, parameters = [] } of operations) {
      const name = `${method} ${path}`
      t.match(operationId, /^[a-z][A-Za-z]+$/, `${name} has an operationId`)
      t.equal(tags.length, 1, `${name} has a tag`)
      t.strictSame(
        security,
        path.startsWith('/v1/') ? ['key', 'header', 'basic', 'oauth2'].map((scheme) => ({ [scheme]: [] })) : undefined,
        `${name} says whether it needs a key`,
      )
      for (const kind of ['4XX', '5XX'])
        t.strictSame(
          responses[kind]?.content,
          // RFC 6749 has a form of its own for what goes wrong there.
          operationId === 'issueToken'
            ? { 'application/json': { schema: { $ref: '#/components/schemas/TokenError' } } }
            : { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
          `${name} fails with ${kind} as a Problem`,
        )
      t.ok(
        Object.keys(responses).some((status) => status.startsWith('2')),
        `${name} succeeds`,
      )
      t.notMatch(JSON.stringify(responses), 'Default Response', `${name} describes its answers`)
      t.strictSame(
        parameters.filter(({ in: where }) => where === 'path').map((one) => `{${one.name}}`),
        path.match(/\{\w+\}/g) ?? [],
        `${name} describes its path`,
      )
    }
  })

  await t.test('names its components', async (t) => {
    const names = Object.keys(document.components.schemas)
    for (const name of [
      'Transfer',
      'TransferRequest',
      'ArchitectRequest',
      'ArchitectAnswer',
      'DryRun',
      'Problem',
      'AuditEntry',
      'AuditLine',
      'Delivery',
    ])
      t.ok(names.includes(name), name)
    t.notMatch(JSON.stringify(document), /def-\d/)
    const wanted = [...JSON.stringify(document).matchAll(/#\/components\/schemas\/([^"]+)/g)].map(([, name]) => name)
    t.strictSame(
      wanted.filter((name) => !names.includes(String(name))),
      [],
      'every reference leads somewhere',
    )
    t.strictSame(Object.keys(document.components.securitySchemes), ['key', 'header', 'basic', 'oauth2'])
  })

  await t.test('has an example that works against the simulator as it stands', async (t) => {
    const example = document.components.schemas['TransferRequest']?.examples?.[0] as TransferRequest
    t.strictSame(misfits('TransferRequest', example), [])
    t.match(example, {
      target: { type: 'skill', skillId: DEFAULT_SCENE.skills.billing, queueId: DEFAULT_SCENE.queues.support },
      fallback: [{ type: 'queue', queueId: DEFAULT_SCENE.queues.fallback }],
    })
    setDefaultScene(world.scene)
    t.equal((await world.transfer(example)).status, 202)
  })

  await t.test('tells the truth about answers', async (t) => {
    const { conversationId, queueId, skillId, otherQueueId } = usualScene(world.scene)
    const fits = async (
      operationId: string,
      status: number,
      method: string,
      path: string,
      body?: unknown,
      headers?: Record<string, string>,
    ) => {
      const answer = await world.ask<Record<string, unknown>>(method, path, body, headers)
      t.equal(answer.status, status, `${method} ${path}`)
      t.strictSame(
        answerMisfits(operationId, status, answer.headers.get('content-type') ?? '', answer.body),
        [],
        `${method} ${path} ${status} is as documented`,
      )
      return answer
    }
    const wish = { conversationId, target: { type: 'skill', skillId, queueId }, context: { reason: 'billing' }, priority: 5 }
    await fits('requestTransfer', 200, 'POST', '/v1/transfers', { ...wish, mode: 'dryRun' })
    const accepted = await fits('requestTransfer', 202, 'POST', '/v1/transfers', wish, { 'idempotency-key': 'once' })
    const id = String(accepted.body['id'])
    t.equal(accepted.headers.get('location'), `/v1/transfers/${id}`)
    await fits('requestTransfer', 202, 'POST', '/v1/transfers', wish, { 'idempotency-key': 'once' })
    await world.reaches(id, 'picked_up')
    await fits('requestTransfer', 409, 'POST', '/v1/transfers', {
      ...wish,
      conversationId: world.scene.addConversation({ in: { queueId: otherQueueId }, callerState: 'disconnected' }).conversationId,
    })
    await fits('requestTransfer', 404, 'POST', '/v1/transfers', { ...wish, conversationId: newId() })
    await fits('requestTransfer', 422, 'POST', '/v1/transfers', {
      ...wish,
      conversationId: world.scene.addConversation({ in: 'ivr' }).conversationId,
      target: { type: 'queue', queueId: newId() },
    })
    for (const target of [
      { type: 'agent', userId: usualScene(world.scene).userId },
      { type: 'queue', queueId },
    ] as const) {
      await fits('requestTransfer', 202, 'POST', '/v1/transfers', {
        conversationId: world.scene.addConversation({ in: 'ivr' }).conversationId,
        target,
      })
    }
    await fits('requestTransfer', 202, 'POST', '/v1/transfers', {
      conversationId: world.scene.addConversation({ in: 'ivr' }).conversationId,
      target: { type: 'queue', queueId },
      mode: 'decide',
    })

    const flat = await fits('requestArchitectTransfer', 200, 'POST', '/v1/architect/transfers', {
      conversationId: world.scene.addConversation({ in: 'ivr' }).conversationId,
      targetType: 'queue',
      targetId: queueId,
    })
    await fits('requestArchitectTransfer', 200, 'POST', '/v1/architect/transfers', {})
    await fits('requestArchitectTransfer', 401, 'POST', '/v1/architect/transfers', {}, nobody)
    await fits('getArchitectTransfer', 200, 'GET', `/v1/architect/transfers/${String(flat.body['transferId'])}`)

    await fits('listTransfers', 200, 'GET', '/v1/transfers?limit=3')
    await fits('getTransfer', 200, 'GET', `/v1/transfers/${id}`)
    await fits('getTransfer', 404, 'GET', `/v1/transfers/${newId()}`)
    await fits('auditOfTransfer', 200, 'GET', `/v1/transfers/${id}/audit`)
    await fits('summariseTransfers', 200, 'GET', '/v1/transfers/summary')
    const {
      body: { deliveries },
    } = await fits('listWebhookDeliveries', 200, 'GET', `/v1/webhook-deliveries?transferId=${id}`)
    await fits('redeliverWebhook', 202, 'POST', `/v1/webhook-deliveries/${(deliveries as Array<{ id: string }>)[0]?.id}/redeliver`)
    await fits('getWebhookDelivery', 200, 'GET', `/v1/webhook-deliveries/${(deliveries as Array<{ id: string }>)[0]?.id}`)
    await fits('redeliverWebhooks', 202, 'POST', '/v1/webhook-redeliveries', { since: '2026-01-01T00:00:00Z' })
    const {
      body: { endpoints },
    } = await fits('listWebhookEndpoints', 200, 'GET', '/v1/webhook-endpoints')
    await fits('testWebhookEndpoint', 200, 'POST', `/v1/webhook-endpoints/${(endpoints as Array<{ id: string }>)[0]?.id}/test`)
    await fits('ready', 200, 'GET', '/ready')
    await fits('health', 200, 'GET', '/health')

    const exported = await world.ask<string>('GET', '/v1/audit')
    t.equal(exported.headers.get('content-type'), 'application/x-ndjson; charset=utf-8')
    const entries = exported.body
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    t.ok(entries.length > 10)
    for (const entry of entries)
      if (misfits('AuditLine', entry).length > 0)
        t.fail('an audit entry is not as documented', { entry, misfits: misfits('AuditLine', entry) })
  })
})
