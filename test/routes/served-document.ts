/** The OpenAPI document as it is served, and what answers are held against it. */
import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js'
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

export interface Served {
  document: OpenApiDocument
  /** Every operation with its method and path. */
  operations: Array<Operation & { method: string; path: string }>
  /** What does not fit a named component; nothing where all fits. */
  misfits(component: string, value: unknown): string[]
  /** The same for the answer of an operation. */
  answerMisfits(operationId: string, status: number, contentType: string, body: unknown): string[]
}

const told = (errors: ErrorObject[] | null | undefined): string[] =>
  (errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`)

/** Fields that a schema does not know: an answer that tells more than is documented does not fit either. */
const undeclared = (schema: { properties?: Record<string, unknown> } | undefined, value: unknown): string[] =>
  schema?.properties && value !== null && typeof value === 'object'
    ? Object.keys(value)
        .filter((name) => !(name in (schema.properties ?? {})))
        .map((name) => `${name} is not documented`)
    : []

/** Reads the document from a running service. */
export async function servedDocument(url: string): Promise<Served> {
  const document = (await (await fetch(`${url}/docs/json`)).json()) as OpenApiDocument
  const ajv = addFormats.default(new Ajv2020({ strict: false, discriminator: true, allErrors: true, validateSchema: false }))
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ ...operation, method: method.toUpperCase(), path })),
  )
  const check = (schema: object, value: unknown): string[] => {
    const judge = ajv.compile({ ...schema, components: document.components })
    return judge(value) ? [] : told(judge.errors)
  }
  const resolved = (schema: object): object =>
    '$ref' in schema ? (document.components.schemas[String(schema.$ref).split('/').at(-1) ?? ''] ?? {}) : schema
  const held = (schema: object, value: unknown): string[] => [...check(schema, value), ...undeclared(resolved(schema), value)]
  return {
    document,
    operations,
    misfits: (component, value) => held({ $ref: `#/components/schemas/${component}` }, value),
    answerMisfits(operationId, status, contentType, body) {
      const responses = operations.find((one) => one.operationId === operationId)?.responses ?? {}
      const content = (responses[status] ?? responses[`${String(status)[0]}XX`])?.content ?? {}
      const schema = content[contentType.split(';')[0] ?? '']?.schema
      return schema ? held(schema, body) : [`${operationId} documents no ${status} with ${contentType}`]
    },
  }
}
