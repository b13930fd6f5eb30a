/** The schema of the transfer counts. */
import { groupings } from '../../ledger/contract/transfers.ts'
import { Type } from '../../model/json-schema.ts'
import { nullable } from '../../model/schema-parts.ts'
import { nullableNumber } from './nullable.ts'

const percentiles = Type.Object({ count: Type.Integer(), p50: nullableNumber, p95: nullableNumber, p99: nullableNumber })

/** How many groups a summary has at most. Callers choose the reasons, so there is no limit to how many there are. */
export const maxGroups = 100

const counts = {
  total: Type.Integer(),
  byState: Type.Record(Type.String(), Type.Integer()),
  byCode: Type.Record(Type.String(), Type.Integer()),
  pickupRate: nullable(
    Type.Number({ description: 'Transfers that were picked up, as a share of those that ended after the platform had accepted them' }),
  ),
}

export const TransferSummarySchema = Type.Object({
  since: Type.String({ format: 'date-time' }),
  until: Type.String({ format: 'date-time' }),
  ...counts,
  latencyMs: percentiles,
  pickupMs: percentiles,
  groupBy: Type.Optional(Type.Enum([...groupings], { type: 'string', description: 'As requested' })),
  groups: Type.Optional(
    Type.Array(Type.Object({ value: nullable(Type.String({ description: 'Null: the transfers have none' })), ...counts }), {
      description: `With groupBy: the counts for each value, the largest group first, at most ${maxGroups} groups`,
    }),
  ),
})
