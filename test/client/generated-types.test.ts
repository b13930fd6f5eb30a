/** The client's types are those of the committed OpenAPI document. */
import { readFileSync } from 'node:fs'
import t from 'tap'
import { generateTypes } from '../../client/generate-types.ts'

t.test('given the OpenAPI document, then the committed types are those of it (npm run client:types writes them)', async (t) => {
  t.equal(readFileSync(new URL('../../client/src/openapi.ts', import.meta.url), 'utf8'), await generateTypes())
})
