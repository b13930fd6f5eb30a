/** Every status that a route answers with is in the OpenAPI document by its number: Swagger UI calls any other one undocumented. */
import { randomUUID } from 'node:crypto'
import t from 'tap'
import { operationsKey } from '../support/settings.ts'
import { startTestSystem } from '../support/test-system.ts'
import { setUpIvrCall } from '../support/calls.ts'
import { readServedDocument } from '../routes/served-document.ts'

/** A key whose scope opens no route. */
const otherKey = `hk_other_${'x'.repeat(43)}`
const settings = {
  API_KEYS: `${operationsKey}:transfers:write+transfers:read+transfers:settle+audit:read+webhooks:write,${otherKey}:transfers:override`,
}

t.test('given requests that succeed or fail, then the status of each response is documented', async (t) => {
  const system = await startTestSystem(t, settings)
  const { control, postTransfer, url } = system
  const { operations } = await readServedDocument(url)
  const findOperation = (operationId: string) => operations.find((operation) => operation.operationId === operationId)

  /** Sends a request to an operation, and asserts that the response has this status and that the document has it, too. */
  async function assertDocumented(
    operationId: string,
    status: number,
    { path, body, headers = {} }: { path?: string; body?: string | object | undefined; headers?: Record<string, string> } = {},
  ): Promise<void> {
    const operation = findOperation(operationId)
    if (!operation) throw new Error(`there is no operation ${operationId}`)
    const response = await fetch(url + (path ?? operation.path.replaceAll(/\{\w+\}/g, randomUUID())), {
      method: operation.method,
      headers: { authorization: `Bearer ${operationsKey}`, ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    await response.text()
    t.equal(response.status, status, `${operationId} answers ${status}`)
    const documented = operation.responses[String(status)]?.content ?? {}
    t.hasProp(documented, String(response.headers.get('content-type')).split(';')[0] ?? '', `${operationId} documents ${status}`)
  }

  t.test('whichever the operation is', async (t) => {
    for (const { operationId, method, path, responses } of operations) {
      t.strictSame(
        Object.keys(responses).filter((status) => !/^[2-5]\d\d$/.test(status)),
        [],
        `${operationId} has no range of statuses`,
      )
      if (!path.startsWith('/v1/')) continue
      const body = method === 'GET' ? undefined : {}
      await assertDocumented(operationId, 401, { body, headers: { authorization: '' } })
      await assertDocumented(operationId, 403, { body, headers: { authorization: `Bearer ${otherKey}` } })
      if (path.includes('{')) await assertDocumented(operationId, 414, { path: path.replace(/\{\w+\}/, 'a'.repeat(1_000)), body })
      if (findOperation(operationId)?.requestBody === undefined) continue
      await assertDocumented(operationId, 400, { body: '{"' })
      await assertDocumented(operationId, 413, { body: `"${'a'.repeat(70_000)}"` })
      await assertDocumented(operationId, 415, { body: 'a=1', headers: { 'content-type': 'application/x-www-form-urlencoded' } })
    }
  })

  t.test('when a call is transferred or its transfer is changed', async () => {
    const { conversationId, queueId, otherQueueId } = setUpIvrCall(control, ['never'])
    const target = { type: 'queue', queueId: otherQueueId }
    const request = { conversationId, target }
    await assertDocumented('requestTransfer', 200, { body: { ...request, mode: 'dryRun' } })
    await assertDocumented('requestTransfer', 400, { body: { ...request, priority: 'high' } })
    await assertDocumented('requestTransfer', 404, { body: { ...request, conversationId: randomUUID() } })
    await assertDocumented('requestTransfer', 422, { body: { ...request, target: { type: 'queue', queueId: randomUUID() } } })
    control.addFault({ operation: 'GET /conversations/{id}', conversationId, fault: { kind: 'status', status: 403 } })
    await assertDocumented('requestTransfer', 502, { body: request })
    control.addFault({ operation: 'GET /conversations/{id}', conversationId, times: 'always', fault: { kind: 'status', status: 503 } })
    await assertDocumented('requestTransfer', 503, { body: request })
    control.clearFaults()
    const { id } = (await postTransfer(request)).body
    control.hangUp(conversationId)
    await system.waitForState(id, 'abandoned')
    await assertDocumented('requestTransfer', 409, { body: { ...request, target: { type: 'queue', queueId } } })
    await assertDocumented('changeTransfer', 409, { path: `/v1/transfers/${id}`, body: { priority: 1 } })
    await assertDocumented('settleTransfer', 409, { path: `/v1/transfers/${id}/settle`, body: { state: 'failed', reason: 'hung up' } })

    const waiting = await postTransfer({ conversationId: control.addConversation({ in: 'ivr' }).conversationId, target })
    const path = `/v1/transfers/${waiting.body.id}`
    await assertDocumented('changeTransfer', 202, { path, body: { priority: 1 } })
    await assertDocumented('changeTransfer', 400, { path, body: {} })
    await assertDocumented('changeTransfer', 400, { path: '/v1/transfers/none', body: { priority: 1 } })
    await assertDocumented('changeTransfer', 404, { body: { priority: 1 } })
    await assertDocumented('changeTransfer', 422, { path, body: { skillIds: [randomUUID()] } })
    for (const [failure, status] of [
      [403, 502],
      [503, 503],
    ] as const) {
      control.addFault({ operation: 'GET /routing/skills/{id}', times: 'always', fault: { kind: 'status', status: failure } })
      await assertDocumented('changeTransfer', status, { path, body: { skillIds: [control.addSkill().id] } })
      control.clearFaults()
    }
    await assertDocumented('settleTransfer', 404, { body: { state: 'failed', reason: 'hung up' } })
    for (const operationId of ['getTransfer', 'auditOfTransfer']) await assertDocumented(operationId, 404)
  })

  t.test('when webhooks are read or sent again', async () => {
    const deliveryPath = `/v1/webhook-deliveries/evt_${randomUUID()}`
    await assertDocumented('getWebhookDelivery', 404, { path: deliveryPath })
    await assertDocumented('redeliverWebhook', 404, { path: `${deliveryPath}/redeliver` })
    await assertDocumented('testWebhookEndpoint', 404, { path: '/v1/webhook-endpoints/ep_000000000000/test' })
    await assertDocumented('redeliverWebhooks', 400, { body: { since: 'yesterday' } })
    for (const operationId of ['listTransfers', 'summariseTransfers', 'exportAudit', 'listWebhookDeliveries'])
      await assertDocumented(operationId, 400, { path: `${findOperation(operationId)?.path}?since=yesterday` })
  })

  t.test('when the ledger cannot be read', async (t) => {
    const { findTransfer } = system.app.ledger
    t.teardown(() => (system.app.ledger.findTransfer = findTransfer))
    system.app.ledger.findTransfer = () => Promise.reject(new Error('an unexpected error'))
    await assertDocumented('getTransfer', 500)
    await assertDocumented('changeTransfer', 500, { body: { priority: 1 } })
  })
})
