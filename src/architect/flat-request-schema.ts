/**
 * What a flat request may contain: the schema that the OpenAPI document publishes, that validates requests, and that the contracts of the
 * data actions are made from. It is lenient, because a flow cannot leave a field out or convert it: absent, null and "" all mean
 * "not given", numbers may be text, words may be in any case, and unknown fields are ignored (docs/genesys-cloud.md rule 84).
 */
import type { Static } from 'typebox'
import { Type } from '../model/json-schema.ts'
import { maxWaitLimits, overflowLimits } from '../model/conditions.ts'
import { idempotencyKeyPattern, reasonPattern, uuidPattern } from '../model/formats/patterns.ts'
import { phoneNumberForm, phoneNumberPattern } from '../model/formats/phone-number.ts'
import { targetTypes, type TargetType } from '../model/target-schema.ts'
import { maxSummaryLength } from '../model/schema-parts.ts'
import { modes, priorityLimits } from '../model/transfer.ts'

/** The pattern without its anchors. */
const unanchored = (pattern: string): string => pattern.replace(/^\^/, '').replace(/\$$/, '')
/** Text that matches the pattern, with spaces around it. */
const padded = (pattern: string): string => `^\\s*(?:${unanchored(pattern)})\\s*$`
/** The same, or nothing but spaces. The second `\s*` is inside the group: with two adjacent ones, a long run of spaces would take quadratic time. */
const paddedOrBlank = (pattern: string): string => `^\\s*(?:(?:${unanchored(pattern)})\\s*)?$`
/** One of the words, in any case. JSON Schema has no flag for that. */
const anyCase = (words: readonly string[]): string =>
  words.map((word) => word.replaceAll(/[a-z]/gi, (letter) => `[${letter.toLowerCase()}${letter.toUpperCase()}]`)).join('|')

const wholeNumberPattern = '^[+-]?[0-9]{1,8}(?:\\.0+)?$'

const patterns = {
  requiredId: padded(uuidPattern),
  requiredTargetType: padded(anyCase(targetTypes)),
  id: paddedOrBlank(uuidPattern),
  number: paddedOrBlank(phoneNumberPattern),
  wholeNumber: paddedOrBlank(wholeNumberPattern),
  mode: paddedOrBlank(anyCase(modes)),
  reason: paddedOrBlank(reasonPattern),
  idempotencyKey: paddedOrBlank(idempotencyKeyPattern),
}

/** What a value must be, by the pattern that it does not match. For the message of a refusal. */
export const expectedByPattern: Readonly<Record<string, string>> = {
  [patterns.requiredId]: 'an id (a UUID)',
  [patterns.requiredTargetType]: `one of ${targetTypes.join(', ')}`,
  [patterns.id]: 'an id (a UUID)',
  [patterns.number]: phoneNumberForm,
  [patterns.wholeNumber]: 'a whole number',
  [patterns.mode]: `one of ${modes.join(', ')}`,
  [patterns.reason]: '1 to 64 lower-case letters, digits, dots, hyphens and underscores',
  [patterns.idempotencyKey]: '1 to 255 visible ASCII characters',
}

/** The limits of fields that are numbers. */
export const limits = { priority: priorityLimits, maxWaitSeconds: maxWaitLimits, overflowAfterSeconds: overflowLimits }

type FlatValue = string | number | null

const requiredField = (description: string, pattern: string) => Type.String({ description, pattern })
/** A field that may be absent, null or blank. The first type is the one in the contract of a data action. */
const optionalField = (description: string, types: readonly string[], constraints: object = {}) =>
  Type.Optional(Type.Unsafe<FlatValue>({ type: [...types, 'null'], description, ...constraints }))

/** The other properties of the request, which each part of a condition would forbid for the linters of the OpenAPI document. */
const others = { additionalProperties: true }
/** Constraints that apply only to targets of these types. */
const forTargets = (types: readonly TargetType[], properties: Record<string, object>) => ({
  if: { properties: { targetType: { type: 'string', pattern: padded(anyCase(types)) } }, ...others },
  // oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema
  then: { properties, ...others },
})
const idIfGiven = { type: ['string', 'null'], pattern: patterns.id }

export const FlatRequestSchema = Type.Object(
  {
    conversationId: requiredField('The conversation to transfer', patterns.requiredId),
    targetType: requiredField('agent, queue, skill, number or callback', patterns.requiredTargetType),
    targetId: optionalField(
      "The agent's, queue's or skill's id, the number with its country code (+49301234567), or the id of a callback's queue",
      ['string'],
    ),
    skillId: optionalField('For a skill: its id, if targetId is not given. For a queue or callback: a skill that the agent must have', [
      'string',
      'number',
    ]),
    queueId: optionalField(
      "For a queue or callback: the queue's id, if targetId is not given. For a skill: its queue; absent: Handoff's default queue",
      ['string', 'number'],
    ),
    priority: optionalField('Priority in the queue: one point counts as one minute of waiting', ['integer', 'string'], {
      ...limits.priority,
      pattern: patterns.wholeNumber,
    }),
    scheduleGroupId: optionalField('Schedule group: while it is closed, the target is passed over', ['string'], { pattern: patterns.id }),
    emergencyGroupId: optionalField('Emergency group: while it is enabled, the target is passed over; needs scheduleGroupId', ['string'], {
      pattern: patterns.id,
    }),
    maxWaitSeconds: optionalField('The target is passed over if the estimated wait in its queue is longer', ['integer', 'string'], {
      ...limits.maxWaitSeconds,
      pattern: patterns.wholeNumber,
    }),
    preferredUserId: optionalField(
      'The agent to whom the queue offers the call first while it waits; if another agent is idle as it arrives, that agent usually gets it. For a firm preference use decide, and set the preferred agents in Transfer to ACD',
      ['string'],
      { pattern: patterns.id },
    ),
    overflowAfterSeconds: optionalField(
      'If nobody has picked up after so many seconds, the call moves on from the queue in which it waits to the fallback queue. No effect if it goes to an agent or a number: a call that rings there stays',
      ['integer', 'string'],
      { ...limits.overflowAfterSeconds, pattern: patterns.wholeNumber },
    ),
    fallbackQueueId: optionalField('Queue to use when the target cannot take the call', ['string'], { pattern: patterns.id }),
    callbackQueueId: optionalField(
      'Queue whose agents call back when neither the target nor the fallback queue can take the call. For targetType callback: its queue, if targetId and queueId are not given',
      ['string'],
      {
        pattern: patterns.id,
      },
    ),
    summary: optionalField('Why the caller is here, for the agent: becomes the attributes handoffSummary1 to handoffSummary4', ['string'], {
      maxLength: maxSummaryLength,
    }),
    reason: optionalField('A short code for reports: becomes the attribute handoffReason', ['string'], { pattern: patterns.reason }),
    mode: optionalField(
      'execute (default) moves the call; decide answers where the flow should move it; dryRun only answers what would be done',
      ['string'],
      {
        pattern: patterns.mode,
      },
    ),
    idempotencyKey: optionalField('1 to 255 visible ASCII characters: the same key is the same transfer', ['string', 'number'], {
      pattern: patterns.idempotencyKey,
    }),
  },
  {
    $id: 'ArchitectRequest',
    description:
      'Flat. Absent, null and "" mean not given; numbers may be text, within the same limits; targetType and mode may be in any case; unknown fields are ignored, and so are skillId, queueId, maxWaitSeconds and preferredUserId when the target is an agent or a number, and maxWaitSeconds, preferredUserId and overflowAfterSeconds when it is a callback. A queue needs targetId or queueId, a skill targetId or skillId; if both are given, they must be the same. The queue of a callback is targetId, queueId or callbackQueueId, else the default queue of Handoff. The conditions are those of the target.',
    allOf: [
      forTargets(['agent', 'queue', 'skill', 'callback'], { targetId: idIfGiven }),
      forTargets(['queue', 'skill', 'callback'], { skillId: idIfGiven, queueId: idIfGiven }),
      forTargets(['number'], { targetId: { type: ['string', 'null'], pattern: patterns.number } }),
    ],
  },
)
export type FlatRequest = Static<typeof FlatRequestSchema>
export type FlatField = keyof FlatRequest
