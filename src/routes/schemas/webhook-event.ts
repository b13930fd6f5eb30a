/** The schemas of the bodies of webhooks: one for each type of event, and the union of all. */
import type { TSchema } from 'typebox'
import { TransferEventDataSchema } from '../../model/crm-event.ts'
import { Type } from '../../model/json-schema.ts'
import { eventTypes } from '../../transfers/stages/crm-webhook.ts'

/** The type of the event by which an endpoint is tested. */
export const testEventType = 'webhook.test'

/** The type of an event as part of an identifier: `transfer.picked_up` is `TransferPickedUp`. */
export const eventName = (type: string): string => type.replaceAll(/(?:^|[._])([a-z])/g, (_match, letter: string) => letter.toUpperCase())

const createEventSchema = (type: string, data: TSchema): TSchema =>
  Type.Object(
    {
      type: Type.Literal(type, { description: 'What has happened' }),
      timestamp: Type.String({ format: 'date-time', description: 'When it happened' }),
      data,
    },
    { title: `${eventName(type)}Event` },
  )

const TestDataSchema = Type.Object({ message: Type.String({ description: 'That this is a test' }) })

/** The schema of each event, by its type. */
export const eventSchemas: Readonly<Record<string, TSchema>> = {
  ...Object.fromEntries(eventTypes.map((type) => [type, createEventSchema(type, TransferEventDataSchema)])),
  [testEventType]: createEventSchema(testEventType, TestDataSchema),
}

/** The schema of any event. */
export const WebhookEventSchema = Type.Unsafe<unknown>({
  title: 'WebhookEvent',
  description: 'The body of a webhook',
  type: 'object',
  discriminator: { propertyName: 'type' },
  oneOf: Object.values(eventSchemas),
})
