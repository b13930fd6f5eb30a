/** The proof of delivery: events are queued while their sender is killed again and again and their receivers fail in every way. */
import { randomUUID } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import type { CrmEvent } from '../../../src/ledger/ledger.ts'
import { openLedger } from '../../../src/ledger/open.ts'
import { auditKey, insist } from '../../ledger/scene.ts'
import { until } from '../../support/until.ts'
import type { Stores } from '../harness/stores.ts'
import { newTally, remark, type Tally } from '../harness/tally.ts'
import { hang } from './webhook-answers.ts'
import { eventsEach, writeTransfer, type Sequence } from './webhook-events.ts'
import { startFailingReceiver, type FailingReceiver } from './webhook-receiver.ts'
import { startSender } from './webhook-sender-process.ts'
import type { SenderOrders } from './webhook-sender.ts'
import { allDeliveries, inOrder, kept, oneBody, trailHolds } from './webhook-verdict.ts'

export interface WebhookOptions {
  /** Four events each, for each of two endpoints. */
  transfers: number
  kills: number
  progress?: (text: string) => void
}

const waits = [0, 20, 50, 100, 200, 200, 200, 200, 200, 200]
const timeoutMs = 300
const senderLeaseMs = 800
const writerLeaseMs = 60_000
const writers = 8
/** The writers wait while more is pending: they must not outrun the schedule. */
const mostPending = 600
const lookMs = 20
/** For any one thing to come about; a machine that is busy needs its time. */
const mostMs = 240_000
/** One event in so many is never taken by anybody. */
const doomedEvery = 97
const secret = (): string => `whsec_${Buffer.from(randomUUID()).toString('base64')}`

/** The one that does well, and the one that does not; together they fail three times in ten. */
const characters = [
  { id: 'ep_00000000good', failing: 0.15, secrets: [secret()], more: [] },
  { id: 'ep_000000000bad', failing: 0.45, secrets: [secret(), secret()], more: [hang, hang, hang] },
] as const

interface Side {
  id: string
  secrets: string
  receiver: FailingReceiver
  sequences: Sequence[]
}

/** Runs it, waits until nothing is pending, and judges. */
export async function webhookRun(stores: Stores, { transfers, kills, progress = () => {} }: WebhookOptions): Promise<Tally> {
  const total = transfers * eventsEach * characters.length
  const tally = newTally(`webhooks: ${total} events, ${kills} kills (${stores.backend})`)
  const databaseUrl = await stores.fresh()
  const doomed = new Set<string>()
  const sides: Side[] = await Promise.all(
    characters.map(async ({ id, failing, secrets, more }) => ({
      id,
      secrets: secrets.join(),
      receiver: await startFailingReceiver({ secrets, failing, more, doomed }),
      sequences: [],
    })),
  )
  const [good, bad] = sides.map(({ receiver }) => receiver) as [FailingReceiver, FailingReceiver]
  const taken = (): number => good.taken.size + bad.taken.size
  const orders: SenderOrders = {
    databaseUrl,
    auditKey,
    timeoutMs,
    waits,
    leaseMs: senderLeaseMs,
    endpoints: sides.map(({ id, secrets, receiver }) => ({ id, secrets, url: receiver.url })),
  }
  const ledger = await openLedger(databaseUrl, { auditKey, leaseMs: writerLeaseMs })
  const renewal = setInterval(() => void ledger.renew().catch(() => {}), writerLeaseMs / 10)
  let sender = startSender(orders, tally)
  let written = 0
  let events = 0

  const pending = async (): Promise<number[]> => {
    const health = await insist(() => ledger.endpoints())
    return sides.map(({ id }) => health.find((one) => one.id === id)?.pending ?? 0)
  }
  const doom = ({ id }: CrmEvent): void => void (events++ % doomedEvery === doomedEvery - 1 && doomed.add(id))
  async function write(): Promise<void> {
    for (let mine = written++; mine < transfers; mine = written++) {
      if (mine % writers === 0) await until(async () => Math.min(...(await pending())) < mostPending, 'room in the queue', mostMs)
      const told = await writeTransfer(
        ledger,
        sides.map(({ id }) => id),
        doom,
      )
      for (const [at, { sequences }] of sides.entries()) sequences.push(told[at] ?? [])
    }
  }
  async function kill(): Promise<void> {
    for (let number = 1; number <= kills; number++) {
      // Spread over the whole run, and at no moment that the sender could know.
      const at = ((number - Math.random()) / kills) * total * 0.9
      await until(() => taken() >= at, `the moment of kill ${number}`, mostMs)
      await setTimeout(Math.random() * timeoutMs)
      await sender.kill()
      const [since, before] = [Date.now(), taken()]
      sender = startSender(orders, tally)
      await sender.ready
      await until(() => taken() > before, `something after kill ${number}`, mostMs)
      tally.slowestMs = Math.max(tally.slowestMs, Date.now() - since)
      tally.runs++
      progress(`${number} kills, ${taken()} of ${total} taken`)
    }
  }
  /** While one endpoint hangs on everything, the other is told of as much as ever. */
  async function stall(): Promise<void> {
    await until(() => taken() >= total / 3, 'a third', mostMs)
    bad.stall(true)
    const before = good.taken.size
    const more = Math.ceil(total / 20)
    try {
      await until(() => good.taken.size >= before + more, `${more} events for one endpoint while the other hangs`, mostMs / 5)
      remark(tally, 'taken by one endpoint while the other answered nothing at all', good.taken.size - before)
    } finally {
      bad.stall(false)
    }
  }

  const began = Date.now()
  try {
    // The sender is told of nothing that other processes queue in a file, and looks by itself every few seconds: what is there when it starts it finds at once.
    await Promise.all([stall(), kill(), ...Array.from({ length: writers }, write)])
    await until(async () => (await pending()).every((many) => many === 0) || setTimeout(lookMs, false), 'the end of the queue', mostMs)
    remark(tally, 'seconds until nothing was pending', Math.round((Date.now() - began) / 1000))
    await sender.kill()
    const deliveries = await allDeliveries(ledger)
    for (const { id, receiver, sequences } of sides) {
      tally.violations.push(
        ...kept(sequences, deliveries, receiver),
        ...inOrder(sequences, deliveries, receiver),
        ...oneBody(sequences, receiver),
      )
      account(tally, id, receiver)
    }
    if (deliveries.size !== total) tally.violations.push({ kind: 'lost', what: `${deliveries.size} deliveries of ${total}` })
    for (const { state } of deliveries.values()) remark(tally, `deliveries ${state}`)
    if (doomed.size === 0) tally.unreached++
    for (const id of doomed) if (deliveries.get(id)?.state !== 'exhausted') tally.unreached++
    tally.violations.push(...(await trailHolds(ledger, auditKey, deliveries)))
  } catch (error) {
    tally.violations.push({ kind: 'harness', what: (error as Error).stack ?? String(error) })
  } finally {
    clearInterval(renewal)
    await sender.kill()
    await ledger.close()
    await Promise.all(sides.map(({ receiver }) => receiver.close()))
  }
  return tally
}

/** What an endpoint saw, counted. */
function account(tally: Tally, id: string, { arrivals, taken }: FailingReceiver): void {
  const took = arrivals.filter(({ way }) => way.takes).length
  const failed = arrivals.filter(({ way }) => way.name !== '200').length
  remark(tally, `${id}: attempts that arrived`, arrivals.length)
  remark(tally, `${id}: of 100 attempts failed`, Math.round((100 * failed) / arrivals.length))
  remark(tally, `${id}: taken again (same id, same body)`, took - taken.size)
  for (const { way } of arrivals) remark(tally, `${id}: ${way.name}`)
}
