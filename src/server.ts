/** The process: reads the settings, starts listening, and stops gracefully on a signal. */
import { parseArgs } from 'node:util'
import { buildApp } from './app.ts'
import { loadEnvFile } from './environment/env-file.ts'
import { collectSecrets, InvalidSetting, readEnvironment, type Environment } from './environment.ts'
import { StoreUnavailable } from './ledger/contract/errors.ts'
import { closeOnSignal } from './plugins/graceful-shutdown.ts'
import { createLog } from './telemetry/log.ts'
import { standardOutput } from './telemetry/log-output.ts'
import { serviceVersion } from './telemetry/version.ts'

/**
 * How long a shutdown may take before the process exits anyway, at least 10 s, in ms: the delay, the time
 * until every running request has reached its deadline, and a second to close the rest.
 */
const shutdownTimeoutMs = ({ SHUTDOWN_DELAY_MS, TRANSFER_DEADLINE_MS }: Environment): number =>
  Math.max(10_000, SHUTDOWN_DELAY_MS + TRANSFER_DEADLINE_MS + 1_000)

/** The setting that is wrong when the server cannot listen, by the code of the error. */
const listenErrors: Readonly<Record<string, (environment: Environment) => InvalidSetting>> = {
  EADDRINUSE: ({ PORT, HOST }) => new InvalidSetting('PORT', `${PORT} of ${HOST} is in use`),
  EACCES: ({ PORT }) => new InvalidSetting('PORT', `this user may not listen on ${PORT}`),
  EADDRNOTAVAIL: ({ HOST }) => new InvalidSetting('HOST', `${HOST} is not an address of this machine`),
  ENOTFOUND: ({ HOST }) => new InvalidSetting('HOST', `${HOST} cannot be resolved`),
  EAI_AGAIN: ({ HOST }) => new InvalidSetting('HOST', `${HOST} cannot be resolved`),
}

/** What the operator reads when the start fails: one line for each setting that is wrong, the whole stack for an unexpected error. */
function startFailure(error: unknown): string {
  if (error instanceof StoreUnavailable) return `DATABASE_URL: ${error.message}`
  const { message, stack, code = '' } = error as NodeJS.ErrnoException
  // The platform client names the setting in a plain Error.
  const isExpected = error instanceof InvalidSetting || message.startsWith('GENESYS_') || code.startsWith('ERR_PARSE_ARGS')
  return isExpected ? message.replaceAll('\n', '\nhandoff: ') : String(stack)
}

const help = `npm start               start the service; SIGTERM or Ctrl-C stops it gracefully
npm start -- --version  print the versions of Handoff and Node.js

Settings come from the environment and from .env in the working directory;
.env.example lists them. "npm run keys -- settings" prints new secrets and a
key, "npm run doctor" checks an installation, "npm run demo" needs no settings.
Exit code 1: it could not start.
`

/** How log lines are formatted; undefined: they stay JSON. What formats them takes memory and time at the start, so it is loaded only here. */
async function chooseFormat({ LOG_FORMAT }: Environment): Promise<((line: string) => string) | undefined> {
  if (LOG_FORMAT === 'json') return undefined
  const { canColorOutput, createReadableLines } = await import('./telemetry/readable-log.ts')
  return createReadableLines({ isColored: canColorOutput(process.env) })
}

async function start(): Promise<void> {
  loadEnvFile()
  const environment = readEnvironment(process.env, { needsApiKey: true })
  const log = createLog(environment.LOG_LEVEL, { secrets: collectSecrets(environment), format: await chooseFormat(environment) })
  const app = await buildApp(environment, log)
  try {
    await app.listen({ host: environment.HOST, port: environment.PORT })
  } catch (error) {
    // Releases the transfers that this node has claimed, so that another node need not wait until the lease expires.
    await app.close()
    throw listenErrors[(error as NodeJS.ErrnoException).code ?? '']?.(environment) ?? error
  }
  closeOnSignal(app, {
    delayMs: environment.SHUTDOWN_DELAY_MS,
    timeoutMs: shutdownTimeoutMs(environment),
    onClosed: () => standardOutput.flush(),
  })
}

// Without a listener, a message that cannot be written to standard error would end the process.
process.stderr.on('error', () => {})
try {
  const { values } = parseArgs({ options: { help: { type: 'boolean', default: false }, version: { type: 'boolean', default: false } } })
  if (values.help) process.stdout.write(help)
  else if (values.version) process.stdout.write(`handoff ${serviceVersion} (Node.js ${process.version})\n`)
  else await start()
} catch (error) {
  await standardOutput.flush()
  process.stderr.write(`handoff: ${startFailure(error)}\n`)
  process.exit(1)
}
