/** How OpenAPI says that a query parameter is a list with commas: beside its schema. The routes can say it only in the schema. */
import type { OpenApiDocument, ParameterObject } from './document-types.ts'

/** Moves `style` and `explode` from the schemas of parameters to the parameters. */
export function moveListStyles({ paths }: OpenApiDocument): void {
  const operations = Object.values(paths).flatMap((path) => Object.values(path))
  for (const parameter of operations.flatMap(({ parameters = [] }) => parameters)) {
    const { schema } = parameter as ParameterObject & { schema?: { style?: string; explode?: boolean } }
    if (schema?.style === undefined) continue
    Object.assign(parameter, { style: schema.style, explode: schema.explode })
    delete schema.style
    delete schema.explode
  }
}
