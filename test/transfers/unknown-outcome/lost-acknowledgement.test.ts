import type { AddressInfo } from 'node:net'
import t from 'tap'
import { buildApp } from '../../../src/app.ts'
import { readEnvironment } from '../../../src/environment.ts'
import { StoreUnavailable, type Change, type Ledger } from '../../../src/ledger/ledger.ts'
import { createLog } from '../../../src/telemetry/log.ts'
import { startSimulator } from '../../../src/simulator/simulator.ts'
import type { TransferRecord } from '../../../src/model/transfer.ts'
import { recordingBy } from '../../support/ledger.ts'
import { operationsKey, settingsFor, usualScene } from '../../support/service.ts'
import { until } from '../../support/until.ts'

/** A ledger that keeps the first change that `loses` names and says that it did not: the connection broke during COMMIT. */
function losing(ledger: Ledger, loses: (change: Change) => boolean): Ledger {
  let lost = false
  return recordingBy(ledger, async (change, others) => {
    await ledger.record(change, others)
    if (lost || !loses(change)) return
    lost = true
    throw new StoreUnavailable('the connection was lost')
  })
}

t.test('a move that the ledger kept although it said that it did not', async (t) => {
  const simulator = await startSimulator({ requestsPerMinute: 60_000 })
  t.teardown(() => simulator.close())
  const { scene } = simulator

  async function start(
    t: { teardown(work: () => unknown): void },
    loses: (change: Change) => boolean,
    settings: Record<string, string> = {},
  ) {
    const environment = readEnvironment({ ...settingsFor(simulator.url), LOG_LEVEL: 'silent', ...settings })
    const app = await buildApp(environment, createLog('silent'), {
      rules: { settleMs: 300 },
      wrapLedger: (ledger) => losing(ledger, loses),
    })
    await app.listen({ host: '127.0.0.1', port: 0 })
    t.teardown(() => app.close())
    const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}/v1/transfers`
    const ask = (body: object, key?: string) =>
      fetch(url, {
        method: 'POST',
        body: JSON.stringify(body),
        headers: {
          authorization: `Bearer ${operationsKey}`,
          'content-type': 'application/json',
          ...(key !== undefined && { 'idempotency-key': key }),
        },
      })
    const reaches = (conversationId: string, ...states: string[]): Promise<TransferRecord> =>
      until(
        async () => {
          const { items } = await app.ledger.transfers({ conversationId, limit: 1 })
          return items.find(({ state }) => states.includes(state))
        },
        `state ${states.join(' or ')}`,
      )
    return { ask, reaches }
  }

  t.test('given a decision that was kept, when the flow follows it, then that is seen', async (t) => {
    const { ask, reaches } = await start(t, ({ record }) => record.state === 'decided')
    const { conversationId, queueId } = usualScene(scene)
    t.equal(
      (await ask({ conversationId, target: { type: 'queue', queueId }, mode: 'decide' })).status,
      503,
      'the caller was told to come again',
    )
    await reaches(conversationId, 'decided')
    scene.transferByFlow(conversationId, { queueId })
    t.ok(await reaches(conversationId, 'picked_up'))
  })

  t.test('given a decision that was followed, when its move was kept, then the pickup is seen', async (t) => {
    const { ask, reaches } = await start(t, ({ record, from }) => record.state === 'initiated' && from === 'decided')
    const { conversationId, queueId } = usualScene(scene)
    t.equal((await ask({ conversationId, target: { type: 'queue', queueId }, mode: 'decide' })).status, 202)
    scene.transferByFlow(conversationId, { queueId })
    t.ok(await reaches(conversationId, 'picked_up'))
  })

  t.test('given a command that was about to be sent, when executing was kept, then it is over, as the caller was told', async (t) => {
    const { ask, reaches } = await start(t, ({ record }) => record.state === 'executing')
    const { conversationId, queueId } = usualScene(scene)
    t.equal((await ask({ conversationId, target: { type: 'queue', queueId } })).status, 503)
    t.ok(await reaches(conversationId, 'rejected'))
    t.equal(scene.transfers(conversationId).length, 0)
  })

  t.test('given nobody who picks up, when the timeout was kept, then a late pickup is seen all the same', async (t) => {
    const { ask, reaches } = await start(t, ({ record }) => record.state === 'timeout', { PICKUP_TIMEOUT_MS: '1500' })
    const { conversationId, queueId, userId } = usualScene(scene, ['never'])
    scene.setAgent(userId, { routingStatus: 'OFF_QUEUE' })
    t.equal((await ask({ conversationId, target: { type: 'queue', queueId } })).status, 202)
    t.ok((await reaches(conversationId, 'timeout')).lateWatch)
    scene.setAgent(userId, { routingStatus: 'IDLE', answers: [{ after: 10, with: 'pickup' }] })
    await until(async () => !(await reaches(conversationId, 'timeout')).lateWatch, 'the late pickup')
  })

  t.test(
    'given an unknown command that a look found to have moved the call, when that was kept and the pickup is heard before it is known, then the caller is told at once, and what the key tells later',
    async (t) => {
      const moved = ({ record, from }: Change): boolean => record.state === 'initiated' && from === 'executing'
      // Nobody would wait for such a deadline.
      const { ask, reaches } = await start(t, moved, { TRANSFER_DEADLINE_MS: '60000' })
      const { conversationId, queueId } = usualScene(scene)
      scene.addFault({
        operation: 'POST /conversations/{id}/participants/{id}/replace/queue',
        conversationId,
        fault: { kind: 'reset-after' },
      })
      const first = await ask({ conversationId, target: { type: 'queue', queueId } }, 'heard')
      t.equal(first.status, 202)
      await reaches(conversationId, 'picked_up')
      const again = await ask({ conversationId, target: { type: 'queue', queueId } }, 'heard')
      t.equal(again.headers.get('idempotent-replayed'), 'true')
      t.equal(await again.text(), await first.text())
    },
  )
})
