/** Adds the examples of requests, responses and parameters to the operations. */
import type { MediaType, OpenApiDocument, OperationObject } from './document-types.ts'
import { examplesByOperation, sharedExamples } from './examples/by-operation.ts'

/** The only media type of a request or a response; of a form that may also be JSON, the first one. */
function firstMediaType(content: Record<string, MediaType> | undefined, place: string): MediaType {
  const [media] = Object.values(content ?? {})
  if (!media) throw new Error(`${place} has no body for an example`)
  return media
}

function addTo(operation: OperationObject): void {
  const { operationId, parameters = [], requestBody, responses } = operation
  const { parameters: values = {}, request, responses: answers = {} } = examplesByOperation[operationId] ?? {}
  for (const [name, value] of Object.entries(values)) {
    const parameter = parameters.find((candidate) => 'name' in candidate && candidate.name === name)
    if (!parameter) throw new Error(`${operationId} has no parameter ${name}`)
    Object.assign(parameter, { example: value })
  }
  if (request) firstMediaType(requestBody?.content, operationId).examples = request
  for (const [status, examples] of Object.entries(answers))
    firstMediaType(responses[status]?.content, `${operationId} ${status}`).examples = examples
}

/** @throws Error for an example of an operation, a parameter or a body that is not there */
export function addExamples({ paths, components }: OpenApiDocument): void {
  const operations = Object.values(paths).flatMap((item) => Object.values(item))
  const unknown = Object.keys(examplesByOperation).filter((id) => !operations.some(({ operationId }) => operationId === id))
  if (unknown.length > 0) throw new Error(`there is no operation ${unknown.join(', ')}`)
  operations.forEach(addTo)
  components.examples = { ...components.examples, ...sharedExamples }
}
