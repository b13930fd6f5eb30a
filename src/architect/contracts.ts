/** The contracts of the data actions, from the schemas of the flat routes (architect-and-peers §1.1, §1.3). */
import { FlatAnswerSchema, FlatRequestSchema, type FlatField } from './flat-response.ts'

export interface ContractSchema {
  $schema: string
  title: string
  type: 'object'
  required?: string[]
  properties: Record<string, { type: string; title: string; description?: string; items?: { type: string } }>
  additionalProperties: true
}

interface Described {
  type: string | string[]
  description?: string
  items?: { type: string }
}

const draft = 'http://json-schema.org/draft-04/schema#'
/** What the flow's author reads over a field: "retryAfterSeconds" is "Retry after seconds". */
const titled = (name: string): string => {
  const words = name.replaceAll(/([A-Z])/g, ' $1').toLowerCase()
  return words.charAt(0).toUpperCase() + words.slice(1).replace(/ ids?$/, (id) => id.replace('id', 'ID'))
}
/** The types that a contract knows are fewer than those that a flow may send: the first one counts. */
const property = (name: string, { type, description, items }: Described) => ({
  type: [type].flat()[0] as string,
  title: titled(name),
  ...(description && { description }),
  ...(items && { items: { type: items.type } }),
})

const contract = (title: string, fields: Readonly<Record<string, unknown>>, required: string[] = []): ContractSchema => ({
  $schema: draft,
  title,
  type: 'object',
  ...(required.length > 0 && { required }),
  properties: Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, property(name, field as Described)])),
  additionalProperties: true,
})

/** What a transfer action takes: every field of a request but those that the action sets itself. */
export function requestContract(title: string, without: readonly FlatField[] = []): ContractSchema {
  const fields = Object.entries(FlatRequestSchema.properties).filter(([name]) => !without.includes(name as FlatField))
  return contract(title, Object.fromEntries(fields), ['conversationId', 'targetType'])
}
export const idContract: ContractSchema = contract('Transfer', { transferId: { type: 'string', description: 'The transfer' } }, [
  'transferId',
])
export const answerContract: ContractSchema = contract('Answer', FlatAnswerSchema.properties)
export const emptyContract = (title: string): ContractSchema => contract(title, {})
