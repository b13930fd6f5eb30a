/** `npm run openapi`: writes openapi/transfers.yaml and .env.example from the code; a test fails if they differ. */
import { mkdir, writeFile } from 'node:fs/promises'
import { buildApp } from '../app.ts'
import { createExampleFile } from '../environment/example-file.ts'
import { readEnvironment } from '../environment.ts'
import { createLog } from '../telemetry/log.ts'
import { toYaml } from '../plugins/documents/to-yaml.ts'
import { readArguments } from './arguments.ts'
import { reportFailure } from './failure.ts'

/** Required settings. Their values do not matter: the app is built but not started, and the document does not depend on them. */
const placeholderSettings = {
  GENESYS_CLIENT_ID: 'none',
  GENESYS_CLIENT_SECRET: 'none',
  LOOP_TOKEN_SECRET: 'x'.repeat(32),
  AUDIT_KEY: 'x'.repeat(32),
  API_KEYS: `hk_none_${'x'.repeat(43)}:transfers:read`,
  DATABASE_URL: 'sqlite::memory:',
}

try {
  const { values } = readArguments({ options: { help: { type: 'boolean', default: false } } })
  if (values.help) {
    process.stdout.write('npm run openapi    write openapi/transfers.yaml from the routes, and .env.example from the settings\n')
  } else {
    const app = await buildApp(readEnvironment(placeholderSettings), createLog('silent'))
    await mkdir('openapi', { recursive: true })
    await writeFile('openapi/transfers.yaml', toYaml(app.swagger()))
    await writeFile('.env.example', createExampleFile())
    await app.close()
  }
} catch (error) {
  reportFailure('openapi', error)
}
