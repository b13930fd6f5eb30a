/** `npm run client:types`: writes client/src/openapi.ts, the types of openapi/transfers.yaml; a test fails if it is out of date. */
import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import openapiTS, { astToString } from 'openapi-typescript'
import { format } from 'prettier'

const document = new URL('../openapi/transfers.yaml', import.meta.url)
const output = new URL('src/openapi.ts', import.meta.url)
const header = '/** The types of openapi/transfers.yaml. This file is written by "npm run client:types". */\n'

/** The text of client/src/openapi.ts. */
export async function generateTypes(): Promise<string> {
  const code = header + astToString(await openapiTS(document))
  return format(code, { parser: 'typescript', semi: false, singleQuote: true, printWidth: 140 })
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { help: { type: 'boolean', default: false } } })
  if (values.help) process.stdout.write('npm run client:types    write client/src/openapi.ts from openapi/transfers.yaml\n')
  else await writeFile(output, await generateTypes())
}
