/** While the ledger cannot be written, a waiting call causes few requests to the platform and few log lines, whatever events arrive. */
import { setTimeout } from 'node:timers/promises'
import t from 'tap'
import { StoreUnavailable } from '../../../src/ledger/contract/errors.ts'
import type { Ledger } from '../../../src/ledger/contract/ledger.ts'
import { overrideWriteChange } from '../../support/override-write-change.ts'
import { createPlatformClient } from '../../support/platform-client.ts'
import { setUpIvrCall } from '../../support/calls.ts'
import { startTestSystem } from '../../support/test-system.ts'
import { waitFor } from '../../support/wait-for.ts'

const setRouting = 'PATCH /routing/conversations/{id}'
const setAttributes = 'PATCH /conversations/{id}/participants/{id}/attributes'

/** Starts a system with a waiting call. Its ledger refuses changes of an `initiated` transfer while `outage.isOn`. */
async function startWithOutage(t: Parameters<typeof startTestSystem>[0], settings: Record<string, string> = {}) {
  const outage = { isOn: true, refusedWrites: 0 }
  const wrapLedger = (ledger: Ledger): Ledger =>
    overrideWriteChange(ledger, async (change, others) => {
      if (outage.isOn && change.from === 'initiated') {
        outage.refusedWrites++
        throw new StoreUnavailable('the disk is full')
      }
      return ledger.writeChange(change, others)
    })
  const system = await startTestSystem(t, { PICKUP_POLL_INTERVAL_MS: '500', PICKUP_TIMEOUT_MS: '60000', ...settings }, {}, { wrapLedger })
  const { conversationId, queueId, userId } = setUpIvrCall(system.control, ['never'])
  system.control.setAgent(userId, { routingStatus: 'OFF_QUEUE' })
  const { body } = await system.postTransfer({ conversationId, target: { type: 'queue', queueId }, priority: 5 })
  const counts = (): Record<string, number> => system.control.requests().counts
  return { ...system, outage, conversationId, userId, id: body.id, counts }
}

// The tests mostly wait, each for a system of its own.
t.jobs = 2

for (const PICKUP_EVENTS of ['on', 'off'])
  t.test(
    `given a ledger that cannot be written and events ${PICKUP_EVENTS}, when the platform has accepted the updates of a waiting call, then they are not sent again, and are recorded once the ledger works`,
    async (t) => {
      const { app, control, simulator, outage, conversationId, userId, id, counts, logLines } = await startWithOutage(t, { PICKUP_EVENTS })
      await waitFor(() => outage.refusedWrites >= 1, 'a write that is refused')
      if (PICKUP_EVENTS === 'on') await waitFor(() => app.genesys.feed?.state().subscribed === 1, 'the subscription')
      const others = 40
      // Each change of the conversation causes an event.
      const platform = createPlatformClient(simulator.url)
      const { participants } = await platform.getConversation(conversationId)
      const customer = participants.find(({ purpose }) => purpose === 'customer')
      for (let index = 0; index < others; index++) {
        const path = `/conversations/${conversationId}/participants/${customer?.id}/attributes`
        await platform.sendCommand(path, { attributes: { step: String(index) } }, 'PATCH')
        await setTimeout(50)
      }
      await waitFor(() => outage.refusedWrites >= 3, 'two more tries to write')
      t.equal(counts()[setRouting], 1)
      t.equal(counts()[setAttributes], 1 + others)
      const lines = logLines.filter((line) => JSON.stringify(line).includes('could not be watched'))
      t.strictSame(lines, [], 'the outage of the ledger is logged once, and not again for each transfer')
      outage.isOn = false
      const record = await waitFor(async () => {
        const current = await app.ledger.findTransfer(id)
        return current?.routing === 'done' && current
      }, 'the record of the update')
      t.equal(record.mirror, 'done')
      const statuses = (await app.ledger.findAuditEntries(id)).map(({ status }) => status)
      t.equal(statuses.filter((status) => status === 'routing_applied').length, 1)
      t.equal(statuses.filter((status) => status === 'loop_guard_mirrored').length, 1)
      t.equal(counts()[setRouting], 1)
      control.setAgent(userId, { routingStatus: 'IDLE', answers: [{ after: 10, with: 'pickup' }] })
      const picked = await waitFor(async () => {
        const current = await app.ledger.findTransfer(id)
        return current?.state === 'picked_up' && current
      }, 'the pickup')
      t.equal(picked.routing, 'done')
    },
  )
