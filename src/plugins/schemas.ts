/** Registers the schemas that routes refer to by `$id`. Validation needs them, whether or not the OpenAPI document is published. */
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { FlatRequestSchema } from '../architect/flat-request-schema.ts'
import { FlatAnswerSchema } from '../architect/flat-response.ts'
import { BulkDryRunSchema, BulkTransferRequestSchema, BulkTransferSchema, ListedBulkTransferSchema } from '../model/bulk-transfer.ts'
import { DryRunSchema, TransferRequestSchema, TransferSchema } from '../model/transfer.ts'
import { AuditEntrySchema, AuditLineSchema } from '../routes/schemas/audit.ts'
import { DeliverySchema } from '../routes/schemas/delivery.ts'
import { ProblemSchema } from '../routes/schemas/problem.ts'
import { TokenErrorSchema } from '../routes/schemas/token.ts'
import { TransferChangeSchema } from '../routes/schemas/transfer-change.ts'

/** In the order in which the OpenAPI document lists them. */
const schemas = [
  TransferSchema,
  DryRunSchema,
  TransferRequestSchema,
  TransferChangeSchema,
  BulkTransferSchema,
  ListedBulkTransferSchema,
  BulkDryRunSchema,
  BulkTransferRequestSchema,
  FlatRequestSchema,
  FlatAnswerSchema,
  ProblemSchema,
  TokenErrorSchema,
  AuditEntrySchema,
  AuditLineSchema,
  DeliverySchema,
]

function schemasPlugin(app: FastifyInstance, _options: object, done: () => void): void {
  for (const schema of schemas) app.addSchema(schema)
  done()
}

export default fp(schemasPlugin, { name: 'schemas', fastify: '5.x' })
