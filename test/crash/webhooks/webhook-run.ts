/** The webhook campaign: events are queued while their sender is killed again and again and their receivers fail in every way. */
import { setTimeout } from 'node:timers/promises'
import type { CrmEvent } from '../../../src/ledger/contract/deliveries.ts'
import type { Ledger } from '../../../src/ledger/contract/ledger.ts'
import { openLedger } from '../../../src/ledger/open.ts'
import { auditKey, retryWhileUnavailable } from '../../ledger/fixtures.ts'
import { waitFor } from '../../support/wait-for.ts'
import { addCount, createResult, harnessViolation, violation, type CampaignResult } from '../harness/campaign-result.ts'
import type { LedgerStorage } from '../harness/ledger-storage.ts'
import type { OnProgress } from '../runs/run-jobs.ts'
import { checkBodies, checkDeliveryAudit, checkOrder, checkStates, readDeliveries } from './delivery-invariants.ts'
import { killSender, progressTimeoutMs, stallOneEndpoint, type DisturbedDelivery } from './disturb-delivery.ts'
import { eventsPerTransfer, writeTransfer } from './event-sequences.ts'
import { createRestartableSender } from './sender-process.ts'
import type { SenderOptions } from './sender.ts'
import { addArrivalCounts, endpointCount, startTestEndpoints, type TestEndpoint } from './test-endpoints.ts'

export interface WebhookOptions {
  /** Each makes four events for each of two endpoints. */
  transfers: number
  /** How often the sender is killed. */
  kills: number
  onProgress?: OnProgress
}

const senderTiming = { delaysMs: [0, 20, 50, 100, ...Array<number>(36).fill(200)], timeoutMs: 300, leaseMs: 800 }
const writerLeaseMs = 60_000
const writerCount = 8
/** Writers wait while more events than this are pending, so that they do not outrun the retry schedule. */
const pendingLimit = 600
const pollIntervalMs = 20
/** Every event whose number is a multiple of this is never kept by its receiver. */
const rejectedEvery = 97

/** How many events are pending, for each endpoint. */
async function countPending(ledger: Ledger, endpoints: readonly TestEndpoint[]): Promise<number[]> {
  const health = await retryWhileUnavailable(() => ledger.listEndpoints())
  return endpoints.map(({ id }) => health.find((endpoint) => endpoint.id === id)?.pending ?? 0)
}

/** Queues the events of all transfers with a few writers. @param rejectedIds gets the ids of the events that are to be rejected */
async function writeTransfers(
  ledger: Ledger,
  transfers: number,
  endpoints: readonly TestEndpoint[],
  rejectedIds: Set<string>,
): Promise<void> {
  let started = 0
  let eventCount = 0
  const endpointIds = endpoints.map(({ id }) => id)
  const onEvent = ({ id }: CrmEvent): void => {
    if (++eventCount % rejectedEvery === 0) rejectedIds.add(id)
  }
  const hasRoom = async (): Promise<boolean> => Math.min(...(await countPending(ledger, endpoints))) < pendingLimit
  async function write(): Promise<void> {
    for (let index = started++; index < transfers; index = started++) {
      if (index % writerCount === 0) await waitFor(hasRoom, 'room in the queue', progressTimeoutMs)
      const sequences = await writeTransfer(ledger, endpointIds, onEvent)
      for (const [position, endpoint] of endpoints.entries()) endpoint.sequences.push(sequences[position] ?? [])
    }
  }
  await Promise.all(Array.from({ length: writerCount }, write))
}

async function waitUntilNothingPending(ledger: Ledger, endpoints: readonly TestEndpoint[]): Promise<void> {
  const isDone = async (): Promise<boolean> => {
    if ((await countPending(ledger, endpoints)).every((pending) => pending === 0)) return true
    return setTimeout(pollIntervalMs, false)
  }
  await waitFor(isDone, 'the end of the queue', progressTimeoutMs)
}

/** Checks all invariants, and that every event that was to be rejected has used up its attempts. */
async function checkDeliveries(
  ledger: Ledger,
  endpoints: readonly TestEndpoint[],
  { total, result }: DisturbedDelivery,
  rejectedIds: ReadonlySet<string>,
): Promise<void> {
  const deliveries = await readDeliveries(ledger)
  for (const endpoint of endpoints) {
    const { sequences, receiver } = endpoint
    result.violations.push(
      ...checkStates(sequences, deliveries, receiver),
      ...checkOrder(sequences, deliveries, receiver),
      ...checkBodies(sequences, receiver),
    )
    addArrivalCounts(result, endpoint)
  }
  if (deliveries.size !== total) result.violations.push(violation('lost', `${deliveries.size} deliveries of ${total}`))
  for (const { state } of deliveries.values()) addCount(result, `deliveries ${state}`)
  if (rejectedIds.size === 0) result.unreached++
  for (const id of rejectedIds) if (deliveries.get(id)?.state !== 'exhausted') result.unreached++
  result.violations.push(...(await checkDeliveryAudit(ledger, auditKey, deliveries)))
}

/** Runs the campaign, waits until nothing is pending, and checks all invariants. */
export async function runWebhookCampaign(
  storage: LedgerStorage,
  { transfers, kills, onProgress }: WebhookOptions,
): Promise<CampaignResult> {
  const total = transfers * eventsPerTransfer * endpointCount
  const result = createResult(`webhooks: ${total} events, ${kills} kills (${storage.backend})`)
  const databaseUrl = await storage.createDatabase()
  const rejectedIds = new Set<string>()
  const endpointsByName = await startTestEndpoints(rejectedIds)
  const endpoints = [endpointsByName.good, endpointsByName.bad]
  const senderOptions: SenderOptions = {
    databaseUrl,
    auditKey,
    ...senderTiming,
    endpoints: endpoints.map(({ id, secrets, receiver }) => ({ id, secrets, url: receiver.url })),
  }
  const delivery: DisturbedDelivery = { endpoints: endpointsByName, senderTimeoutMs: senderTiming.timeoutMs, total, result }
  const ledger = await openLedger(databaseUrl, { auditKey, leaseMs: writerLeaseMs })
  const renewal = setInterval(() => void ledger.renewLease().catch(() => {}), writerLeaseMs / 10)
  const sender = createRestartableSender(senderOptions, result)
  const startedAt = Date.now()
  try {
    // A sender on a SQLite file is not notified of events that another process queues. It polls every few seconds, and finds at once what is
    // queued when it starts.
    await Promise.all([
      stallOneEndpoint(delivery),
      killSender(delivery, sender, kills, onProgress),
      writeTransfers(ledger, transfers, endpoints, rejectedIds),
    ])
    await waitUntilNothingPending(ledger, endpoints)
    addCount(result, 'seconds until nothing was pending', Math.round((Date.now() - startedAt) / 1000))
    await sender.kill()
    await checkDeliveries(ledger, endpoints, delivery, rejectedIds)
  } catch (error) {
    result.violations.push(harnessViolation(error))
  } finally {
    clearInterval(renewal)
    await sender.kill()
    await ledger.close()
    await Promise.all(endpoints.map(({ receiver }) => receiver.close()))
  }
  return result
}
