/** What the receivers are to be told, queued by transfers as the service queues it. */
import { randomUUID } from 'node:crypto'
import type { Change, CrmEvent, Ledger } from '../../../src/ledger/ledger.ts'
import { annotate } from '../../../src/transfers/transition.ts'
import { webhook } from '../../../src/transfers/stages/crm-webhook.ts'
import { accepted, change, insist } from '../../ledger/scene.ts'

/** The events of one transfer for one endpoint, in the order in which they are queued. */
export type Sequence = readonly CrmEvent[]

/** So many events a transfer makes for each endpoint. */
export const eventsEach = 4

/** Takes a transfer through its states, each told change with an event for each endpoint; their sequences. `before` sees each event before it is queued. */
export async function writeTransfer(ledger: Ledger, endpoints: readonly string[], before: (event: CrmEvent) => void): Promise<Sequence[]> {
  const told = endpoints.map((): CrmEvent[] => [])
  const record = async (made: Change): Promise<Change['record']> => {
    const telling = webhook(made.record, new Date().toISOString())
    const events = telling ? endpoints.map((endpoint) => ({ id: `evt_${randomUUID()}`, ...telling, endpoint })) : []
    for (const [at, event] of events.entries()) {
      before(event)
      told[at]?.push(event)
    }
    await insist(() => ledger.record({ ...made, events }))
    return made.record
  }
  const opened = await insist(() => accepted(ledger))
  const executing = await record(change(opened, 'executing'))
  const unclear = await record(change(executing, 'indeterminate'))
  const initiated = await record(change(unclear, 'initiated', { initiatedAt: Date.now() }))
  // The service tells nobody of a declined offer; here it makes a fourth event.
  const bounced = await record(annotate(initiated, { bounces: 1 }, 'bounced'))
  await record(change(bounced, 'picked_up'))
  return told
}
