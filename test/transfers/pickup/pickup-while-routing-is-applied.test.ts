/** A pickup event while the ledger still writes that the skills were applied must not record them as too late. */
import t from 'tap'
import { overrideWriteChange } from '../../support/override-write-change.ts'
import { startTestSystem } from '../../support/test-system.ts'
import { setUpIvrCall } from '../../support/calls.ts'
import { waitFor } from '../../support/wait-for.ts'
import type { Ledger } from '../../../src/ledger/contract/ledger.ts'

/** A ledger that holds the write of `routing_applied` until the write of the pickup begins. @param onHeld called when it holds the write */
function delayRoutingWrite(ledger: Ledger, onHeld: () => void): Ledger {
  let routingWrite: Promise<void> | undefined
  const { promise: pickupBegins, resolve: release } = Promise.withResolvers<void>()
  return overrideWriteChange(ledger, async (change, others) => {
    const statuses = [change.audit, ...(change.additionalAudit ?? [])].map((draft) => draft?.status)
    if (statuses.includes('routing_applied')) {
      onHeld()
      return (routingWrite = pickupBegins.then(() => ledger.writeChange(change, others)))
    }
    if (change.record.state === 'picked_up') {
      release()
      await routingWrite
    }
    return ledger.writeChange(change, others)
  })
}

t.test(
  'given a priority that was put on a call, when a pickup event arrives while that is being written, then the audit trail does not say that it came too late',
  async (t) => {
    let isHeld = false
    const wrapLedger = (ledger: Ledger): Ledger => delayRoutingWrite(ledger, () => void (isHeld = true))
    const { app, control, postTransfer } = await startTestSystem(
      t,
      { PICKUP_POLL_INTERVAL_MS: '30000', PICKUP_TIMEOUT_MS: '60000' },
      {},
      { wrapLedger },
    )
    const { conversationId, queueId, userId } = setUpIvrCall(control, ['never'])
    control.setAgent(userId, { routingStatus: 'OFF_QUEUE' })
    const { status, body } = await postTransfer({ conversationId, target: { type: 'queue', queueId }, priority: 5 })
    t.equal(status, 202)
    await waitFor(() => isHeld && app.genesys.feed?.state().subscribed === 1, 'the write that is held, and the subscription')
    control.setAgent(userId, { routingStatus: 'IDLE', answers: [{ after: 10, with: 'pickup' }] })
    const record = await waitFor(async () => {
      const current = await app.ledger.findTransfer(body.id)
      return current?.state === 'picked_up' && current
    }, 'the pickup')
    t.equal(record.routing, 'done')
    const entries = await app.ledger.findAuditEntries(body.id)
    t.ok(entries.some((entry) => entry.status === 'routing_applied'))
    t.equal(entries.find((entry) => entry.status === 'picked_up')?.detail['routing'], undefined)
  },
)
