/** The OpenAPI document is valid, current and complete, and describes the responses of the service correctly. */
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { test } from 'tap'
import { Validator } from '@seriousme/openapi-schema-validator'
import { toYaml } from '../src/plugins/documents/to-yaml.ts'
import { readServedDocument } from './routes/served-document.ts'
import { startTestSystem } from './support/test-system.ts'
import { waitFor } from './support/wait-for.ts'
import { setUpIvrCall } from './support/calls.ts'

const fromRoot = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')
const withoutKey = { authorization: '' }

test('given the OpenAPI document, then it is valid and complete, and the service responds as it says', async (t) => {
  const system = await startTestSystem(t)
  const served = await readServedDocument(system.url)
  const { document, operations, examplesOf, violations, responseViolations } = served

  await t.test('given the OpenAPI document, then it is the committed one, byte for byte (npm run openapi writes it)', async (t) => {
    t.equal(toYaml(system.app.swagger()), fromRoot('openapi/transfers.yaml'))
    const response = await system.request<string>('GET', '/openapi.yaml', undefined, withoutKey)
    t.strictSame(
      [response.status, response.headers.get('content-type'), response.body],
      [200, 'application/yaml; charset=utf-8', fromRoot('openapi/transfers.yaml')],
      'it is served without a key',
    )
    t.equal((await system.request('GET', '/docs', undefined, withoutKey)).status, 200, 'the pages are served without a key')
  })

  await t.test('given the OpenAPI document, then it is valid OpenAPI 3.1, with the version of the service', async (t) => {
    t.strictSame(await new Validator().validate(structuredClone(document) as never), { valid: true })
    t.match(document.openapi, /^3\.1\./)
    t.equal(document.info.version, (JSON.parse(fromRoot('package.json')) as { version: string }).version)
  })

  await t.test(
    'given the OpenAPI document, then it describes every operation, how its caller authenticates, and how it fails',
    async (t) => {
      t.equal(new Set(operations.map(({ operationId }) => operationId)).size, operations.length, 'every operation id is used once')
      for (const { method, path, operationId, tags, security = [], description = '', responses, parameters = [] } of operations) {
        const name = `${method} ${path}`
        t.match(operationId, /^[a-z][A-Za-z]+$/, `${name} has an operationId`)
        t.equal(tags.length, 1, `${name} has a tag`)
        const needsKey = path.startsWith('/v1/')
        t.strictSame(
          security.slice(0, 3),
          needsKey ? [{ key: [] }, { header: [] }, { basic: [] }] : [],
          `${name} says whether it needs a key`,
        )
        const scopes = security.slice(3).map(({ oauth2 }) => String(oauth2))
        t.equal(scopes.length > 0, needsKey, `${name} says which scope it needs`)
        t.match(description, needsKey ? `Needs the scope ${scopes.map((scope) => `\`${scope}\``).join(' or ')}.` : 'Needs no key.')
        for (const [status, { content = {} }] of Object.entries(responses)) {
          const [contentType] = Object.keys(content)
          // RFC 6749 §5.2 defines the errors of the token endpoint; /ready says in its own way what is not ready.
          if (Number(status) >= 400 && operationId !== 'issueToken' && operationId !== 'ready')
            t.equal(contentType, 'application/problem+json', `${name} ${status} is documented as a problem`)
          const examples = examplesOf(content[String(contentType)])
          t.not(Object.keys(examples).length, 0, `${name} ${status} has an example`)
        }
        t.ok(
          Object.keys(responses).some((status) => status.startsWith('2')),
          `${name} succeeds`,
        )
        t.notMatch(JSON.stringify(responses), 'Default Response', `${name} describes its responses`)
        t.strictSame(
          parameters.filter(({ in: location }) => location === 'path').map((parameter) => `{${parameter.name}}`),
          path.match(/\{\w+\}/g) ?? [],
          `${name} describes its path`,
        )
      }
    },
  )

  await t.test('given the OpenAPI document, then its components have names', async (t) => {
    const names = Object.keys(document.components.schemas)
    for (const name of [
      'AgentTarget',
      'QueueTarget',
      'SkillTarget',
      'NumberTarget',
      'CallbackTarget',
      'WebhookEvent',
      'TransferEventData',
      'Transfer',
      'TransferRequest',
      'TransferChange',
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
    const referenced = [...JSON.stringify(document).matchAll(/#\/components\/schemas\/([^"]+)/g)].map(([, name]) => name)
    t.strictSame(
      referenced.filter((name) => !names.includes(String(name))),
      [],
      'every reference resolves',
    )
    t.strictSame(Object.keys(document.components.securitySchemes), ['key', 'header', 'basic', 'oauth2'])
  })

  await t.test('given the OpenAPI document, when requests succeed or fail, then every response has the documented shape', async (t) => {
    const { conversationId, queueId, skillId, otherQueueId } = setUpIvrCall(system.control)
    const checkResponse = async (
      operationId: string,
      status: number,
      method: string,
      path: string,
      body?: unknown,
      headers?: Record<string, string>,
    ) => {
      const response = await system.request<Record<string, unknown>>(method, path, body, headers)
      t.equal(response.status, status, `${method} ${path}`)
      t.strictSame(
        responseViolations(operationId, status, response.headers.get('content-type') ?? '', response.body),
        [],
        `${method} ${path} ${status} is as documented`,
      )
      return response
    }
    const transferRequest = { conversationId, target: { type: 'skill', skillId, queueId }, context: { reason: 'billing' }, priority: 5 }
    await checkResponse('requestTransfer', 200, 'POST', '/v1/transfers', { ...transferRequest, mode: 'dryRun' })
    const accepted = await checkResponse('requestTransfer', 202, 'POST', '/v1/transfers', transferRequest, { 'idempotency-key': 'once' })
    const id = String(accepted.body['id'])
    t.equal(accepted.headers.get('location'), `/v1/transfers/${id}`)
    await checkResponse('requestTransfer', 202, 'POST', '/v1/transfers', transferRequest, { 'idempotency-key': 'once' })
    await system.waitForState(id, 'picked_up')
    await checkResponse('changeTransfer', 409, 'PATCH', `/v1/transfers/${id}`, { priority: 6 })
    const waiting = await checkResponse('requestTransfer', 202, 'POST', '/v1/transfers', {
      conversationId: system.control.addConversation({ in: 'ivr' }).conversationId,
      target: { type: 'queue', queueId: otherQueueId },
    })
    await checkResponse('changeTransfer', 202, 'PATCH', `/v1/transfers/${String(waiting.body['id'])}`, { priority: 6, skillIds: [skillId] })
    await checkResponse('requestTransfer', 409, 'POST', '/v1/transfers', {
      ...transferRequest,
      conversationId: system.control.addConversation({ in: { queueId: otherQueueId }, callerState: 'disconnected' }).conversationId,
    })
    await checkResponse('requestTransfer', 404, 'POST', '/v1/transfers', { ...transferRequest, conversationId: randomUUID() })
    await checkResponse('requestTransfer', 422, 'POST', '/v1/transfers', {
      ...transferRequest,
      conversationId: system.control.addConversation({ in: 'ivr' }).conversationId,
      target: { type: 'queue', queueId: randomUUID() },
    })
    for (const target of [
      { type: 'agent', userId: setUpIvrCall(system.control).userId },
      { type: 'queue', queueId },
    ] as const) {
      await checkResponse('requestTransfer', 202, 'POST', '/v1/transfers', {
        conversationId: system.control.addConversation({ in: 'ivr' }).conversationId,
        target,
      })
    }
    await checkResponse('requestTransfer', 202, 'POST', '/v1/transfers', {
      conversationId: system.control.addConversation({ in: 'ivr' }).conversationId,
      target: { type: 'queue', queueId },
      mode: 'decide',
    })

    const flat = await checkResponse('requestArchitectTransfer', 200, 'POST', '/v1/architect/transfers', {
      conversationId: system.control.addConversation({ in: 'ivr' }).conversationId,
      targetType: 'queue',
      targetId: queueId,
    })
    await checkResponse('requestArchitectTransfer', 200, 'POST', '/v1/architect/transfers', {})
    await checkResponse('requestArchitectTransfer', 401, 'POST', '/v1/architect/transfers', {}, withoutKey)
    await checkResponse('getArchitectTransfer', 200, 'GET', `/v1/architect/transfers/${String(flat.body['transferId'])}`)

    await checkResponse('listTransfers', 200, 'GET', '/v1/transfers?limit=3')
    await checkResponse('getTransfer', 200, 'GET', `/v1/transfers/${id}`)
    await checkResponse('getTransfer', 404, 'GET', `/v1/transfers/${randomUUID()}`)
    await checkResponse('auditOfTransfer', 200, 'GET', `/v1/transfers/${id}/audit`)
    await checkResponse('summariseTransfers', 200, 'GET', '/v1/transfers/summary')
    const listDelivered = `/v1/webhook-deliveries?transferId=${id}&state=delivered`
    await waitFor(async () => {
      const page = await system.request<{ deliveries: unknown[] }>('GET', listDelivered)
      return page.body.deliveries.length === 2
    }, 'both deliveries')
    const {
      body: { deliveries },
    } = await checkResponse('listWebhookDeliveries', 200, 'GET', listDelivered)
    await checkResponse('redeliverWebhook', 202, 'POST', `/v1/webhook-deliveries/${(deliveries as Array<{ id: string }>)[0]?.id}/redeliver`)
    await checkResponse('getWebhookDelivery', 200, 'GET', `/v1/webhook-deliveries/${(deliveries as Array<{ id: string }>)[0]?.id}`)
    await checkResponse('redeliverWebhooks', 202, 'POST', '/v1/webhook-redeliveries', { since: '2026-01-01T00:00:00Z' })
    const {
      body: { endpoints },
    } = await checkResponse('listWebhookEndpoints', 200, 'GET', '/v1/webhook-endpoints')
    await checkResponse('testWebhookEndpoint', 200, 'POST', `/v1/webhook-endpoints/${(endpoints as Array<{ id: string }>)[0]?.id}/test`)
    await checkResponse('ready', 200, 'GET', '/ready')
    await checkResponse('health', 200, 'GET', '/health')
    await checkResponse('version', 200, 'GET', '/version')

    const exported = await system.request<string>('GET', '/v1/audit')
    t.equal(exported.headers.get('content-type'), 'application/x-ndjson; charset=utf-8')
    const entries = exported.body
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    t.ok(entries.length > 10)
    for (const entry of entries)
      if (violations('AuditLine', entry).length > 0)
        t.fail('an audit entry is not as documented', { entry, violations: violations('AuditLine', entry) })
  })
})
