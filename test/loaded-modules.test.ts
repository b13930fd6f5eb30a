/** What the service loads to start: every module costs memory for as long as the process lives, and time at each start. */
import t from 'tap'
import { startSimulator } from '../src/simulator/simulator.ts'
import { runCommand } from './commands/run-command.ts'
import { testSettings } from './support/settings.ts'

/** Starts the service without listening, and prints the packages and the parts of Node.js that were loaded by then, one a line. */
const program = `
  import { registerHooks } from 'node:module'
  const packages = new Set()
  registerHooks({
    load(url, context, next) {
      const name = /.*\\/node_modules\\/((?:@[^/]+\\/)?[^/]+)/.exec(url)?.[1]
      if (name) packages.add(name)
      return next(url, context)
    },
  })
  const { buildApp } = await import('./src/app.ts')
  const { readEnvironment } = await import('./src/environment.ts')
  const { createLog } = await import('./src/telemetry/log.ts')
  const app = await buildApp(readEnvironment(process.env), createLog('silent'))
  const parts = process.moduleLoadList.map((entry) => entry.replace('NativeModule ', 'node:'))
  await app.close()
  console.log([...packages, ...parts].join('\\n'))
`

/** Modules that are not loaded at the start, each with the reason. */
const notLoaded: Readonly<Record<string, string>> = {
  typebox: 'src/model/json-schema.ts builds the schemas',
  axios: "the SDK's own HTTP client is not used",
  winston: "the SDK's logger is not used",
  '@opentelemetry/api': 'only with OTEL_EXPORTER_OTLP_ENDPOINT',
  '@opentelemetry/sdk-trace-node': 'only with OTEL_EXPORTER_OTLP_ENDPOINT',
  tdigest: 'for summaries, and there are only counters, gauges and histograms',
  jose: 'only once a caller requests or sends a token',
  'rrule-temporal': 'only once a schedule has a recurrence rule',
  pg: 'only with PostgreSQL',
  '@modelcontextprotocol/server': 'only with MCP=on',
  zod: 'only with MCP=on',
  'pino-pretty': 'only with LOG_FORMAT=pretty',
  // node:http itself is loaded, but by `process.getBuiltinModule` or `require`, which do not read all of its exports.
  'node:internal/deps/undici/undici': "Node's own copy of undici, which `import` of node:http would load",
}

t.test('given the service, when it has started, then it has loaded none of the modules that it does not need yet', async (t) => {
  const simulator = await startSimulator()
  t.teardown(() => simulator.close())
  const settings = { ...testSettings(simulator.url), DATABASE_URL: 'sqlite::memory:' }
  const { exitCode, stdout, stderr } = await runCommand(process.execPath, ['--input-type=module', '--eval', program], settings)
  t.strictSame({ exitCode, stderr }, { exitCode: 0, stderr: '' })
  const loaded = new Set(stdout.trimEnd().split('\n'))
  t.ok(loaded.has('fastify') && loaded.has('node:http'), 'the program lists loaded modules')
  for (const [name, reason] of Object.entries(notLoaded)) t.notOk(loaded.has(name), `${name}: ${reason}`)
})
