/** The examples of the OpenAPI document: each fits its schema, and each request works with the simulator as it stands, twice in a row. */
import { test } from 'tap'
import { codes, refusalCodes, type RefusalCode } from '../../src/model/problems.ts'
import { scene, sceneCall } from '../../src/plugins/documents/examples/scene.ts'
import { defaultScenario, loadDefaultScenario } from '../../src/simulator/control/default-scenario.ts'
import { readServedDocument } from '../routes/served-document.ts'
import { startTestSystem } from '../support/test-system.ts'

/** The setting that the examples of phone numbers need. */
const settings = { ALLOWED_NUMBERS: '+1317555*' }

test('given the examples of the document, then each fits the schema of its place', async (t) => {
  const system = await startTestSystem(t)
  const { document, operations, examplesOf, schemaViolations } = await readServedDocument(system.url)
  const webhooks = Object.values(document.webhooks).map(({ post }) => post)
  let count = 0
  for (const { operationId, requestBody, responses, parameters = [] } of [...operations, ...webhooks]) {
    const bodies = [requestBody, ...Object.values(responses)].flatMap((body) => Object.values(body?.content ?? {}))
    for (const media of bodies)
      for (const [name, value] of Object.entries(examplesOf(media))) {
        t.strictSame(schemaViolations(media.schema, value), [], `${operationId}: ${name}`)
        count += 1
      }
    for (const { name, example, in: place } of parameters)
      t.ok(place !== 'path' || example !== undefined, `${operationId} has an example of ${name}`)
  }
  t.ok(count > 200, `${count} examples were checked`)
})

test('given the catalog of refusals, then each has an example where it can occur, with its status', async (t) => {
  const system = await startTestSystem(t)
  const { operations, examplesOf } = await readServedDocument(system.url)
  const found = new Set<string>()
  for (const { operationId, responses } of operations)
    for (const [status, { content }] of Object.entries(responses))
      for (const [code, value] of Object.entries(examplesOf(content?.['application/problem+json']))) {
        t.match(value, { code, status: Number(status) }, `${operationId} ${status} ${code}`)
        found.add(code)
      }
  t.strictSame(
    refusalCodes.filter((code) => !found.has(code)),
    [],
    'every code has an example',
  )
})

test('given the codes of outcomes, then a transfer that ended with each is among the examples, in both forms', async (t) => {
  const system = await startTestSystem(t)
  const { operations, examplesOf } = await readServedDocument(system.url)
  for (const id of ['getTransfer', 'getArchitectTransfer']) {
    const answers = operations.find(({ operationId }) => operationId === id)?.responses['200']?.content?.['application/json']
    const found = new Set(Object.values(examplesOf(answers)).map((value) => (value as { code: string }).code))
    t.strictSame(
      codes.filter((code) => !refusalCodes.includes(code as RefusalCode) && !found.has(code)),
      [],
      id,
    )
  }
})

test("given the ids in the examples, then they are those of the simulator's scene", async (t) => {
  const { skills, queues, agents, scheduleGroups, emergencyGroups, conversations } = defaultScenario
  t.strictSame(scene, {
    skill: skills.billing,
    queue: queues.support,
    fallbackQueue: queues.fallback,
    unstaffedQueue: queues.unstaffed,
    agent: agents['Alex Archer'],
    scheduleGroup: scheduleGroups.officeHours,
    emergencyGroup: emergencyGroups.emergency,
  })
  t.strictSame(
    conversations.map((_, index) => sceneCall(index + 1)),
    conversations,
  )
})

test('given the examples of requests for transfers, when each is sent twice, then the simulator executes it, and the answer is the same', async (t) => {
  const system = await startTestSystem(t, settings)
  loadDefaultScenario(system.control)
  const { operations, examplesOf } = await readServedDocument(system.url)
  for (const [operationId, path] of [
    ['requestTransfer', '/v1/transfers'],
    ['requestArchitectTransfer', '/v1/architect/transfers'],
  ] as const) {
    const { requestBody } = operations.find((operation) => operation.operationId === operationId) ?? {}
    const examples = examplesOf(requestBody?.content['application/json'])
    t.ok(Object.keys(examples).length >= 6)
    for (const [name, example] of Object.entries(examples)) {
      const first = await system.request('POST', path, example)
      t.ok(first.status < 300 && first.body['ok'] !== false, `${operationId} ${name}`, { found: first.body })
      const second = await system.request('POST', path, example)
      t.equal(second.status, first.status, `${operationId} ${name} again`)
      if (name !== 'dryRun')
        t.strictSame(
          [second.headers.get('idempotent-replayed'), second.body],
          ['true', first.body],
          `${operationId} ${name} is answered with the same transfer`,
        )
    }
  }
})

test('given the example of a call that waits, when the example of a change is sent twice, then the call is changed', async (t) => {
  const system = await startTestSystem(t)
  loadDefaultScenario(system.control)
  const { operations, examplesOf } = await readServedDocument(system.url)
  const exampleOf = (id: string, name: string) =>
    examplesOf(operations.find(({ operationId }) => operationId === id)?.requestBody?.content['application/json'])[name]
  const { body } = await system.postTransfer(exampleOf('requestTransfer', 'waiting') as object)
  for (const _ of ['once', 'again'])
    t.match(await system.request('PATCH', `/v1/transfers/${body.id}`, exampleOf('changeTransfer', 'routing')), {
      status: 202,
      body: { resolvedTarget: { priority: 30, skillIds: [scene.skill], preferredUserIds: [scene.agent] } },
    })
})
