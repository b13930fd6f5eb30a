/** The contracts of the data actions, made from the schemas of the flat routes (docs/genesys-cloud.md rules 80–81). */
import { FlatRequestSchema, type FlatField } from './flat-request-schema.ts'
import { FlatAnswerSchema } from './flat-response.ts'

export interface ContractSchema {
  $schema: string
  title: string
  type: 'object'
  required?: string[]
  properties: Record<string, { type: string; title: string; description?: string; items?: { type: string } }>
  additionalProperties: true
}

interface FieldSchema {
  type: string | string[]
  description?: string
  items?: { type: string }
}

const draft = 'http://json-schema.org/draft-04/schema#'

/** What the flow's author reads above a field: "retryAfterSeconds" is "Retry after seconds". */
function titleOf(fieldName: string): string {
  const words = fieldName.replaceAll(/([A-Z])/g, ' $1').toLowerCase()
  return words.charAt(0).toUpperCase() + words.slice(1).replace(/ ids?$/, (id) => id.replace('id', 'ID'))
}

/** A field of a contract has only one type: the first one in the schema. */
const toProperty = (name: string, { type, description, items }: FieldSchema) => ({
  type: [type].flat()[0] as string,
  title: titleOf(name),
  ...(description && { description }),
  ...(items && { items: { type: items.type } }),
})

const createContract = (title: string, fields: Readonly<Record<string, unknown>>, required: readonly string[] = []): ContractSchema => ({
  $schema: draft,
  title,
  type: 'object',
  ...(required.length > 0 && { required: [...required] }),
  properties: Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, toProperty(name, field as FieldSchema)])),
  additionalProperties: true,
})

/** The input of an action that requests a transfer: the fields of a flat request, except those that the action sets itself. */
export function requestContract(title: string, omittedFields: readonly FlatField[] = []): ContractSchema {
  const fields = Object.entries(FlatRequestSchema.properties).filter(([name]) => !omittedFields.includes(name as FlatField))
  return createContract(title, Object.fromEntries(fields), FlatRequestSchema.required)
}
/** The input of the action that reads a transfer. */
export const idContract: ContractSchema = createContract(
  'Transfer',
  { transferId: { type: 'string', description: 'Id of the transfer' } },
  ['transferId'],
)
/** The output of every action. */
export const answerContract: ContractSchema = createContract('Answer', FlatAnswerSchema.properties)
export const emptyContract = (title: string): ContractSchema => createContract(title, {})
