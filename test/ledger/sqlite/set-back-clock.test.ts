/** A ledger that was written when the machine's time, or its uptime, was ahead of what it is now. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir, uptime } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { waitFor } from '../../support/wait-for.ts'
import { createOpener } from '../conformance.ts'
import { claimDueBy, createResult, crmEndpoint, moveThrough, openAccepted } from '../fixtures.ts'

const hourMs = 3_600_000

/** The address of a new file, which is removed after the test. */
function createDatabaseUrl(t: { teardown(work: () => unknown): void }): string {
  const folder = mkdtempSync(join(tmpdir(), 'handoff-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  return `sqlite:${join(folder, 'ledger.db')}`
}

t.test(
  'given a delivery that waits for its next attempt, when the clock was set back before the start, then it waits no longer than planned',
  async (t) => {
    const open = createOpener(t, createDatabaseUrl(t))
    const ahead = () => Date.now() + hourMs
    const earlier = await open({ clock: ahead })
    await moveThrough(earlier, await openAccepted(earlier), 'executing', 'initiated')
    const [delivery] = await earlier.claimDeliveries(claimDueBy(ahead(), 10))
    await earlier.recordDeliveryResult(createResult(String(delivery?.id), 'pending', ahead() + 60_000))
    await earlier.close()
    const ledger = await open()
    await ledger.registerEndpoints([crmEndpoint])
    const nextAt = await ledger.findNextDeliveryAt(crmEndpoint)
    t.ok(nextAt !== undefined && nextAt <= Date.now() + 60_000)
  },
)

t.test('given a paused endpoint, when the clock was set back before the start, then its probe waits no longer than planned', async (t) => {
  const open = createOpener(t, createDatabaseUrl(t))
  const pausePolicy = { failingMs: 0, failures: 1, probeEveryMs: 60_000 }
  const ahead = () => Date.now() + hourMs
  const earlier = await open({ clock: ahead, pausePolicy })
  await moveThrough(earlier, await openAccepted(earlier), 'executing', 'initiated')
  const [delivery] = await earlier.claimDeliveries(claimDueBy(ahead(), 10))
  await earlier.recordDeliveryResult(createResult(String(delivery?.id), 'pending', ahead()))
  await earlier.close()
  const ledger = await open({ pausePolicy })
  await ledger.registerEndpoints([crmEndpoint])
  const nextAt = await ledger.findNextDeliveryAt(crmEndpoint)
  t.ok(nextAt !== undefined && nextAt <= Date.now() + 60_000)
})

t.test(
  'given a node that died before the machine was restarted, when a lease term has passed, then another node claims its transfers',
  async (t) => {
    const open = createOpener(t, createDatabaseUrl(t))
    const dead = await open({ leaseMs: 60, uptimeMs: () => uptime() * 1_000 + hourMs })
    const { id } = await openAccepted(dead)
    const successor = await open({ leaseMs: 60 })
    const claimed = await waitFor(async () => (await successor.claimTransfers(10)).at(0), 'the claim')
    t.match(claimed, { id, owner: successor.nodeId })
  },
)
