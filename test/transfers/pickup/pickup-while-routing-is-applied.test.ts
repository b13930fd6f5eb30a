import t from 'tap'
import { recordingBy } from '../../support/ledger.ts'
import { startWorld, usualScene } from '../../support/service.ts'
import { until } from '../../support/until.ts'
import type { Ledger } from '../../../src/ledger/ledger.ts'

/** A ledger that is slow to take the note that skills were put on, until the pickup is to be written. */
function slowAtRouting(ledger: Ledger, held: () => void): Ledger {
  let routingWritten: Promise<void> | undefined
  let letGo = (): void => {}
  const pickupComes = new Promise<void>((comes) => (letGo = comes))
  return recordingBy(ledger, async (change, others) => {
    const notes = [change.audit, ...(change.further ?? [])].map((note) => note?.status)
    if (notes.includes('routing_applied')) {
      held()
      return (routingWritten = pickupComes.then(() => ledger.record(change, others)))
    }
    if (change.record.state === 'picked_up') {
      letGo()
      await routingWritten
    }
    return ledger.record(change, others)
  })
}

t.test(
  'given skills that were put on a call, when the pickup is heard while that is being written, then the trail does not say that they came too late',
  async (t) => {
    let isHeld = false
    const wrapLedger = (ledger: Ledger): Ledger => slowAtRouting(ledger, () => void (isHeld = true))
    const { app, scene, transfer } = await startWorld(
      t,
      { PICKUP_POLL_INTERVAL_MS: '30000', PICKUP_TIMEOUT_MS: '60000' },
      {},
      { wrapLedger },
    )
    const { conversationId, queueId, userId } = usualScene(scene, ['never'])
    scene.setAgent(userId, { routingStatus: 'OFF_QUEUE' })
    const { status, body } = await transfer({ conversationId, target: { type: 'queue', queueId }, priority: 5 })
    t.equal(status, 202)
    await until(async () => isHeld, 'skills on the call')
    scene.setAgent(userId, { routingStatus: 'IDLE', answers: [{ after: 10, with: 'pickup' }] })
    const record = await until(async () => {
      const now = await app.ledger.transfer(body.id)
      return now?.state === 'picked_up' && now
    }, 'the pickup')
    t.equal(record.routing, 'done')
    const trail = await app.ledger.auditOf(body.id)
    t.ok(trail.some((entry) => entry.status === 'routing_applied'))
    t.equal(trail.find((entry) => entry.status === 'picked_up')?.detail['routing'], undefined)
  },
)
