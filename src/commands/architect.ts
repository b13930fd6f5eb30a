/** `npm run architect`: writes the data actions in the folder architect/ from the schemas of the flat routes; a test fails if the files are out of date. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { dataActionFiles } from '../architect/data-actions.ts'
import { readArguments } from './arguments.ts'
import { reportFailure } from './failure.ts'

try {
  const { values } = readArguments({ options: { help: { type: 'boolean', default: false } } })
  if (values.help) {
    process.stdout.write('npm run architect    write the data actions (architect/*.json) from the schemas of the flat routes\n')
  } else {
    await mkdir('architect', { recursive: true })
    for (const [name, action] of Object.entries(dataActionFiles))
      await writeFile(join('architect', name), `${JSON.stringify(action, null, 2)}\n`)
  }
} catch (error) {
  reportFailure('architect', error)
}
