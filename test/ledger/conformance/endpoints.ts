import type { AuditEntry, DueDelivery, Ledger, LedgerOptions } from '../../../src/ledger/ledger.ts'
import { until } from '../../support/until.ts'
import type { Given } from '../conformance.ts'
import { accepted, change, crmEndpoint, draft, dueBy, settled, sound, statuses, through } from '../scene.ts'

const other = 'ep_ba9876543210'
/** Paused at once, and probed at once. */
const impatient: Pick<LedgerOptions, 'patience'> = { patience: { failingMs: 0, failures: 3, probeEveryMs: 0 } }
const due = (ledger: Ledger, limit = 10, later = 50) => ledger.dueDeliveries(dueBy(Date.now() + later, limit))
const dueAt = (ledger: Ledger, endpoint: string) => ledger.dueDeliveries({ ...dueBy(Date.now() + 50, 10), endpoint })
const backlog = (ledger: Ledger, limit = 10) => ledger.dueDeliveries({ ...dueBy(Date.now(), limit), lane: 'backlog' })

/** A transfer whose `initiated` is told to both endpoints. */
async function toldToBoth(ledger: Ledger): Promise<string> {
  const executing = await through(ledger, await accepted(ledger), 'executing')
  const initiated = change(executing, 'initiated', { initiatedAt: 1 })
  const events = (initiated.events ?? []).flatMap((event) => [event, { ...event, id: `${event.id}b`, endpoint: other }])
  await ledger.record({ ...initiated, events })
  return executing.id
}
const told = async (ledger: Ledger): Promise<string> => (await through(ledger, await accepted(ledger), 'executing', 'initiated')).id
const failed = (delivery: DueDelivery | undefined) => ({
  ...settled(String(delivery?.id), 'pending', Date.now() - 1),
  ...(delivery?.probe && { probe: true }),
})
async function pausedEndpoint(ledger: Ledger): Promise<void> {
  const turns = []
  for (let count = 0; count < 3; count++) turns.push(await ledger.settleDelivery(failed((await due(ledger, 1))[0])))
  if (turns.join() !== ',,paused') throw new Error(`it is not paused but ${turns.join()}`)
}

export function endpoints(given: Given): void {
  given('an event for two endpoints, when one of them fails, then the other goes on', async (t, open) => {
    const ledger = await open()
    const transferId = await toldToBoth(ledger)
    const [first] = await due(ledger)
    await ledger.settleDelivery(settled(String(first?.id), 'pending', Date.now() + 60_000))
    t.same(await due(ledger), [])
    const [second] = await dueAt(ledger, other)
    t.match(second, { transferId, endpoint: other })
    await ledger.settleDelivery(settled(String(second?.id), 'delivered'))
    t.match((await ledger.deliveries({ endpoint: other, limit: 10 })).items, [{ state: 'delivered' }])
    t.match((await ledger.deliveries({ endpoint: crmEndpoint, limit: 10 })).items, [{ state: 'pending' }])
    t.ok(Number(await ledger.nextDeliveryAt(crmEndpoint)) > Date.now() + 30_000)
    t.equal(await ledger.nextDeliveryAt(other), undefined)
  })

  given(
    'what has been due for long, when deliveries are handed out, then it is backlog, and does not come with what is fresh',
    async (t, open) => {
      const ledger = await open()
      const old = await told(ledger)
      await ledger.settleDelivery(settled(String((await due(ledger))[0]?.id), 'pending', Date.now() - 120_000))
      const fresh = await told(ledger)
      t.match(await due(ledger), [{ transferId: fresh }])
      t.match(await backlog(ledger), [{ transferId: old, tries: 1 }])
      t.same(await backlog(ledger), [])
    },
  )

  given(
    'an endpoint that fails for long, then it is paused: nothing is handed out but one probe when its time has come, which costs no place in the schedule',
    async (t, open) => {
      const audited: AuditEntry[] = []
      const ledger = await open({ ...impatient, onAudit: (entry) => audited.push(entry) })
      await told(ledger)
      await told(ledger)
      await pausedEndpoint(ledger)
      t.match(await ledger.endpoints(), [
        { id: crmEndpoint, failures: 3, failingSince: String, pausedAt: String, nextProbeAt: String, pending: 2 },
      ])
      t.same(await backlog(ledger), [])
      const [probe, ...more] = await due(ledger)
      t.same(more, [])
      t.match(probe, { probe: true })
      t.equal(await ledger.settleDelivery(failed(probe)), undefined)
      const [again] = await due(ledger)
      t.match(again, { id: String(probe?.id), probe: true, tries: probe?.tries, attempts: { length: Number(probe?.attempts.length) + 1 } })
      t.equal(await ledger.settleDelivery(settled(String(again?.id), 'delivered')), 'resumed')
      t.match(await ledger.endpoints(), [{ failures: 0, failingSince: null, pausedAt: null, nextProbeAt: null, pending: 1 }])
      t.match(await due(ledger), [{ probe: false }])
      const turns = () => audited.map(({ status }) => status).filter((status) => status.startsWith('endpoint_'))
      await until(() => turns().length >= 2, 'both turns in the trail')
      t.same(turns(), ['endpoint_paused', 'endpoint_resumed'])
      t.ok(await sound(ledger))
    },
  )

  given('a paused endpoint on two nodes, when it is to be probed, then one of them does', async (t, open) => {
    const patience = { failingMs: 0, failures: 3, probeEveryMs: 600_000 }
    const nodes = [await open({ patience }), await open({ patience })] as [Ledger, Ledger]
    await told(nodes[0])
    await told(nodes[0])
    await pausedEndpoint(nodes[0])
    t.same([await due(nodes[0]), await due(nodes[1])], [[], []], 'not yet')
    const next = await nodes[1].nextDeliveryAt(crmEndpoint)
    t.ok(next !== undefined && next > Date.now() + 300_000, 'and says when')
    const [first] = (await nodes[0].deliveries({ limit: 1 })).items
    await nodes[1].redeliver(String(first?.id))
    const probes = (await Promise.all([due(nodes[0]), due(nodes[1])])).flat()
    t.match(probes, [{ probe: true }], 'whoever asks for a redelivery asks for a probe')
    t.equal(probes.length, 1)
  })

  given(
    'endpoints, when they are enrolled, then an address that was changed takes over what waits, and nothing else moves',
    async (t, open) => {
      const ledger = await open()
      t.same(await ledger.enrolEndpoints([crmEndpoint]), { adopted: 0, former: [] })
      const first = await told(ledger)
      await ledger.settleDelivery(settled(String((await due(ledger))[0]?.id), 'delivered'))
      const second = await told(ledger)
      t.same(await ledger.enrolEndpoints([crmEndpoint]), { adopted: 0, former: [] })
      t.same(await ledger.enrolEndpoints([other]), { adopted: 1, former: [] })
      t.match(await dueAt(ledger, other), [{ transferId: second }])
      t.match(
        (await ledger.deliveries({ transferId: first, limit: 1 })).items,
        [{ endpoint: crmEndpoint }],
        'what was delivered stays as it was',
      )
      t.same(
        await ledger.enrolEndpoints([crmEndpoint]),
        { adopted: 0, former: [other] },
        'an endpoint that was known is no changed address',
      )
      t.same(await ledger.enrolEndpoints(['ep_1', 'ep_2']), { adopted: 0, former: [other] }, 'nor can two be one')
      t.same(await ledger.enrolEndpoints([]), { adopted: 0, former: [other] })
    },
  )

  given(
    'a range of deliveries, when it is redelivered, then all of it goes again behind what is fresh, and nothing beside it',
    async (t, open) => {
      const ledger = await open()
      const ids: string[] = []
      for (let count = 0; count < 5; count++) {
        ids.push(await told(ledger))
        const [one] = await due(ledger)
        await ledger.settleDelivery(settled(String(one?.id), count === 4 ? 'delivered' : 'exhausted'))
      }
      const since = Date.now() - 60_000
      t.equal(await ledger.redeliverAll({ states: ['exhausted', 'refused'], since, endpoint: other }), 0)
      t.equal(await ledger.redeliverAll({ states: ['exhausted'], since: Date.now() + 60_000 }), 0)
      t.equal(await ledger.redeliverAll({ states: ['exhausted'], transferId: String(ids[0]) }), 1)
      t.equal(
        await ledger.redeliverAll({ states: ['exhausted', 'refused'], since, until: Date.now() + 60_000, type: 'transfer.initiated' }),
        3,
      )
      t.same(await due(ledger), [])
      const again = await backlog(ledger)
      t.same(again.map(({ transferId }) => transferId).toSorted(), ids.slice(0, 4).toSorted())
      t.ok(again.every(({ tries, attempts }) => tries === 0 && attempts.length === 1))
    },
  )

  given('deliveries, when they are read one by one or by conversation, type and time, then those are found', async (t, open) => {
    const ledger = await open()
    const record = await through(ledger, await accepted(ledger), 'executing', 'initiated', 'picked_up')
    await told(ledger)
    const { items } = await ledger.deliveries({ conversationId: record.conversationId, limit: 10 })
    t.equal(items.length, 2)
    t.match((await ledger.deliveries({ conversationId: record.conversationId, type: 'transfer.picked_up', limit: 10 })).items, {
      length: 1,
    })
    t.match(await ledger.deliveries({ since: Date.now() + 60_000, limit: 10 }), { items: { length: 0 } })
    t.match(await ledger.deliveries({ since: Date.now() - 60_000, until: Date.now() + 60_000, limit: 10 }), { items: { length: 3 } })
    const [one] = items
    const found = await ledger.delivery(String(one?.id))
    t.match(JSON.parse(String(found?.body)), { data: { actionId: record.id } })
    t.equal(await ledger.delivery('evt_unknown'), undefined)
  })

  given('audit rows of several conversations, when one is asked for, then its rows come, in order and of the span', async (t, open) => {
    const ledger = await open()
    const record = await through(ledger, await accepted(ledger), 'executing', 'initiated')
    await told(ledger)
    await ledger.note(draft('caller_refused'))
    const of = async (span: { since: number; until: number }): Promise<string[]> => {
      const rows: string[] = []
      for await (const page of ledger.audit({ ...span, conversationId: record.conversationId }))
        rows.push(...page.map(({ status }) => status))
      return rows
    }
    t.same(await of({ since: 0, until: Number.MAX_SAFE_INTEGER }), await statuses(ledger, record.id))
    t.same(await of({ since: Date.now() + 60_000, until: Number.MAX_SAFE_INTEGER }), [])
  })
}
