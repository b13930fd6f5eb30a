/** The service's log: lines in the Elastic Common Schema, without phone numbers and secrets, as JSON or as text for people. */
import { ecsFormat } from '@elastic/ecs-pino-format'
import pino, { type DestinationStream, type Logger } from 'pino'
import { toEcsFields } from './ecs.ts'
import { standardOutput } from './log-output.ts'
import { createRedactor } from './redact-log-line.ts'
import { serviceVersion } from './version.ts'

/**
 * The fields of a thrown value. Only an error's name, message, code and stack are logged, because the fields that libraries add to
 * errors contain requests and tokens. Of a value that is not an Error only the type is logged.
 */
function toEcsError(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { 'error.type': typeof error, 'error.message': 'the thrown value is not an Error' }
  const { code } = error as NodeJS.ErrnoException
  return {
    'error.type': error.name,
    'error.message': error.message,
    ...(typeof code === 'string' && { 'error.code': code }),
    ...(error.stack && { 'error.stack_trace': error.stack }),
  }
}

export interface LogOptions {
  /** Where lines are written; absent: standard output. */
  destination?: DestinationStream
  /** Values that must never be written. */
  secrets?: readonly string[]
  /** Turns each line, which is JSON without phone numbers and secrets, into the text that is written; absent: the JSON is written. */
  format?: ((line: string) => string) | undefined
}

/** Creates the service's log. @param level a pino level, or `silent` */
export function createLog(level: string, { destination, secrets = [], format = (line) => line }: LogOptions = {}): Logger {
  const ecs = ecsFormat({ serviceName: 'handoff', serviceVersion, apmIntegration: false, convertErr: false })
  const redact = createRedactor(secrets)
  const options = {
    ...ecs,
    level,
    formatters: {
      ...ecs.formatters,
      log: ({ err, ...fields }: Record<string, unknown>) => ({ ...toEcsFields(fields), ...(err !== undefined && toEcsError(err)) }),
    },
    hooks: { streamWrite: (line: string) => format(redact(line)) },
  }
  if (destination) return pino(options, destination)
  const log = pino(options, standardOutput)
  standardOutput.onRecovery = (lostLines) => log.warn({ lostLines }, 'log lines were lost, because standard output could not be written')
  return log
}
