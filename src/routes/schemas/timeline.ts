/** The schema of a transfer's timeline. */
import { Type } from '../../model/json-schema.ts'
import { HopSchema } from '../../model/hop.ts'
import { timelineKinds, type TimelineItem } from '../../transfers/history/timeline.ts'
import { AuditEntrySchema } from './audit.ts'
import { DeliverySchema } from './delivery.ts'
import { ref } from './responses.ts'

const orNull = (schema: object, description: string) => ({ anyOf: [schema, { type: 'null' }], description })
const { id, endpoint, type, attempts } = DeliverySchema.properties
const DeliveryStepSchema = Type.Object(
  {
    id,
    endpoint,
    type,
    attempt: Type.Unsafe<unknown>(orNull(attempts.items, 'Null: the delivery was queued')),
  },
  { title: 'DeliveryStep' },
)

export const TimelineSchema = Type.Object(
  {
    items: Type.Array(
      Type.Unsafe<TimelineItem>(
        Type.Object(
          {
            at: Type.String({ format: 'date-time', description: 'When it happened' }),
            kind: Type.Enum([...timelineKinds], { type: 'string', description: 'Which of the fields audit, hop and delivery is not null' }),
            status: Type.String({
              description: 'The status of the audit entry; started or the outcome of a hop; queued or attempted of a delivery',
            }),
            audit: Type.Unsafe<unknown>(orNull(ref(AuditEntrySchema), 'The audit entry')),
            hop: Type.Unsafe<unknown>(orNull(HopSchema, 'The hop that started or ended')),
            delivery: Type.Unsafe<unknown>(orNull(DeliveryStepSchema, 'The webhook delivery that was queued or attempted')),
          },
          { title: 'TimelineItem' },
        ),
      ),
      { description: 'The oldest first' },
    ),
  },
  { title: 'Timeline' },
)
