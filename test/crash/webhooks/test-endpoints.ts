/** The two endpoints of the webhook campaign: one that mostly works and one that mostly does not. */
import { randomUUID } from 'node:crypto'
import { addCount, type CampaignResult } from '../harness/campaign-result.ts'
import type { EventSequence } from './event-sequences.ts'
import { startFailingReceiver, type FailingReceiver } from './failing-receiver.ts'
import { hang } from './receiver-behaviors.ts'

export interface TestEndpoint {
  id: string
  /** Signing secrets, comma-separated as in the settings. */
  secrets: string
  receiver: FailingReceiver
  /** What was queued for the endpoint, one sequence for each transfer. */
  sequences: EventSequence[]
}

const createSecret = (): string => `whsec_${Buffer.from(randomUUID()).toString('base64')}`

/** On average they fail three requests in ten. */
const profiles = {
  good: { id: 'ep_00000000good', failureShare: 0.15, secrets: [createSecret()], extraFailures: [] },
  bad: { id: 'ep_000000000bad', failureShare: 0.45, secrets: [createSecret(), createSecret()], extraFailures: [hang, hang, hang] },
} as const

export const endpointCount = Object.keys(profiles).length

async function startEndpoint(
  { id, secrets, failureShare, extraFailures }: (typeof profiles)[keyof typeof profiles],
  rejectedIds: ReadonlySet<string>,
): Promise<TestEndpoint> {
  const receiver = await startFailingReceiver({ secrets, failureShare, extraFailures, rejectedIds })
  return { id, secrets: secrets.join(), receiver, sequences: [] }
}

/** @param rejectedIds ids of events that no receiver keeps */
export async function startTestEndpoints(rejectedIds: ReadonlySet<string>): Promise<Record<keyof typeof profiles, TestEndpoint>> {
  const [good, bad] = await Promise.all([startEndpoint(profiles.good, rejectedIds), startEndpoint(profiles.bad, rejectedIds)])
  return { good, bad }
}

/** Adds what arrived at an endpoint to the counts of the result. */
export function addArrivalCounts(result: CampaignResult, { id, receiver: { arrivals, firstKeptIndexes } }: TestEndpoint): void {
  const kept = arrivals.filter(({ behavior }) => behavior.keepsEvent).length
  const failed = arrivals.filter(({ behavior }) => behavior.name !== '200').length
  addCount(result, `${id}: attempts that arrived`, arrivals.length)
  addCount(result, `${id}: failed attempts, percent`, Math.round((100 * failed) / arrivals.length))
  addCount(result, `${id}: received again (same id, same body)`, kept - firstKeptIndexes.size)
  for (const { behavior } of arrivals) addCount(result, `${id}: ${behavior.name}`)
}
