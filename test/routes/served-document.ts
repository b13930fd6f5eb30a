/** The OpenAPI document as the service serves it, and checks of responses against it. */
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'

export interface Operation {
  operationId: string
  tags: string[]
  security?: unknown[]
  responses: Record<string, { content?: Record<string, { schema: object }> }>
  requestBody?: { content: Record<string, { schema: object }> }
  parameters?: Array<{ name: string; in: string }>
}
export interface OpenApiDocument {
  openapi: string
  info: { title: string; version: string }
  paths: Record<string, Record<string, Operation>>
  components: {
    schemas: Record<string, { examples?: unknown[]; properties: Record<string, unknown> }>
    securitySchemes: Record<string, object>
  }
}

export interface ServedDocument {
  document: OpenApiDocument
  /** Every operation with its method and path. */
  operations: Array<Operation & { method: string; path: string }>
  /** The violations of a component's schema by a value; empty if the value is valid. */
  violations(component: string, value: unknown): string[]
  /** The violations of an operation's response schema by a response. */
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
  const ajv = addFormats.default(new Ajv2020({ strict: false, discriminator: true, allErrors: true, validateSchema: false }))
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
  const allViolations = (schema: object, value: unknown): string[] => [
    ...schemaViolations(schema, value),
    ...undocumentedFields(resolveReference(schema), value),
  ]
  return {
    document,
    operations,
    violations: (component, value) => allViolations({ $ref: `#/components/schemas/${component}` }, value),
    responseViolations(operationId, status, contentType, body) {
      const responses = operations.find((operation) => operation.operationId === operationId)?.responses ?? {}
      const content = (responses[status] ?? responses[`${String(status)[0]}XX`])?.content ?? {}
      const schema = content[contentType.split(';')[0] ?? '']?.schema
      return schema ? allViolations(schema, body) : [`${operationId} documents no ${status} with ${contentType}`]
    },
  }
}
