/** What a caller may change about a transfer while its call waits in a queue. */
import type { Static } from 'typebox'
import { queueFields } from '../../model/conditions.ts'
import { Type } from '../../model/json-schema.ts'
import { idSchema, strict } from '../../model/schema-parts.ts'
import { priorityLimits } from '../../model/transfer.ts'

/** The body of a request to change a transfer. A field that it does not name stays as it is. */
export const TransferChangeSchema = Type.Object(
  {
    priority: Type.Optional(
      Type.Integer({ ...priorityLimits, description: 'The new priority in the queue: one point counts as one minute of waiting' }),
    ),
    skillIds: Type.Optional(
      Type.Array(idSchema('Skill'), {
        maxItems: 20,
        uniqueItems: true,
        description: 'All the skills that the agent must have from now on; an empty list: none',
      }),
    ),
    preferredUserIds: queueFields.preferredUserIds,
  },
  {
    ...strict,
    minProperties: 1,
    $id: 'TransferChange',
  },
)
export type TransferChange = Static<typeof TransferChangeSchema>
