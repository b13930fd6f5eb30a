/** Example transfers: one that a call takes from its request to its pickup, and one for each other outcome. */
import type { Considered, PassedOverReason } from '../../../model/considered.ts'
import type { DryRun, Transfer } from '../../../model/transfer.ts'
import { madeUp, scene, sceneCall } from './scene.ts'

const place = `skill:${scene.skill}@${scene.queue}`
const notRead = { openHours: null, estimatedWait: null }

/** The target of an example, passed over for a reason. */
export const passedOver = (
  reason: PassedOverReason,
  message: string,
  { opensAt = null }: { opensAt?: string | null } = {},
): Considered => ({
  place: `queue:${scene.queue}`,
  taken: false,
  reason,
  message,
  opensAt,
  estimatedWaitSeconds: null,
  readAgesMs: { ...notRead, availability: reason === 'not_available' ? 8 : null },
  warnings: [],
})

const target = { type: 'skill', skillId: scene.skill, queueId: scene.queue } as const
const resolvedTarget: NonNullable<Transfer['resolvedTarget']> = {
  type: 'skill',
  queueId: scene.queue,
  userId: null,
  skillIds: [scene.skill],
  languageId: null,
  address: null,
  priority: 10,
  usedFallback: false,
  preferredUserIds: [],
  scheduledAt: null,
}
const initiatedAt = '2026-11-20T09:30:00.240Z'
const firstHop: Transfer['hops'][number] = { number: 1, resolvedTarget, initiatedAt, endedAt: null, outcome: null }

/** A transfer that the platform has accepted: the call waits in the queue. */
export const initiated: Transfer = {
  id: madeUp.transfer,
  conversationId: sceneCall(1),
  state: 'initiated',
  code: null,
  message: null,
  mode: 'execute',
  target,
  resolvedTarget,
  considered: [
    {
      place,
      taken: true,
      reason: null,
      message: null,
      opensAt: null,
      estimatedWaitSeconds: null,
      readAgesMs: { ...notRead, availability: 11 },
      warnings: [],
    },
  ],
  hops: [firstHop],
  priority: 10,
  summary: 'Was charged twice for the invoice of May.',
  reason: 'billing.double_charge',
  transferDepth: 1,
  transferPath: [place],
  latencyMs: 240,
  pickupTime: null,
  pickupMs: null,
  agentUserId: null,
  callbackConversationId: null,
  bounces: 0,
  requestedBy: 'crm',
  createdAt: '2026-11-20T09:30:00.000Z',
  updatedAt: initiatedAt,
  correlationIds: [madeUp.correlation],
}

/** The same in `decide` mode: the flow is to move the call. */
export const decided: Transfer = {
  ...initiated,
  state: 'decided',
  mode: 'decide',
  hops: [],
  latencyMs: null,
  updatedAt: '2026-11-20T09:30:00.090Z',
  correlationIds: [],
}

const { id: _id, ...withoutId } = decided
/** The same as a dry run. */
export const dryRun: DryRun = { ...withoutId, mode: 'dryRun', updatedAt: decided.createdAt }

const endedAt = '2026-11-20T09:30:30.240Z'
/** The transfer as it ended. @param outcome of its hop; null: the call did not leave its place by this */
const ended = (change: Partial<Transfer>, outcome: Transfer['hops'][number]['outcome']): Transfer => ({
  ...initiated,
  updatedAt: endedAt,
  hops: [{ ...firstHop, endedAt, outcome }],
  ...change,
})
const notMoved = { hops: [], latencyMs: null }

/** Each way in which a transfer can end, and the two in which it can be found before, with every code of an outcome. */
export const outcomes = {
  initiated,
  picked_up: ended(
    {
      state: 'picked_up',
      pickupTime: '2026-11-20T09:30:02.390Z',
      pickupMs: 2_150,
      agentUserId: scene.agent,
      updatedAt: '2026-11-20T09:30:02.400Z',
      hops: [{ ...firstHop, endedAt: '2026-11-20T09:30:02.390Z', outcome: 'picked_up' }],
    },
    'picked_up',
  ),
  timeout: ended(
    { state: 'timeout', code: 'PICKUP_TIMEOUT', message: 'No agent picked up within 30000 ms; the call is waiting.' },
    'timeout',
  ),
  abandoned: ended({ state: 'abandoned', code: 'CALLER_ABANDONED', message: 'The caller hung up before an agent picked up.' }, 'abandoned'),
  failed: ended(
    {
      state: 'failed',
      code: 'TRANSFER_FAILED',
      message: 'The platform accepted the transfer, but the call stayed where it was.',
    },
    'failed',
  ),
  flowed_out: ended({ state: 'failed', code: 'FLOWED_OUT', message: 'The in-queue flow moved the call to voicemail.' }, 'failed'),
  decision_not_followed: {
    ...decided,
    state: 'failed',
    code: 'DECISION_NOT_FOLLOWED',
    message: 'The flow did not move the call to the target within 30000 ms.',
    updatedAt: endedAt,
  },
  superseded: ended({ state: 'superseded', code: 'SUPERSEDED', message: 'The call was moved elsewhere outside Handoff.' }, 'superseded'),
  callback_created: ended(
    {
      ...notMoved,
      state: 'callback_created',
      message: 'A callback was created: the caller will be called back as soon as an agent is free.',
      target: { type: 'callback', queueId: scene.queue },
      resolvedTarget: { ...resolvedTarget, type: 'callback', skillIds: [], address: '+13175550100', priority: 0 },
      considered: [{ ...passedOver('not_available', ''), place: `callback:${scene.queue}`, taken: true, reason: null, message: null }],
      transferPath: [`callback:${scene.queue}`],
      callbackConversationId: sceneCall(1),
    },
    null,
  ),
  rejected: ended(
    {
      ...notMoved,
      state: 'rejected',
      code: 'NO_AGENT_AVAILABLE',
      message: `No agent can take the call now: queue:${scene.queue} has nobody with the skills who is idle.`,
      target: { type: 'queue', queueId: scene.queue },
      resolvedTarget: null,
      considered: [passedOver('not_available', 'Nobody with the skills is idle.')],
      transferPath: [],
      correlationIds: [],
    },
    null,
  ),
  indeterminate: ended(
    {
      state: 'indeterminate',
      code: 'OUTCOME_UNKNOWN',
      message: 'It is not known whether the platform moved the call.',
      latencyMs: null,
      hops: [{ ...firstHop, initiatedAt: null }],
    },
    null,
  ),
} satisfies Record<string, Transfer>
