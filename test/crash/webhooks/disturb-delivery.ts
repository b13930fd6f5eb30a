/** Kills the sender again and again, and lets one endpoint hang, while events are delivered. */
import { setTimeout } from 'node:timers/promises'
import { waitFor } from '../../support/wait-for.ts'
import { addCount, recordDuration, type CampaignResult } from '../harness/campaign-result.ts'
import type { OnProgress } from '../runs/run-jobs.ts'
import type { RestartableSender } from './sender-process.ts'
import type { TestEndpoint } from './test-endpoints.ts'

/** Long enough for a busy machine. */
export const progressTimeoutMs = 240_000
/** Kills are spread over this share of the events, so that the last ones also interrupt something. */
const killedShare = 0.9

/** The delivery that is disturbed. */
export interface DisturbedDelivery {
  endpoints: Record<'good' | 'bad', TestEndpoint>
  /** How long the sender waits for a response, ms. */
  senderTimeoutMs: number
  /** Events for both endpoints together. */
  total: number
  result: CampaignResult
}

/** How many events the endpoints have kept so far. */
export const countKept = ({ endpoints: { good, bad } }: Pick<DisturbedDelivery, 'endpoints'>): number =>
  good.receiver.firstKeptIndexes.size + bad.receiver.firstKeptIndexes.size

/** Kills the sender `kills` times, at random moments that are spread over the delivery, and starts it again each time. */
export async function killSender(
  delivery: DisturbedDelivery,
  sender: RestartableSender,
  kills: number,
  onProgress: OnProgress = () => {},
): Promise<void> {
  const { total, result } = delivery
  for (let kill = 1; kill <= kills; kill++) {
    const killAt = ((kill - Math.random()) / kills) * total * killedShare
    await waitFor(() => countKept(delivery) >= killAt, `the moment of kill ${kill}`, progressTimeoutMs)
    await setTimeout(Math.random() * delivery.senderTimeoutMs)
    await sender.kill()
    const [killedAt, keptBefore] = [Date.now(), countKept(delivery)]
    await sender.restart()
    await waitFor(() => countKept(delivery) > keptBefore, `an event after kill ${kill}`, progressTimeoutMs)
    recordDuration(result, Date.now() - killedAt)
    result.runs++
    onProgress(`${kill} kills, ${countKept(delivery)} of ${total} events kept`)
  }
}

/** Makes the bad endpoint answer nothing until the good one has received another twentieth of all events. */
export async function stallOneEndpoint(delivery: DisturbedDelivery): Promise<void> {
  const { total, result, endpoints } = delivery
  const { firstKeptIndexes } = endpoints.good.receiver
  await waitFor(() => countKept(delivery) >= total / 3, 'a third of all events', progressTimeoutMs)
  endpoints.bad.receiver.stall(true)
  const keptBefore = firstKeptIndexes.size
  const wanted = Math.ceil(total / 20)
  try {
    await waitFor(
      () => firstKeptIndexes.size >= keptBefore + wanted,
      `${wanted} events for one endpoint while the other hangs`,
      progressTimeoutMs / 5,
    )
    addCount(result, 'events for one endpoint while the other answered nothing at all', firstKeptIndexes.size - keptBefore)
  } finally {
    endpoints.bad.receiver.stall(false)
  }
}
