/** Behaviors of webhook endpoints: paused and probed, registered and reassigned; and of deliveries selected by endpoint, range and conversation. */
import type { AuditEntry, AuditFilter } from '../../../src/ledger/contract/audit.ts'
import type { ClaimedDelivery } from '../../../src/ledger/contract/deliveries.ts'
import type { Ledger } from '../../../src/ledger/contract/ledger.ts'
import { waitFor } from '../../support/wait-for.ts'
import type { DeclareBehavior } from '../conformance.ts'
import {
  claimDueBy,
  createChange,
  createDraft,
  createResult,
  crmEndpoint,
  isTrailSound,
  moveThrough,
  openAccepted,
  readStatuses,
} from '../fixtures.ts'

/** A delivery that has been due for longer than a minute is backlog (src/ledger/contract/deliveries.ts). */
const freshMs = 60_000
const otherEndpoint = 'ep_ba9876543210'
/** Pauses an endpoint after three failures, and probes it at once. */
const strictPolicy = { failingMs: 0, failures: 3, probeEveryMs: 0 }

const claimDue = (ledger: Ledger, limit = 10, aheadMs = 50) => ledger.claimDeliveries(claimDueBy(Date.now() + aheadMs, limit))
const claimDueOf = (ledger: Ledger, endpoint: string) => ledger.claimDeliveries({ ...claimDueBy(Date.now() + 50, 10), endpoint })
const claimBacklog = (ledger: Ledger, limit = 10) => ledger.claimDeliveries({ ...claimDueBy(Date.now(), limit), lane: 'backlog' })

/** Creates a transfer with an event for `initiated`. @returns its id */
const createInitiated = async (ledger: Ledger): Promise<string> =>
  (await moveThrough(ledger, await openAccepted(ledger), 'executing', 'initiated')).id
/** Creates a transfer with an event for `initiated` to each of the two endpoints. @returns its id */
async function createInitiatedForBoth(ledger: Ledger): Promise<string> {
  const executing = await moveThrough(ledger, await openAccepted(ledger), 'executing')
  const initiated = createChange(executing, 'initiated', { initiatedAt: 1 })
  const events = (initiated.events ?? []).flatMap((event) => [event, { ...event, id: `${event.id}b`, endpoint: otherEndpoint }])
  await ledger.writeChange({ ...initiated, events })
  return executing.id
}

/** A failed attempt whose next one is due at once. */
const createFailure = (delivery: ClaimedDelivery | undefined) => ({
  ...createResult(String(delivery?.id), 'pending', Date.now() - 1),
  ...(delivery?.isProbe && { isProbe: true }),
})
/** Fails three attempts, after which the strict policy pauses the endpoint. */
async function pauseEndpoint(ledger: Ledger): Promise<void> {
  const transitions = []
  for (let count = 0; count < 3; count++) transitions.push(await ledger.recordDeliveryResult(createFailure((await claimDue(ledger, 1))[0])))
  // The first two results change nothing (undefined).
  if (transitions.join() !== ',,paused') throw new Error(`the endpoint was not paused: ${transitions.join()}`)
}

export function testEndpoints(given: DeclareBehavior): void {
  given('an event for two endpoints, when one of them fails, then the other one is not affected', async (t, open) => {
    const ledger = await open()
    const transferId = await createInitiatedForBoth(ledger)
    const [first] = await claimDue(ledger)
    await ledger.recordDeliveryResult(createResult(String(first?.id), 'pending', Date.now() + 60_000))
    t.same(await claimDue(ledger), [])
    const [second] = await claimDueOf(ledger, otherEndpoint)
    t.match(second, { transferId, endpoint: otherEndpoint })
    await ledger.recordDeliveryResult(createResult(String(second?.id), 'delivered'))
    t.match((await ledger.listDeliveries({ endpoint: otherEndpoint, limit: 10 })).items, [{ state: 'delivered' }])
    t.match((await ledger.listDeliveries({ endpoint: crmEndpoint, limit: 10 })).items, [{ state: 'pending' }])
    t.ok(Number(await ledger.findNextDeliveryAt(crmEndpoint)) > Date.now() + 30_000)
    t.equal(await ledger.findNextDeliveryAt(otherEndpoint), undefined)
  })

  given(
    'a delivery that has been due for long, when deliveries are claimed, then it is backlog, and is not claimed with the fresh ones',
    async (t, open) => {
      const ledger = await open()
      const old = await createInitiated(ledger)
      await ledger.recordDeliveryResult(createResult(String((await claimDue(ledger))[0]?.id), 'pending', Date.now() - 2 * freshMs))
      const fresh = await createInitiated(ledger)
      t.match(await claimDue(ledger), [{ transferId: fresh }])
      t.match(await claimBacklog(ledger), [{ transferId: old, tries: 1 }])
      t.same(await claimBacklog(ledger), [])
    },
  )

  given(
    'an endpoint that keeps failing, when it is paused, then only due probes are claimed, and a failed probe does not advance the retry schedule',
    async (t, open) => {
      const audited: AuditEntry[] = []
      const ledger = await open({ pausePolicy: strictPolicy, onAudit: (entry) => audited.push(entry) })
      await createInitiated(ledger)
      await createInitiated(ledger)
      await pauseEndpoint(ledger)
      t.match(await ledger.listEndpoints(), [
        { id: crmEndpoint, failures: 3, failingSince: String, pausedAt: String, nextProbeAt: String, pending: 2 },
      ])
      t.same(await claimBacklog(ledger), [])
      const [probe, ...others] = await claimDue(ledger)
      t.same(others, [])
      t.match(probe, { isProbe: true })
      t.equal(await ledger.recordDeliveryResult(createFailure(probe)), undefined)
      const [nextProbe] = await claimDue(ledger)
      t.match(nextProbe, {
        id: String(probe?.id),
        isProbe: true,
        tries: probe?.tries,
        attempts: { length: Number(probe?.attempts.length) + 1 },
      })
      t.equal(await ledger.recordDeliveryResult(createResult(String(nextProbe?.id), 'delivered')), 'resumed')
      t.match(await ledger.listEndpoints(), [{ failures: 0, failingSince: null, pausedAt: null, nextProbeAt: null, pending: 1 }])
      t.match(await claimDue(ledger), [{ isProbe: false }])
      const endpointStatuses = () => audited.map(({ status }) => status).filter((status) => status.startsWith('endpoint_'))
      await waitFor(() => endpointStatuses().length >= 2, 'both endpoint entries in the trail')
      t.same(endpointStatuses(), ['endpoint_paused', 'endpoint_resumed'])
      t.ok(await isTrailSound(ledger))
    },
  )

  given('a paused endpoint on two nodes, when a probe is due, then one of them claims it', async (t, open) => {
    const pausePolicy = { failingMs: 0, failures: 3, probeEveryMs: 600_000 }
    const ledgers = [await open({ pausePolicy }), await open({ pausePolicy })] as [Ledger, Ledger]
    await createInitiated(ledgers[0])
    await createInitiated(ledgers[0])
    await pauseEndpoint(ledgers[0])
    t.same([await claimDue(ledgers[0]), await claimDue(ledgers[1])], [[], []], 'no probe is due yet')
    const next = await ledgers[1].findNextDeliveryAt(crmEndpoint)
    t.ok(next !== undefined && next > Date.now() + 300_000, 'the ledger knows when the next probe is due')
    const [first] = (await ledgers[0].listDeliveries({ limit: 1 })).items
    await ledgers[1].redeliver(String(first?.id))
    const probes = (await Promise.all([claimDue(ledgers[0]), claimDue(ledgers[1])])).flat()
    t.match(probes, [{ isProbe: true }], 'a redelivery makes a probe due')
    t.equal(probes.length, 1)
  })

  given(
    'endpoints, when they are registered, then one whose address was changed takes over the pending deliveries, and nothing else moves',
    async (t, open) => {
      const ledger = await open()
      t.same(await ledger.registerEndpoints([crmEndpoint]), { reassigned: 0, unconfigured: [] })
      const delivered = await createInitiated(ledger)
      await ledger.recordDeliveryResult(createResult(String((await claimDue(ledger))[0]?.id), 'delivered'))
      const pending = await createInitiated(ledger)
      t.same(await ledger.registerEndpoints([crmEndpoint]), { reassigned: 0, unconfigured: [] })
      t.same(await ledger.registerEndpoints([otherEndpoint]), { reassigned: 1, unconfigured: [] })
      t.match(await claimDueOf(ledger, otherEndpoint), [{ transferId: pending }])
      t.match(
        (await ledger.listDeliveries({ transferId: delivered, limit: 1 })).items,
        [{ endpoint: crmEndpoint }],
        'a delivered one keeps its endpoint',
      )
      t.same(
        await ledger.registerEndpoints([crmEndpoint]),
        { reassigned: 0, unconfigured: [otherEndpoint] },
        'an endpoint that was registered before is not a changed address',
      )
      t.same(
        await ledger.registerEndpoints(['ep_1', 'ep_2']),
        { reassigned: 0, unconfigured: [otherEndpoint] },
        'two new endpoints are not a changed address',
      )
      t.same(await ledger.registerEndpoints([]), { reassigned: 0, unconfigured: [otherEndpoint] })
    },
  )

  given(
    'a range of deliveries, when it is redelivered, then all of it is queued again as backlog, and no other delivery is',
    async (t, open) => {
      const ledger = await open()
      const transferIds: string[] = []
      for (let count = 0; count < 5; count++) {
        transferIds.push(await createInitiated(ledger))
        const [delivery] = await claimDue(ledger)
        await ledger.recordDeliveryResult(createResult(String(delivery?.id), count === 4 ? 'delivered' : 'exhausted'))
      }
      const since = Date.now() - 60_000
      t.equal(await ledger.redeliverAll({ states: ['exhausted', 'refused'], since, endpoint: otherEndpoint }), 0)
      t.equal(await ledger.redeliverAll({ states: ['exhausted'], since: Date.now() + 60_000 }), 0)
      t.equal(await ledger.redeliverAll({ states: ['exhausted'], transferId: String(transferIds[0]) }), 1)
      t.equal(
        await ledger.redeliverAll({ states: ['exhausted', 'refused'], since, until: Date.now() + 60_000, type: 'transfer.initiated' }),
        3,
        'the other three that are exhausted; the first one is pending again',
      )
      t.same(await claimDue(ledger), [])
      const redelivered = await claimBacklog(ledger)
      t.same(redelivered.map(({ transferId }) => transferId).toSorted(), transferIds.slice(0, 4).toSorted())
      t.ok(redelivered.every(({ tries, attempts }) => tries === 0 && attempts.length === 1))
    },
  )

  given(
    'deliveries, when they are read by id, or by conversation, type and time, then exactly those that match are found',
    async (t, open) => {
      const ledger = await open()
      const record = await moveThrough(ledger, await openAccepted(ledger), 'executing', 'initiated', 'picked_up')
      await createInitiated(ledger)
      const { items } = await ledger.listDeliveries({ conversationId: record.conversationId, limit: 10 })
      t.equal(items.length, 2)
      t.match((await ledger.listDeliveries({ conversationId: record.conversationId, type: 'transfer.picked_up', limit: 10 })).items, {
        length: 1,
      })
      t.match(await ledger.listDeliveries({ since: Date.now() + 60_000, limit: 10 }), { items: { length: 0 } })
      t.match(await ledger.listDeliveries({ since: Date.now() - 60_000, until: Date.now() + 60_000, limit: 10 }), { items: { length: 3 } })
      const [first] = items
      const found = await ledger.findDelivery(String(first?.id))
      t.match(JSON.parse(String(found?.body)), { data: { actionId: record.id } })
      t.equal(await ledger.findDelivery('evt_unknown'), undefined)
    },
  )

  given(
    'audit entries of several conversations, when one conversation is exported, then the export has its entries of the period, in order',
    async (t, open) => {
      const ledger = await open()
      const record = await moveThrough(ledger, await openAccepted(ledger), 'executing', 'initiated')
      await createInitiated(ledger)
      await ledger.appendAudit(createDraft('caller_refused'))
      const exportStatuses = async (period: Pick<AuditFilter, 'since' | 'until'>): Promise<string[]> => {
        const exported: string[] = []
        for await (const page of ledger.exportAudit({ ...period, conversationId: record.conversationId }))
          exported.push(...page.map(({ status }) => status))
        return exported
      }
      t.same(await exportStatuses({ since: 0, until: Number.MAX_SAFE_INTEGER }), await readStatuses(ledger, record.id))
      t.same(await exportStatuses({ since: Date.now() + 60_000, until: Number.MAX_SAFE_INTEGER }), [])
    },
  )
}
