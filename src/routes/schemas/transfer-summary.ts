/** The schema of the transfer counts. */
import { Type } from '../../model/json-schema.ts'
import { nullable } from '../../model/schema-parts.ts'
import { nullableNumber } from './nullable.ts'

const percentiles = Type.Object({ count: Type.Integer(), p50: nullableNumber, p95: nullableNumber, p99: nullableNumber })

export const TransferSummarySchema = Type.Object({
  since: Type.String({ format: 'date-time' }),
  until: Type.String({ format: 'date-time' }),
  total: Type.Integer(),
  byState: Type.Record(Type.String(), Type.Integer()),
  byCode: Type.Record(Type.String(), Type.Integer()),
  pickupRate: nullable(
    Type.Number({ description: 'Transfers that were picked up, as a share of those that ended after the platform had accepted them' }),
  ),
  latencyMs: percentiles,
  pickupMs: percentiles,
})
