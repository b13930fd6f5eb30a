/** The process: reads the environment, listens, leaves gracefully. */
import { setTimeout } from 'node:timers/promises'
import closeWithGrace from 'close-with-grace'
import { config } from 'dotenv'
import { buildApp } from './app.ts'
import { InvalidSetting, readEnvironment, secretsIn, type Environment } from './environment.ts'
import { StoreUnavailable } from './ledger/ledger.ts'
import { createLog } from './telemetry/log.ts'

/** A stop must be over before an orchestrator loses patience, but what is in flight has until its deadline, ms. */
const graceFor = ({ SHUTDOWN_DELAY_MS, TRANSFER_DEADLINE_MS }: Environment): number =>
  Math.max(10_000, SHUTDOWN_DELAY_MS + TRANSFER_DEADLINE_MS + 1_000)

/** The setting that stands behind a failure to listen. */
const listening: Readonly<Record<string, (environment: Environment) => InvalidSetting>> = {
  EADDRINUSE: ({ PORT, HOST }) => new InvalidSetting('PORT', `${PORT} of ${HOST} is in use`),
  EACCES: ({ PORT }) => new InvalidSetting('PORT', `${PORT} may not be listened on by this user`),
  EADDRNOTAVAIL: ({ HOST }) => new InvalidSetting('HOST', `${HOST} is no address of this machine`),
  ENOTFOUND: ({ HOST }) => new InvalidSetting('HOST', `${HOST} is not known`),
  EAI_AGAIN: ({ HOST }) => new InvalidSetting('HOST', `${HOST} is not known`),
}

/** What the operator is told about a start that cannot succeed: one line, or of what nobody expected all there is. */
function reason(error: unknown): string {
  if (error instanceof StoreUnavailable) return `DATABASE_URL: ${error.message}`
  const { message, stack } = error as Error
  return error instanceof InvalidSetting || message.startsWith('GENESYS_') ? message : String(stack)
}

async function start(): Promise<void> {
  const { error: unreadable } = config({ quiet: true })
  if (unreadable && (unreadable as NodeJS.ErrnoException).code !== 'ENOENT')
    throw new InvalidSetting('.env', `cannot be read (${(unreadable as NodeJS.ErrnoException).code})`)
  const environment = readEnvironment(process.env)
  const app = await buildApp(environment, createLog(environment.LOG_LEVEL, { secrets: secretsIn(environment) }))
  try {
    await app.listen({ host: environment.HOST, port: environment.PORT })
  } catch (error) {
    // What was taken up from an earlier run is given back at once, not when the lease runs out.
    await app.close()
    throw listening[(error as NodeJS.ErrnoException).code ?? '']?.(environment) ?? error
  }
  closeWithGrace({ delay: graceFor(environment), logger: false }, async ({ err, signal }) => {
    if (err) app.log.fatal({ err }, 'stopping after an unexpected error')
    else app.log.info({ signal }, 'stopping')
    app.drain()
    await setTimeout(environment.SHUTDOWN_DELAY_MS)
    await app.close()
    app.log.info('stopped')
  })
}

try {
  await start()
} catch (error) {
  process.stderr.write(`handoff: ${reason(error)}\n`)
  process.exit(1)
}
