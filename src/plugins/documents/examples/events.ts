/** An example of each event for the CRM, made by the function that makes the real ones. */
import type { TransferEventData } from '../../../model/crm-event.ts'
import type { Transfer, TransferRecord } from '../../../model/transfer.ts'
import { createCrmEvent } from '../../../transfers/stages/crm-webhook.ts'
import { scene } from './scene.ts'
import { initiated, outcomes } from './transfers.ts'

/** What an event tells of a record, besides what the transfer shows. */
type RecordFields = Pick<TransferRecord, 'initiatedAt' | 'traceparent'> & { earlierHops: unknown[] }
const toRecord = (transfer: Transfer, fields: Partial<RecordFields> = {}): TransferRecord =>
  ({ initiatedAt: null, traceparent: null, earlierHops: [], ...transfer, ...fields }) as unknown as TransferRecord

const overflowed = toRecord(
  {
    ...initiated,
    resolvedTarget: initiated.resolvedTarget && {
      ...initiated.resolvedTarget,
      type: 'queue',
      queueId: scene.fallbackQueue,
      skillIds: [],
      usedFallback: true,
    },
    transferPath: [...initiated.transferPath, `queue:${scene.fallbackQueue}`],
    updatedAt: '2026-11-20T09:30:20.410Z',
  },
  { earlierHops: [{}] },
)

const { initiated: _initiated, flowed_out: _flowedOut, decision_not_followed: _notFollowed, ...ended } = outcomes
const events = [
  createCrmEvent(toRecord(initiated), initiated.updatedAt),
  createCrmEvent(overflowed, overflowed.updatedAt, toRecord(initiated, { initiatedAt: 1 })),
  ...Object.values(ended).map((transfer) => createCrmEvent(toRecord(transfer), transfer.updatedAt)),
]

export interface EventExample {
  type: string
  timestamp: string
  data: TransferEventData
}

/** The events by their types. */
export const eventExamples: Readonly<Record<string, EventExample>> = Object.fromEntries(
  events.flatMap((event) => (event ? [[event.type, JSON.parse(event.body) as EventExample]] : [])),
)
