/** Which requests with the same key are the same request, however they are written. */
import fc from 'fast-check'
import t from 'tap'
import { parseFlatRequest } from '../../../src/architect/flat-request.ts'
import { overridableChecks, type Conditions } from '../../../src/model/conditions.ts'
import type { Target } from '../../../src/model/target-schema.ts'
import type { TransferRequest } from '../../../src/model/transfer.ts'
import { normalizeRequest, type NormalizedRequest } from '../../../src/transfers/request/normalize-request.ts'

const id = (last: number): string => `8c2f1a54-3d6b-4f0e-9a71-00000000000${last}`
const defaultQueueId = id(9)
const normalize = (request: TransferRequest): NormalizedRequest =>
  normalizeRequest(request, { traceparent: '' }, { defaultQueueId, fallbackQueueId: id(8) })

// Few values for each field, the default queue among them, so that two requests often have the same.
const anyId = fc.integer({ min: 1, max: 9 }).map(id)
const skillIds = fc.uniqueArray(anyId, { minLength: 1, maxLength: 4 })
const conditions = {
  openHours: fc.record({ scheduleGroupId: anyId, emergencyGroupId: anyId }, { requiredKeys: ['scheduleGroupId'] }),
  overflowAfterSeconds: fc.integer({ min: 5, max: 7 }),
}
const inQueue = { ...conditions, maxWaitSeconds: fc.integer({ min: 0, max: 2 }), preferredUserIds: skillIds }
const number = fc.constantFrom('+49301234567', '+13175550123')
const target: fc.Arbitrary<Target> = fc.oneof(
  fc.record(
    { type: fc.constant('agent' as const), userId: anyId, requireOnQueue: fc.boolean(), ...conditions },
    { requiredKeys: ['type', 'userId'] },
  ),
  fc.record(
    { type: fc.constant('queue' as const), queueId: anyId, skillIds, languageId: anyId, ...inQueue },
    { requiredKeys: ['type', 'queueId'] },
  ),
  fc.record({ type: fc.constant('skill' as const), skillId: anyId, queueId: anyId, ...inQueue }, { requiredKeys: ['type', 'skillId'] }),
  fc.record({ type: fc.constant('skill' as const), skillIds, queueId: anyId, ...inQueue }, { requiredKeys: ['type', 'skillIds'] }),
  fc.record({ type: fc.constant('number' as const), address: number, ...conditions }, { requiredKeys: ['type', 'address'] }),
)
const callback: fc.Arbitrary<Target> = fc.record(
  {
    type: fc.constant('callback' as const),
    queueId: anyId,
    skillIds,
    callbackNumber: number,
    scheduledAt: fc.constantFrom('2026-11-28T08:00:00.000Z', '2026-11-28T09:00:00.000Z'),
    openHours: conditions.openHours,
  },
  { requiredKeys: ['type'] },
)
const request: fc.Arbitrary<TransferRequest> = fc.record(
  {
    conversationId: anyId,
    target: fc.oneof({ weight: 5, arbitrary: target }, { weight: 1, arbitrary: callback }),
    priority: fc.integer({ min: -3, max: 3 }),
    fallback: fc
      .tuple(fc.array(target, { maxLength: 3 }), fc.array(callback, { maxLength: 1 }))
      .map(([places, last]) => [...places, ...last]),
    mode: fc.constantFrom('execute' as const, 'decide' as const),
    context: fc.dictionary(fc.constantFrom('reason', 'account', 'note'), fc.constantFrom('', 'x', ' x')),
    summary: fc.constantFrom('', ' ', 'x', 'x y', 'billing'),
    reason: fc.constantFrom('x', 'billing'),
    override: fc.uniqueArray(fc.constantFrom(...overridableChecks), { maxLength: 2 }),
  },
  { requiredKeys: ['conversationId', 'target'] },
)

/** Decides the next choice of how to write a request. */
type Choose = () => boolean
const choices = fc.infiniteStream(fc.boolean()).map(
  (stream): Choose =>
    () =>
      Boolean(stream.next().value),
)

const inSomeCase = (text: string, choose: Choose): string => (choose() ? text.toUpperCase() : text)
const inSomeOrder = <T extends object>(value: T, choose: Choose): T =>
  Object.fromEntries(choose() ? Object.entries(value).toReversed() : Object.entries(value)) as T

function rewriteConditions({ openHours, maxWaitSeconds, overflowAfterSeconds }: Conditions, choose: Choose): Conditions {
  const { scheduleGroupId, emergencyGroupId } = openHours ?? {}
  return {
    ...(maxWaitSeconds !== undefined && { maxWaitSeconds }),
    ...(overflowAfterSeconds !== undefined && { overflowAfterSeconds }),
    ...(scheduleGroupId && {
      openHours: inSomeOrder(
        {
          scheduleGroupId: inSomeCase(scheduleGroupId, choose),
          ...(emergencyGroupId && { emergencyGroupId: inSomeCase(emergencyGroupId, choose) }),
        },
        choose,
      ),
    }),
  }
}

/** Keeps the order, because the first agent is wanted most. */
const rewritePreference = ({ preferredUserIds }: { preferredUserIds?: string[] }, choose: Choose) =>
  preferredUserIds ? { preferredUserIds: preferredUserIds.map((userId) => inSomeCase(userId, choose)) } : {}

const rewriteNumber = (given: string, choose: Choose): string => {
  const [country = '', rest = ''] = given.startsWith('+49') ? ['+49', given.slice(3)] : ['+1', given.slice(2)]
  return `${choose() ? 'tel:' : ''}${country}${choose() ? ' ' : ''}${choose() ? rest : `${rest.slice(0, 3)}-${rest.slice(3)}`}`
}

/** @param impliedQueue the queue of a callback that names none */
const rewriteTarget = (given: Target, impliedQueue: string, choose: Choose): Target =>
  inSomeOrder({ ...rewritePlace(given, impliedQueue, choose), ...rewriteConditions(given, choose) }, choose)

function rewritePlace(given: Target, impliedQueue: string, choose: Choose): Target {
  switch (given.type) {
    case 'callback': {
      const { queueId = impliedQueue } = given
      return {
        type: 'callback',
        ...((queueId !== impliedQueue || choose()) && { queueId: inSomeCase(queueId, choose) }),
        ...(given.skillIds && { skillIds: given.skillIds.map((skill) => inSomeCase(skill, choose)) }),
        ...(given.callbackNumber && { callbackNumber: rewriteNumber(given.callbackNumber, choose) }),
        ...(given.scheduledAt && { scheduledAt: choose() ? given.scheduledAt.replace('.000', '') : given.scheduledAt }),
      }
    }
    case 'agent':
      return inSomeOrder(
        { ...given, userId: inSomeCase(given.userId, choose), ...(!given.requireOnQueue && choose() && { requireOnQueue: false }) },
        choose,
      )
    case 'number':
      return { ...given, address: rewriteNumber(given.address, choose) }
    case 'queue': {
      const { skillIds: skills, languageId, ...rest } = given
      return inSomeOrder(
        {
          ...rest,
          queueId: inSomeCase(given.queueId, choose),
          ...(languageId && { languageId: inSomeCase(languageId, choose) }),
          ...(skills && { skillIds: (choose() ? skills.toReversed() : skills).map((skill) => inSomeCase(skill, choose)) }),
          ...rewritePreference(given, choose),
        },
        choose,
      )
    }
    case 'skill': {
      const { queueId = defaultQueueId, skillId, skillIds: skills = skillId ? [skillId] : [] } = given
      const written = (choose() ? skills.toReversed() : skills).map((skill) => inSomeCase(skill, choose))
      return inSomeOrder(
        {
          type: 'skill',
          ...(written.length === 1 && written[0] && choose() ? { skillId: written[0] } : { skillIds: written }),
          ...((queueId !== defaultQueueId || choose()) && { queueId: inSomeCase(queueId, choose) }),
          ...rewritePreference(given, choose),
        },
        choose,
      )
    }
  }
}

/** The queue of a callback that names none, after these targets. */
function queueImpliedBy(earlier: Target[]): string {
  const inQueue = earlier.findLast(({ type }) => type === 'queue' || type === 'skill')
  return (inQueue && 'queueId' in inQueue && inQueue.queueId) || defaultQueueId
}

/** The same request in another notation: case of IDs, order, default values, punctuation of numbers. */
function rewrite(given: TransferRequest, choose: Choose): TransferRequest {
  const {
    conversationId,
    target: wanted,
    fallback = [],
    priority = 0,
    mode = 'execute',
    context = {},
    summary = '',
    reason,
    override = [],
  } = given
  return inSomeOrder(
    {
      conversationId: inSomeCase(conversationId, choose),
      target: rewriteTarget(wanted, defaultQueueId, choose),
      ...((fallback.length > 0 || choose()) && {
        fallback: fallback.map((alternative, index) =>
          rewriteTarget(alternative, queueImpliedBy([wanted, ...fallback.slice(0, index)]), choose),
        ),
      }),
      ...((priority !== 0 || choose()) && { priority }),
      ...((mode !== 'execute' || choose()) && { mode }),
      ...((Object.keys(context).length > 0 || choose()) && { context: inSomeOrder(context, choose) }),
      ...((summary.trim() !== '' || choose()) && { summary: choose() ? ` ${summary}\n` : summary }),
      ...(reason !== undefined && { reason }),
      ...((override.length > 0 || choose()) && { override: choose() ? override.toReversed() : override }),
    },
    choose,
  )
}

/** Everything that a request asks for, as a string to compare requests by. */
const meaningOf = ({ conversationId, mode, targets, priority, context, summary, reason, override }: NormalizedRequest): string =>
  JSON.stringify([
    conversationId,
    mode,
    targets,
    priority,
    summary,
    reason,
    override,
    Object.entries(context).toSorted(([a], [b]) => (a < b ? -1 : 1)),
  ])

t.test('given any request, when it is written differently, then it has the same fingerprint', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(request, choices, (given, choose) => normalize(given).fingerprint === normalize(rewrite(given, choose)).fingerprint),
      { numRuns: 1_000 },
    ),
  )
})

t.test('given any two requests, then they have the same fingerprint only if they mean the same', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(request, request, (one, other) => {
        const [first, second] = [normalize(one), normalize(other)]
        return (first.fingerprint === second.fingerprint) === (meaningOf(first) === meaningOf(second))
      }),
      { numRuns: 2_000 },
    ),
  )
})

t.test('given a fingerprint that an earlier version stored, then no request with another meaning has the same', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(request, request, choices, (one, other, choose) => {
        const [stored, repeat] = [normalize(rewrite(one, choose)), normalize(other)]
        return stored.writtenFingerprint !== repeat.fingerprint || meaningOf(stored) === meaningOf(repeat)
      }),
      { numRuns: 2_000 },
    ),
  )
})

t.test('given a request in its shortest form, then its fingerprint is the one that version 0.1.0 stored', async (t) => {
  for (const shortest of [
    { conversationId: id(1), target: { type: 'queue', queueId: id(2) } },
    {
      conversationId: id(1),
      target: { type: 'skill', skillId: id(3) },
      fallback: [{ type: 'queue', queueId: id(2) }],
      mode: 'decide',
      priority: 5,
    },
    { conversationId: id(1), target: { type: 'number', address: '+49301234567' }, context: { reason: 'x' } },
  ] satisfies TransferRequest[]) {
    const { fingerprint, writtenFingerprint } = normalize(shortest)
    t.equal(fingerprint, writtenFingerprint, JSON.stringify(shortest))
  }
})

t.test(
  'given a flat request, when an optional field is absent, null, blank or its default, then the fingerprint is that of the plain request',
  async (t) => {
    const plain = normalize({ conversationId: id(1), target: { type: 'skill', skillId: id(3) } })
    for (const flat of [
      { targetId: id(3) },
      { skillId: id(3) },
      { targetId: ` ${id(3).toUpperCase()} `, skillId: id(3), queueId: null, mode: '', priority: ' ', fallbackQueueId: null },
      { targetId: id(3), queueId: defaultQueueId.toUpperCase(), mode: 'EXECUTE', priority: '0', idempotencyKey: '' },
      { targetId: id(3), priority: '-0.0' },
      { targetId: id(3), summary: ' ', reason: null },
    ])
      t.equal(
        normalize(parseFlatRequest({ conversationId: ` ${id(1)}`, targetType: 'SKILL', ...flat })).fingerprint,
        plain.fingerprint,
        JSON.stringify(flat),
      )
  },
)
