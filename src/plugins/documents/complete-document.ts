/** Completes the OpenAPI document that was generated from the schemas of the routes: scopes, refusals, webhooks, names and examples. */
import type { OpenApiDocument } from './document-types.ts'
import { addExamples } from './add-examples.ts'
import { nameSchemas } from './named-schemas.ts'
import { moveListStyles } from './list-parameters.ts'
import { addRefusals } from './refusals.ts'
import type { RouteFacts } from './route-facts.ts'
import { addScopes } from './scopes.ts'
import { addWebhooks } from './webhooks.ts'

/**
 * Completes a document.
 * @param generated is not changed
 * @returns a document in which no two places share an object: shared objects would become YAML anchors, which some generators cannot read
 * @throws Error if what is added does not fit: two schemas with one name, or an example for something that is not there
 */
export default function completeDocument(generated: object, routes: ReadonlyMap<string, RouteFacts>): OpenApiDocument {
  const document = structuredClone(generated) as OpenApiDocument
  moveListStyles(document)
  addScopes(document, routes)
  addRefusals(document, routes)
  addWebhooks(document)
  nameSchemas(document)
  addExamples(document)
  const { openapi, info, servers, tags, paths, webhooks, components } = document
  return JSON.parse(JSON.stringify({ openapi, info, servers, tags, paths, webhooks, components })) as OpenApiDocument
}
