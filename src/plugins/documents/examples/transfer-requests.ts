/**
 * Example requests for transfers, by every kind of target and every mode, in both forms. Each has a call of its own and a key of its own:
 * sent again, it gets the same answer.
 */
import type { FlatRequest } from '../../../architect/flat-request-schema.ts'
import type { TransferRequest } from '../../../model/transfer.ts'
import { scene, sceneCall } from './scene.ts'

/** The example of a body, with a sentence on what it asks for. */
export interface RequestExample<Body> {
  summary: string
  description?: string
  value: Body
}

const supportQueue = { type: 'queue', queueId: scene.queue } as const
const fallback = [{ type: 'queue', queueId: scene.fallbackQueue } as const]

/** Bodies of `POST /v1/transfers`. The first one is the body that Swagger UI fills in. */
export const transferRequests: Readonly<Record<string, RequestExample<TransferRequest>>> = {
  skill: {
    summary: 'To an agent with a skill, with a summary for the agent',
    value: {
      conversationId: sceneCall(1),
      target: { type: 'skill', skillId: scene.skill, queueId: scene.queue },
      priority: 10,
      fallback,
      mode: 'execute',
      summary: 'Was charged twice for the invoice of May. The payment of May 12 is confirmed, that of May 14 is to be refunded.',
      reason: 'billing.double_charge',
      context: { invoice: '2026-05-0117' },
      idempotencyKey: 'example-skill',
    },
  },
  queue: {
    summary: 'To a queue, and on to another one if nobody picks up',
    value: {
      conversationId: sceneCall(3),
      target: { ...supportQueue, skillIds: [scene.skill], overflowAfterSeconds: 20 },
      fallback,
      idempotencyKey: 'example-queue',
    },
  },
  agent: {
    summary: 'To one agent, or to a queue if that agent is busy',
    value: {
      conversationId: sceneCall(4),
      target: { type: 'agent', userId: scene.agent },
      fallback,
      idempotencyKey: 'example-agent',
    },
  },
  number: {
    summary: 'To a phone number',
    description: 'Needs a pattern in ALLOWED_NUMBERS, such as `+1317555*`; otherwise TARGET_NOT_ALLOWED.',
    value: {
      conversationId: sceneCall(5),
      target: { type: 'number', address: '+13175550123' },
      idempotencyKey: 'example-number',
    },
  },
  callback: {
    summary: 'A callback instead of a transfer: the call stays where it is',
    value: {
      conversationId: sceneCall(6),
      target: { type: 'callback', queueId: scene.queue, skillIds: [scene.skill] },
      idempotencyKey: 'example-callback',
    },
  },
  conditions: {
    summary: 'While the office is open and the wait is short, else a callback',
    value: {
      conversationId: sceneCall(7),
      target: {
        ...supportQueue,
        openHours: { scheduleGroupId: scene.scheduleGroup, emergencyGroupId: scene.emergencyGroup },
        maxWaitSeconds: 120,
        preferredUserIds: [scene.agent],
      },
      fallback: [{ type: 'callback' }],
      idempotencyKey: 'example-conditions',
    },
  },
  decide: {
    summary: 'decide: only say where the call should go; the flow moves it',
    value: {
      conversationId: sceneCall(2),
      target: { type: 'skill', skillId: scene.skill, queueId: scene.queue },
      fallback,
      mode: 'decide',
      idempotencyKey: 'example-decide',
    },
  },
  dryRun: {
    summary: 'dryRun: only say what would be done',
    value: {
      conversationId: sceneCall(20),
      target: { type: 'skill', skillId: scene.skill, queueId: scene.queue },
      fallback,
      mode: 'dryRun',
    },
  },
  waiting: {
    summary: 'To a queue that nobody serves, where the call waits',
    description: 'For a try of `PATCH /v1/transfers/{id}`, which changes a call that waits.',
    value: {
      conversationId: sceneCall(8),
      target: { type: 'queue', queueId: scene.unstaffedQueue },
      idempotencyKey: 'example-waiting',
    },
  },
}

/** Bodies of `POST /v1/architect/transfers`. */
export const flatRequests: Readonly<Record<string, RequestExample<FlatRequest>>> = {
  skill: {
    summary: 'To an agent with a skill',
    value: {
      conversationId: sceneCall(11),
      targetType: 'skill',
      targetId: scene.skill,
      queueId: scene.queue,
      priority: 10,
      fallbackQueueId: scene.fallbackQueue,
      mode: 'execute',
      idempotencyKey: 'example-flat-skill',
    },
  },
  queue: {
    summary: 'decide: the flow moves the call to the queue by itself',
    value: {
      conversationId: sceneCall(12),
      targetType: 'queue',
      targetId: scene.queue,
      scheduleGroupId: scene.scheduleGroup,
      emergencyGroupId: scene.emergencyGroup,
      maxWaitSeconds: 120,
      preferredUserId: scene.agent,
      fallbackQueueId: scene.fallbackQueue,
      summary: 'Wants to change the address of the contract.',
      reason: 'contract.address',
      mode: 'decide',
      idempotencyKey: 'example-flat-queue',
    },
  },
  agent: {
    summary: 'To one agent, or to a queue if that agent is busy',
    value: {
      conversationId: sceneCall(13),
      targetType: 'agent',
      targetId: scene.agent,
      fallbackQueueId: scene.fallbackQueue,
      idempotencyKey: 'example-flat-agent',
    },
  },
  number: {
    summary: 'To a phone number',
    description: 'Needs a pattern in ALLOWED_NUMBERS, such as `+1317555*`; otherwise TARGET_NOT_ALLOWED.',
    value: { conversationId: sceneCall(14), targetType: 'number', targetId: '+13175550123', idempotencyKey: 'example-flat-number' },
  },
  callback: {
    summary: 'A callback instead of a transfer: the flow says goodbye',
    value: { conversationId: sceneCall(15), targetType: 'callback', targetId: scene.queue, idempotencyKey: 'example-flat-callback' },
  },
  dryRun: {
    summary: 'dryRun, as a flow sends it: numbers as text, and empty fields',
    value: {
      conversationId: sceneCall(20),
      targetType: 'queue',
      targetId: scene.queue,
      skillId: '',
      priority: '5',
      fallbackQueueId: scene.fallbackQueue,
      mode: 'dryRun',
    },
  },
}
