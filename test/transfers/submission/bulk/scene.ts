/** Calls that wait in a queue, and the bulk transfers that move them, as the tests of bulk transfers need them. */
import { setTimeout } from 'node:timers/promises'
import type { BulkTransfer } from '../../../../src/model/bulk-transfer.ts'
import type { TestSystem } from '../../../support/test-system.ts'
import { waitFor } from '../../../support/wait-for.ts'

/** Adds a queue with waiting calls, the oldest first, and another queue; nobody takes calls in either. */
export function setUpWaitingCalls({ control }: Pick<TestSystem, 'control'>, count: number) {
  const fromQueueId = control.addQueue({ name: 'Support' }).id
  const toQueueId = control.addQueue({ name: 'Sales' }).id
  const conversationIds = Array.from({ length: count }, () => control.addConversation({ in: { queueId: fromQueueId } }).conversationId)
  return { fromQueueId, toQueueId, conversationIds, body: { fromQueueId, target: { type: 'queue', queueId: toQueueId }, reason: 'outage' } }
}

export async function requestBulk({ request }: Pick<TestSystem, 'request'>, body: object): Promise<BulkTransfer> {
  const { status, body: bulk } = await request<BulkTransfer>('POST', '/v1/bulk-transfers', body)
  if (status !== 202) throw new Error(`not accepted: ${JSON.stringify(bulk)}`)
  return bulk
}

export const readBulk = async ({ request }: Pick<TestSystem, 'request'>, id: string): Promise<BulkTransfer> =>
  (await request<BulkTransfer>('GET', `/v1/bulk-transfers/${id}`)).body

/** Long enough for hundreds of calls on a busy machine, ms. */
const timeoutMs = 120_000

/** Waits until a bulk transfer meets the condition. */
export const waitForBulk = (system: Pick<TestSystem, 'request'>, id: string, isMet: (bulk: BulkTransfer) => boolean, what: string) =>
  waitFor(
    async () => {
      const bulk = await readBulk(system, id)
      // Reading hundreds of calls every few milliseconds would slow the bulk transfer down.
      if (!isMet(bulk)) await setTimeout(bulk.calls.length)
      return isMet(bulk) && bulk
    },
    what,
    timeoutMs,
  )

export const waitUntilDone = (system: Pick<TestSystem, 'request'>, id: string) =>
  waitForBulk(system, id, ({ state }) => state === 'done', `the end of bulk transfer ${id}`)

/** The conversations whose calls the platform has moved, in the order of the commands. */
export const listMoved = ({ control }: Pick<TestSystem, 'control'>): string[] =>
  control.transfers().map(({ conversationId }) => conversationId)
