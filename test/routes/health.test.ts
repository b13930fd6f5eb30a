import { test } from 'tap'
import { StoreUnavailable } from '../../src/ledger/ledger.ts'
import { settingsFor, startService, startWorld, usualScene } from '../support/service.ts'
import { until } from '../support/until.ts'

const nobody = { authorization: '' }

test('given a service that works, then anybody may ask whether it is alive and ready', async (t) => {
  const world = await startWorld(t)
  t.match(await world.ask('GET', '/health', undefined, nobody), { status: 200, body: { status: 'alive', watching: 0 } })
  t.match(await world.ask('GET', '/ready', undefined, nobody), {
    status: 200,
    body: { status: 'ready', ledger: 'ready', platform: 'ready' },
  })

  await t.test('and how many transfers it watches', async (t) => {
    const { conversationId, otherQueueId } = usualScene(world.scene)
    await world.transfer({ conversationId, target: { type: 'queue', queueId: otherQueueId } })
    t.match((await world.ask('GET', '/health')).body, { watching: 1 })
  })

  await t.test('and however often they ask, the ledger and the platform are not asked more than once a second', async (t) => {
    const { probe } = world.app.ledger
    let probes = 0
    world.app.ledger.probe = () => {
      probes += 1
      return probe()
    }
    t.teardown(() => (world.app.ledger.probe = probe))
    const began = Date.now()
    await Promise.all(Array.from({ length: 50 }, () => world.ask('GET', '/ready')))
    t.ok(probes <= 1 + (Date.now() - began) / 1_000, `${probes} probes for 50 questions`)
  })
})

test('given a ledger that cannot be written, then it is alive and not ready', async (t) => {
  const world = await startWorld(t)
  world.app.ledger.probe = () => Promise.reject(new StoreUnavailable('disk I/O error'))
  t.equal((await world.ask('GET', '/health')).status, 200)
  t.match(await world.ask('GET', '/ready'), { status: 503, body: { status: 'not_ready', ledger: /not available/, platform: 'ready' } })
})

test('given a platform that cannot be reached, then it is alive and not ready, until it can', async (t) => {
  const world = await startWorld(t)
  world.scene.addFault({
    operation: 'POST /oauth/token',
    times: 1,
    fault: { kind: 'status', status: 401, body: { error: 'invalid_client' } },
  })
  world.scene.revokeTokens()
  const service = await startService(t, settingsFor(world.simulator.url))
  const { status, body } = await service.ask('GET', '/ready')
  t.match({ status, body }, { status: 503, body: { status: 'not_ready', ledger: 'ready', platform: String } })
  t.notMatch(JSON.stringify(body), 'handoff-demo', 'without naming the client or its secret')
  await until(async () => (await service.ask('GET', '/ready')).status === 200, 'readiness')
})
