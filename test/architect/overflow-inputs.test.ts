/** A call that is requested as architect/README.md says moves on as it says there: from a skill to a queue to a number. */
import { readFileSync } from 'node:fs'
import t from 'tap'
import { parseFlatRequest } from '../../src/architect/flat-request.ts'
import type { FlatRequest } from '../../src/architect/flat-request-schema.ts'
import type { TransferRequest } from '../../src/model/transfer.ts'
import { createArchitect, readShippedAction } from './simulated-architect.ts'
import { setUpIvrCall } from '../support/calls.ts'
import { operationsKey } from '../support/settings.ts'
import { startTestSystem } from '../support/test-system.ts'
import { overflowAfterSeconds, requestTransfer, summarizeHops, waitForHop, waitForState } from '../transfers/overflow/scene.ts'

const readme = readFileSync(new URL('../../architect/README.md', import.meta.url), 'utf8')
const [, section = ''] = /^## Overflow:[^\n]*\n(.*?)^## /ms.exec(readme) ?? []
const [, json = ''] = /```json\n(.*?)```/s.exec(section) ?? []
type Ids = ReturnType<typeof setUpIvrCall>

/** The inputs in the table, with the ids of this call. */
function inputsFor({ conversationId, skillId, queueId, otherQueueId }: Ids): FlatRequest {
  const rows = [...section.matchAll(/^\| `(\w+)` \| (.+) \|$/gm)].map(([, name, value]) => [String(name), String(value)] as const)
  const ids = { skillId, queueId, fallbackQueueId: otherQueueId, idempotencyKey: `${conversationId}-overflow` }
  const values = Object.fromEntries(rows.map(([name, value]) => [name, value.replaceAll('`', '')]))
  return { ...values, ...ids, conversationId, overflowAfterSeconds: Number(values['overflowAfterSeconds']) } as FlatRequest
}

/** The request body, with the ids of this call. */
function bodyFor({ conversationId, skillId, queueId, otherQueueId }: Ids): TransferRequest {
  const ids = [...new Set(json.match(/[0-9a-f]{8}-[0-9a-f-]{27}/g))]
  const ownIds = [conversationId, skillId, queueId, otherQueueId]
  return JSON.parse(ids.reduce((text, id, index) => text.replaceAll(id, String(ownIds[index])), json)) as TransferRequest
}

/** The same request, which moves the call on after a fraction of a second: the routes accept 5 s at least. */
function shorten<T extends TransferRequest>(request: T): T {
  const copy = structuredClone(request)
  for (const target of [copy.target, ...(copy.fallback ?? [])])
    if (target.type !== 'callback' && target.overflowAfterSeconds !== undefined) target.overflowAfterSeconds = overflowAfterSeconds
  return copy
}

t.test('given the inputs and the request body for overflow in README.md', async (t) => {
  const system = await startTestSystem(t, { ALLOWED_NUMBERS: '+4930*' })
  const { control, url, postTransfer } = system
  const architect = createArchitect({ baseUrl: url, apiKey: operationsKey })
  t.teardown(() => architect.close())
  // The agent does not answer, so the call stays with the queue and rings.
  const setUp = (): Ids => setUpIvrCall(control, ['never'])

  for (const [file, state] of [
    ['Handoff-Request-Transfer.custom.json', 'initiated'],
    ['Handoff-Decide-Transfer.custom.json', 'decided'],
  ] as const)
    t.test(`when a flow sends the inputs with ${file}, then the call goes to the skill`, async (t) => {
      const ids = setUp()
      const { contract } = readShippedAction(file)
      const inputs = inputsFor(ids)
      t.strictSame(
        Object.keys(inputs).filter((name) => !(name in contract.input.inputSchema.properties)),
        [],
      )
      t.match(await architect.runAction(readShippedAction(file), inputs), {
        path: 'success',
        outputs: { ok: true, state, queueId: ids.queueId, skillIds: [ids.skillId], usedFallback: false },
      })
    })

  t.test('when nobody picks up, then the inputs move the call on to the fallback queue', async (t) => {
    const ids = setUp()
    const id = await requestTransfer(system, shorten(parseFlatRequest(inputsFor(ids))))
    t.strictSame(summarizeHops(await waitForHop(system, id, 2)), [`1 ${ids.queueId} overflowed`, `2 ${ids.otherQueueId} null`])
  })

  t.test('when the fallback queue is the queue of the skill, then the call stays there, and loses the skill', async (t) => {
    const createInputs = (ids: Ids) => inputsFor({ ...ids, otherQueueId: ids.queueId })
    t.match(await architect.runAction(readShippedAction('Handoff-Request-Transfer.custom.json'), createInputs(setUp())), {
      path: 'success',
      outputs: { ok: true, message: '' },
    })
    const ids = setUp()
    const id = await requestTransfer(system, shorten(parseFlatRequest(createInputs(ids))))
    t.match(await waitForHop(system, id, 2), { resolvedTarget: { type: 'queue', queueId: ids.queueId, skillIds: [], usedFallback: true } })
    t.equal(control.transfers(ids.conversationId).length, 1, 'no second command was sent')
  })

  t.test('when the request body is sent, then the route accepts it', async (t) => {
    t.match(await postTransfer(bodyFor(setUp())), { status: 202, body: { state: 'initiated', resolvedTarget: { type: 'skill' } } })
  })

  t.test('when nobody picks up, then the request body moves the call on to the queue, and then to the number', async (t) => {
    const ids = setUp()
    const id = await requestTransfer(system, shorten(bodyFor(ids)))
    t.strictSame(summarizeHops(await waitForState(system, id, 'picked_up')), [
      `1 ${ids.queueId} overflowed`,
      `2 ${ids.otherQueueId} overflowed`,
      '3 number picked_up',
    ])
  })
})
