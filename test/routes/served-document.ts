/** The OpenAPI document as the service serves it, and checks of responses against it. */
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'

/** A named example, or a reference to one. */
export type Example = { value: unknown } | { $ref: string }
export interface MediaType {
  schema: object
  examples?: Record<string, Example>
}
export interface Operation {
  operationId: string
  tags: string[]
  security?: Array<Record<string, string[]>>
  description?: string
  responses: Record<string, { content?: Record<string, MediaType> }>
  requestBody?: { content: Record<string, MediaType> }
  parameters?: Array<{ name: string; in: string; example?: unknown }>
}
export interface OpenApiDocument {
  openapi: string
  info: { title: string; version: string }
  paths: Record<string, Record<string, Operation>>
  webhooks: Record<string, { post: Operation }>
  components: {
    examples: Record<string, { value: unknown }>
    parameters: Record<string, { name: string; required: boolean }>
    schemas: Record<string, { examples?: unknown[]; properties: Record<string, unknown> }>
    securitySchemes: Record<string, object>
  }
}

export interface ServedDocument {
  document: OpenApiDocument
  /** Every operation with its method and path. */
  operations: Array<Operation & { method: string; path: string }>
  /** The examples of a body, by their names. */
  examplesOf(media: MediaType | undefined): Record<string, unknown>
  /** The violations of a schema by a value; empty if the value is valid. */
  schemaViolations(schema: object, value: unknown): string[]
  /** The violations of a component's schema by a value. */
  violations(component: string, value: unknown): string[]
  /** The violations of an operation's response schema by a response. A refusal must also have a documented code. */
  responseViolations(operationId: string, status: number, contentType: string, body: unknown): string[]
}

const toMessages = (errors: ErrorObject[] | null | undefined): string[] =>
  (errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`)

/** The outermost fields of a value that its schema does not document: a response must not have any. */
const undocumentedFields = (schema: { properties?: Record<string, unknown> } | undefined, value: unknown): string[] =>
  schema?.properties && value !== null && typeof value === 'object'
    ? Object.keys(value)
        .filter((name) => !(name in (schema.properties ?? {})))
        .map((name) => `${name} is not documented`)
    : []

/** Reads the document from a running service. */
export async function readServedDocument(url: string): Promise<ServedDocument> {
  const document = (await (await fetch(`${url}/docs/json`)).json()) as OpenApiDocument
  const ajv = addFormats.default(new Ajv2020({ strict: false, allErrors: true, validateSchema: false }))
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ ...operation, method: method.toUpperCase(), path })),
  )
  /** Compiled validators by the text of their schema, because the same schemas are checked many times. */
  const validators = new Map<string, ValidateFunction>()
  const schemaViolations = (schema: object, value: unknown): string[] => {
    const key = JSON.stringify(schema)
    const validate = validators.get(key) ?? ajv.compile({ ...schema, components: document.components })
    validators.set(key, validate)
    return validate(value) ? [] : toMessages(validate.errors)
  }
  const resolveReference = (schema: object): object =>
    '$ref' in schema ? (document.components.schemas[String(schema.$ref).split('/').at(-1) ?? ''] ?? {}) : schema
  const resolveExample = (example: Example): { value: unknown } =>
    '$ref' in example ? (document.components.examples[example.$ref.split('/').at(-1) ?? ''] ?? { value: undefined }) : example
  const allViolations = (schema: object, value: unknown): string[] => [
    ...schemaViolations(schema, value),
    ...undocumentedFields(resolveReference(schema), value),
  ]
  return {
    document,
    operations,
    examplesOf: ({ examples = {} } = { schema: {} }) =>
      Object.fromEntries(Object.entries(examples).map(([name, example]) => [name, resolveExample(example).value])),
    schemaViolations: allViolations,
    violations: (component, value) => allViolations({ $ref: `#/components/schemas/${component}` }, value),
    responseViolations(operationId, status, contentType, body) {
      const responses = operations.find((operation) => operation.operationId === operationId)?.responses ?? {}
      const content = responses[status]?.content ?? {}
      const media = content[contentType.split(';')[0] ?? '']
      if (!media) return [`${operationId} documents no ${status} with ${contentType}`]
      const { code } = (body ?? {}) as { code?: string }
      const isDocumented = contentType.startsWith('application/json') || String(code) in (media.examples ?? {})
      return [
        ...allViolations(media.schema, body),
        ...(isDocumented ? [] : [`${operationId} documents no ${status} with the code ${code}`]),
      ]
    },
  }
}
