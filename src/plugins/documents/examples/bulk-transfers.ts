/** Examples of bulk transfers: requests, one in progress, and a dry run. */
import { madeUp, scene, sceneCall } from './scene.ts'

const requested = {
  fromQueueId: scene.unstaffedQueue,
  target: { type: 'queue', queueId: scene.fallbackQueue },
  fallback: [],
  reason: 'queue_outage',
}

export const bulkRequests = {
  dryRun: { summary: 'First see what would happen to each call', value: { ...requested, dryRun: true } },
  move: { summary: 'Move all calls that wait', value: requested },
}

const outcome = { code: null, message: null }
const waiting = (position: number, waitedSince: string, priority: number) => ({
  position,
  conversationId: sceneCall(position),
  waitingSince: waitedSince,
  priority,
})
const first = waiting(1, '2026-11-20T09:18:40.000Z', 11)
const second = waiting(2, '2026-11-20T09:21:05.000Z', 8)
const third = waiting(3, '2026-11-20T09:29:30.000Z', 0)

/** A bulk transfer as lists have it. */
export const listedBulkTransfer = {
  id: madeUp.bulkTransfer,
  state: 'running',
  ...outcome,
  ...requested,
  limit: 2_000,
  requestedBy: 'ops',
  createdAt: '2026-11-20T09:30:00.000Z',
  updatedAt: '2026-11-20T09:30:00.000Z',
  counts: { pending: 1, moving: 0, moved: 1, left: 1, refused: 0, unknown: 0, cancelled: 0 },
}

export const bulkTransfer = {
  ...listedBulkTransfer,
  calls: [
    { ...first, ...outcome, state: 'moved', transferId: madeUp.transfer, transferState: 'initiated' },
    {
      ...second,
      state: 'left',
      code: 'CONVERSATION_ENDED',
      message: 'The conversation is over: the caller has hung up.',
      transferId: madeUp.otherTransfer,
      transferState: 'rejected',
    },
    { ...third, ...outcome, state: 'pending', transferId: null, transferState: null },
  ],
}

export const bulkDryRun = {
  ...requested,
  limit: 2_000,
  isTruncated: false,
  calls: [
    {
      ...first,
      ...outcome,
      wouldMove: true,
      resolvedTarget: {
        type: 'queue',
        queueId: scene.fallbackQueue,
        userId: null,
        skillIds: [],
        languageId: null,
        address: null,
        priority: 11,
        usedFallback: false,
        preferredUserIds: [],
        scheduledAt: null,
      },
    },
    {
      ...second,
      wouldMove: false,
      code: 'CONVERSATION_ENDED',
      message: 'The conversation is over: the caller has hung up.',
      resolvedTarget: null,
    },
  ],
}
