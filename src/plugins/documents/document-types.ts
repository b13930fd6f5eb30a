/** The parts of an OpenAPI document that are completed after it was generated from the schemas of the routes. */

/** A JSON Schema, or a reference to one. */
export type SchemaObject = Record<string, unknown>

/** A named example of a body (OpenAPI 3.1 §4.8.19), or a reference to one. */
export type Example = { summary: string; description?: string; value: unknown } | { $ref: string }
/** Examples by their names. */
export type Examples = Record<string, Example>

export interface MediaType {
  schema: SchemaObject
  examples?: Examples
}

export interface ResponseObject {
  description: string
  headers?: Record<string, object>
  content?: Record<string, MediaType>
}

export interface ParameterObject {
  name: string
  in: string
  description?: string
  required?: boolean
  schema?: SchemaObject
  example?: unknown
}

export interface OperationObject {
  operationId: string
  summary?: string
  description?: string
  tags: string[]
  security?: Array<Record<string, string[]>>
  parameters?: Array<ParameterObject | { $ref: string }>
  requestBody?: { required?: boolean; content: Record<string, MediaType> }
  responses: Record<string, ResponseObject>
}

/** The operations of a path or a webhook, by method. */
export type PathItem = Record<string, OperationObject>

export interface OpenApiDocument {
  openapi: string
  info: object
  servers?: object[]
  tags?: object[]
  paths: Record<string, PathItem>
  webhooks?: Record<string, PathItem>
  components: {
    schemas: Record<string, SchemaObject>
    examples?: Examples
    headers?: Record<string, object>
    parameters?: Record<string, ParameterObject>
    securitySchemes: Record<string, object>
  }
}
