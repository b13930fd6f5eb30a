/** Builds the service for a test without listening on a port, which is enough for `app.inject`. */
import type { FastifyInstance } from 'fastify'
import { buildApp, type AppOverrides } from '../../src/app.ts'
import { collectSecrets, readEnvironment } from '../../src/environment.ts'
import { createLog } from '../../src/telemetry/log.ts'
import type { Rules } from '../../src/transfers/stage-context.ts'

/** Anything with a `teardown`, such as a tap test. */
export interface TestContext {
  teardown(work: () => unknown): void
}

export interface BuiltService {
  app: FastifyInstance
  /** Everything that was logged, parsed, in order. */
  logLines: Array<Record<string, unknown>>
  /** Closes the app; safe to call more than once. */
  stop(): Promise<void>
}

/**
 * Builds the service and closes it after the test.
 * @param settings environment variables, see `testSettings`
 * @param rules pipeline rules that differ from the settings
 */
export async function build(
  t: TestContext,
  settings: Record<string, string>,
  rules: Partial<Rules> = {},
  overrides: AppOverrides = {},
): Promise<BuiltService> {
  const environment = readEnvironment(settings)
  const logLines: BuiltService['logLines'] = []
  const log = createLog(environment.LOG_LEVEL, {
    destination: { write: (line: string) => void logLines.push(JSON.parse(line) as Record<string, unknown>) },
    secrets: collectSecrets(environment),
  })
  const app = await buildApp(environment, log, {
    rules: { notExecutedAfterMs: 600, conflictPauseMs: 100, optionalCallTimeoutMs: 20_000, ...rules },
    ...overrides,
  })
  let stopped: Promise<void> | undefined
  const stop = (): Promise<void> => (stopped ??= app.close())
  t.teardown(stop)
  return { app, logLines, stop }
}
