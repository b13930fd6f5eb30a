/** Queues the webhooks of transfers as the service does: with the state changes that they announce. */
import { randomUUID } from 'node:crypto'
import type { CrmEvent } from '../../../src/ledger/contract/deliveries.ts'
import type { Ledger } from '../../../src/ledger/contract/ledger.ts'
import type { Change } from '../../../src/ledger/contract/transfers.ts'
import type { TransferRecord } from '../../../src/model/transfer.ts'
import { createCrmEvent } from '../../../src/transfers/stages/crm-webhook.ts'
import { annotate } from '../../../src/transfers/transition.ts'
import { createChange, openAccepted, retryWhileUnavailable, toChange } from '../../ledger/fixtures.ts'

/** The events of one transfer for one endpoint, in the order in which they were queued. */
export type EventSequence = readonly CrmEvent[]

/** How many events each transfer makes for each endpoint. */
export const eventsPerTransfer = 4

/**
 * Takes a transfer through its states, with an event for each endpoint at each change that the CRM is notified of.
 * @param onEvent called with each event before it is queued
 * @returns one sequence for each endpoint, in the order of `endpointIds`
 */
export async function writeTransfer(
  ledger: Ledger,
  endpointIds: readonly string[],
  onEvent: (event: CrmEvent) => void,
): Promise<EventSequence[]> {
  const sequences = endpointIds.map((): CrmEvent[] => [])
  async function write(change: Change): Promise<TransferRecord> {
    const unaddressed = createCrmEvent(change.record, new Date().toISOString())
    const events = unaddressed ? endpointIds.map((endpoint) => ({ id: `evt_${randomUUID()}`, ...unaddressed, endpoint })) : []
    for (const [index, event] of events.entries()) {
      onEvent(event)
      sequences[index]?.push(event)
    }
    await retryWhileUnavailable(() => ledger.writeChange({ ...change, events }))
    return change.record
  }
  const opened = await retryWhileUnavailable(() => openAccepted(ledger))
  const executing = await write(createChange(opened, 'executing'))
  const indeterminate = await write(createChange(executing, 'indeterminate'))
  const initiated = await write(createChange(indeterminate, 'initiated', { initiatedAt: Date.now() }))
  // The service does not notify the CRM of a declined offer. Here it makes a fourth event.
  const bounced = await write(toChange(annotate(initiated, { bounces: 1 }, 'bounced')))
  await write(createChange(bounced, 'picked_up'))
  return sequences
}
