/** The schemas of a target, one for each type: as a request may name it, and as it is returned. */
import type { Static, TSchema } from 'typebox'
import { Type } from './json-schema.ts'
import { openHoursField, overflowField, queueFields, ineffectiveOverflowField } from './conditions.ts'
import { phoneNumberForm, phoneNumberPattern } from './formats/phone-number.ts'
import { idSchema, strict } from './schema-parts.ts'

export const targetTypes = ['agent', 'queue', 'skill', 'number', 'callback'] as const
export type TargetType = (typeof targetTypes)[number]

const skillIdsSchema = Type.Array(idSchema('Skill'), {
  minItems: 1,
  maxItems: 20,
  uniqueItems: true,
  description: 'Skills, all of which the agent must have',
})
const targetSchemas = {
  agent: Type.Object(
    {
      type: Type.Literal('agent'),
      userId: idSchema('The agent'),
      requireOnQueue: Type.Optional(
        Type.Boolean({
          description: 'Whether the agent must be on queue and idle; absent or false: a colleague who is off queue is called, too',
        }),
      ),
      ...openHoursField,
      ...ineffectiveOverflowField,
    },
    { ...strict, title: 'AgentTarget' },
  ),
  queue: Type.Object(
    {
      type: Type.Literal('queue'),
      queueId: idSchema('The queue'),
      skillIds: Type.Optional(skillIdsSchema),
      languageId: Type.Optional(idSchema('Language the agent must speak')),
      ...openHoursField,
      ...queueFields,
      ...overflowField,
    },
    { ...strict, title: 'QueueTarget' },
  ),
  skill: Type.Object(
    {
      type: Type.Literal('skill'),
      skillId: Type.Optional(idSchema('The skill')),
      skillIds: Type.Optional(skillIdsSchema),
      queueId: Type.Optional(idSchema('Queue to wait in; absent: DEFAULT_QUEUE_ID')),
      ...openHoursField,
      ...queueFields,
      ...overflowField,
    },
    { ...strict, title: 'SkillTarget', description: 'Either skillId or skillIds' },
  ),
  number: Type.Object(
    {
      type: Type.Literal('number'),
      address: Type.String({
        pattern: phoneNumberPattern,
        description: `The number to dial: ${phoneNumberForm}; kept and returned in E.164 form`,
      }),
      ...openHoursField,
      ...ineffectiveOverflowField,
    },
    { ...strict, title: 'NumberTarget' },
  ),
  callback: Type.Object(
    {
      type: Type.Literal('callback'),
      queueId: Type.Optional(idSchema('Queue whose agents call back; absent: the last queue before it, else DEFAULT_QUEUE_ID')),
      skillIds: Type.Optional(skillIdsSchema),
      callbackNumber: Type.Optional(
        Type.String({
          pattern: phoneNumberPattern,
          description: `The number to call back: ${phoneNumberForm}; absent: the number of the caller. Another number must fit ALLOWED_NUMBERS`,
        }),
      ),
      scheduledAt: Type.Optional(
        Type.String({
          format: 'date-time',
          description:
            'When to call back; absent: as soon as possible. A time more than a minute in the past is refused; one that has passed when the callback is created means as soon as possible',
        }),
      ),
      ...openHoursField,
    },
    {
      ...strict,
      title: 'CallbackTarget',
      description: 'The caller is called back, and the call stays where it is. As a fallback, it must be the last one',
    },
  ),
} satisfies Record<TargetType, TSchema>

/** A target as a request names it. */
export type Target = { [T in TargetType]: Static<(typeof targetSchemas)[T]> }[TargetType]

/** With `discriminator`, Ajv checks only the schema that `type` names, so its message is about a field of that type. */
const oneOf = (title: string, schemas: Record<TargetType, TSchema>) =>
  Type.Unsafe<Target>({
    title,
    type: 'object',
    required: ['type'],
    discriminator: { propertyName: 'type' },
    oneOf: Object.values(schemas),
  })

export const TargetSchema = oneOf('Target', targetSchemas)

const returnedNumber = Type.String({ description: 'In E.164 form; "erased" once personal data was erased' })
const { number, callback } = targetSchemas

/** A target as it is returned: as the request named it, except for its number. */
export const ReturnedTargetSchema = oneOf('ReturnedTarget', {
  ...targetSchemas,
  number: Type.Object({ ...number.properties, address: returnedNumber }, { ...strict, title: 'ReturnedNumberTarget' }),
  callback: Type.Object(
    { ...callback.properties, callbackNumber: Type.Optional(returnedNumber) },
    { ...strict, title: 'ReturnedCallbackTarget' },
  ),
})
