/** What happens to a transfer when the ledger commits a write but reports it as failed. */
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { buildApp } from '../../../src/app.ts'
import { readEnvironment } from '../../../src/environment.ts'
import { StoreUnavailable } from '../../../src/ledger/contract/errors.ts'
import type { Ledger } from '../../../src/ledger/contract/ledger.ts'
import type { Change } from '../../../src/ledger/contract/transfers.ts'
import { createLog } from '../../../src/telemetry/log.ts'
import { startSimulator } from '../../../src/simulator/simulator.ts'
import type { TransferRecord } from '../../../src/model/transfer.ts'
import { overrideWriteChange } from '../../support/override-write-change.ts'
import { operationsKey, testSettings } from '../../support/settings.ts'
import { setUpIvrCall } from '../../support/calls.ts'
import { waitFor } from '../../support/wait-for.ts'

/** A ledger that commits the first change that `isLost` accepts and reports it as failed, as when the connection breaks during COMMIT. */
function loseAcknowledgement(ledger: Ledger, isLost: (change: Change) => boolean): Ledger {
  let hasLost = false
  return overrideWriteChange(ledger, async (change, others) => {
    await ledger.writeChange(change, others)
    if (hasLost || !isLost(change)) return
    hasLost = true
    throw new StoreUnavailable('the connection was lost')
  })
}

t.test('given a write that was committed but reported as failed', async (t) => {
  const simulator = await startSimulator({ requestsPerMinute: 60_000 })
  t.teardown(() => simulator.close())
  const { control } = simulator

  /** Starts a service whose ledger loses one acknowledgement. */
  async function start(
    t: { teardown(work: () => unknown): void },
    isLost: (change: Change) => boolean,
    settings: Record<string, string> = {},
  ) {
    const environment = readEnvironment({ ...testSettings(simulator.url), LOG_LEVEL: 'silent', ...settings })
    const app = await buildApp(environment, createLog('silent'), {
      rules: { notExecutedAfterMs: 300 },
      wrapLedger: (ledger) => loseAcknowledgement(ledger, isLost),
    })
    await app.listen({ host: '127.0.0.1', port: 0 })
    t.teardown(() => app.close())
    const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}/v1/transfers`
    const post = (body: object, key?: string) =>
      fetch(url, {
        method: 'POST',
        body: JSON.stringify(body),
        headers: {
          authorization: `Bearer ${operationsKey}`,
          'content-type': 'application/json',
          ...(key !== undefined && { 'idempotency-key': key }),
        },
      })
    /** Waits until the last transfer of a conversation is in one of the states. */
    const waitForState = (conversationId: string, ...states: string[]): Promise<TransferRecord> =>
      waitFor(
        async () => {
          const { items } = await app.ledger.listTransfers({ conversationId, limit: 1 })
          return items.find(({ state }) => states.includes(state))
        },
        `state ${states.join(' or ')}`,
      )
    return { post, waitForState }
  }

  t.test('when the write was a decision and the flow then transfers the call, then the pickup is recorded', async (t) => {
    const { post, waitForState } = await start(t, ({ record }) => record.state === 'decided')
    const { conversationId, queueId } = setUpIvrCall(control)
    t.equal((await post({ conversationId, target: { type: 'queue', queueId }, mode: 'decide' })).status, 503, 'the caller is told to retry')
    await waitForState(conversationId, 'decided')
    control.transferByFlow(conversationId, { queueId })
    t.ok(await waitForState(conversationId, 'picked_up'))
  })

  t.test('when the write recorded a transfer by a flow, then the pickup is recorded', async (t) => {
    const { post, waitForState } = await start(t, ({ record, from }) => record.state === 'initiated' && from === 'decided')
    const { conversationId, queueId } = setUpIvrCall(control)
    t.equal((await post({ conversationId, target: { type: 'queue', queueId }, mode: 'decide' })).status, 202)
    control.transferByFlow(conversationId, { queueId })
    t.ok(await waitForState(conversationId, 'picked_up'))
  })

  t.test(
    'when the write was the change to executing, then no command is sent and the transfer is rejected, because the caller was told that nothing was done',
    async (t) => {
      const { post, waitForState } = await start(t, ({ record }) => record.state === 'executing')
      const { conversationId, queueId } = setUpIvrCall(control)
      t.equal((await post({ conversationId, target: { type: 'queue', queueId } })).status, 503)
      t.ok(await waitForState(conversationId, 'rejected'))
      t.equal(control.transfers(conversationId).length, 0)
    },
  )

  t.test('when the write was the change to timeout, then a late pickup is still recorded', async (t) => {
    const { post, waitForState } = await start(t, ({ record }) => record.state === 'timeout', { PICKUP_TIMEOUT_MS: '1500' })
    const { conversationId, queueId, userId } = setUpIvrCall(control, ['never'])
    control.setAgent(userId, { routingStatus: 'OFF_QUEUE' })
    t.equal((await post({ conversationId, target: { type: 'queue', queueId } })).status, 202)
    t.ok((await waitForState(conversationId, 'timeout')).lateWatch)
    control.setAgent(userId, { routingStatus: 'IDLE', answers: [{ after: 10, with: 'pickup' }] })
    await waitFor(async () => !(await waitForState(conversationId, 'timeout')).lateWatch, 'the late pickup')
  })

  t.test(
    'when the write resolved an unknown outcome and a pickup event arrives before it is repeated, then the caller is answered at once, and a request with the same key gets the same response',
    async (t) => {
      const isResolution = ({ record, from }: Change): boolean => record.state === 'initiated' && from === 'executing'
      // The deadline is longer than the timeout of the test, so the response cannot have waited for the deadline.
      const { post, waitForState } = await start(t, isResolution, { TRANSFER_DEADLINE_MS: '60000' })
      const { conversationId, queueId } = setUpIvrCall(control)
      control.addFault({
        operation: 'POST /conversations/{id}/participants/{id}/replace/queue',
        conversationId,
        fault: { kind: 'reset-after' },
      })
      const first = await post({ conversationId, target: { type: 'queue', queueId } }, 'lost')
      t.equal(first.status, 202)
      await waitForState(conversationId, 'picked_up')
      const again = await post({ conversationId, target: { type: 'queue', queueId } }, 'lost')
      t.equal(again.headers.get('idempotent-replayed'), 'true')
      t.equal(await again.text(), await first.text())
    },
  )
})
