/** How a log line is made: JSON by the Elastic Common Schema; of an error only what is its own, because the fields that libraries hang on errors carry requests and tokens; and no number or secret, wherever it stood. */
import { ecsFormat } from '@elastic/ecs-pino-format'
import pino, { type DestinationStream, type Logger } from 'pino'
import { factsInEcs } from './ecs.ts'

/** Of anything else that was thrown only its kind is told. */
function errorInEcs(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { 'error.type': typeof error, 'error.message': 'something that is no Error was thrown' }
  const { code } = error as NodeJS.ErrnoException
  return {
    'error.type': error.name,
    'error.message': error.message,
    ...(typeof code === 'string' && { 'error.code': code }),
    ...(error.stack && { 'error.stack_trace': error.stack }),
  }
}

/**
 * What must not be written, and what stands in its place. Redaction by path misses most places it turns up in (reliability §7), so the
 * finished line is searched: numbers in international form, plain ones that are a text by themselves, SIP and tel addresses; API keys,
 * webhook secrets, tokens, and credentials in URLs.
 */
const unspeakable: ReadonlyArray<[RegExp, string]> = [
  [/(?:\+|%2[Bb])[1-9](?:[ .()/-]{0,2}\d){6,14}/g, '+[number]'],
  [/\b(?:tel|sips?):[^\s"@;,<>\\]{3,}/g, '[address]'],
  [/"\d{10,15}"/g, '"[number]"'],
  [/\b(?:hk_[A-Za-z0-9-]{1,32}_|whsec_|[Bb]earer |[Bb]asic )[^\s",\\]{8,}/g, '[secret]'],
  [/\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g, '[secret]'],
  [/:\/\/[^/\s:@"]*:[^/\s@"]+@/g, '://[secret]@'],
  [/\b(access_token|client_secret|password)(\\?"?[=:]\s*\\?"?)[^\s"&,\\]{4,}/g, '$1$2[secret]'],
]

/** A line as it may be written. */
export const redact = (line: string): string => unspeakable.reduce((text, [form, stand]) => text.replaceAll(form, stand), line)

const shortest = 8
/** The same for a line that must not hold certain secrets either, as they are or in a URL. */
function scrubber(secrets: readonly string[]): (line: string) => string {
  const forms = new Set(
    secrets
      .filter(({ length }) => length >= shortest)
      .flatMap((secret) => [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)]),
  )
  return (line) => [...forms].reduce((text, secret) => text.replaceAll(secret, '[secret]'), redact(line))
}

/** Lines go out together (bytes; ms): each write is a hand-over to another thread and back. What a killed process has not written is in the audit trail. */
const together = { minLength: 4_096, periodicFlush: 200 }

export interface LogOptions {
  destination?: DestinationStream
  /** Values that must never be written. */
  secrets?: readonly string[]
}

/** The service's log on standard output, or on `destination`. */
export function createLog(level: string, { destination, secrets = [] }: LogOptions = {}): Logger {
  const ecs = ecsFormat({ serviceName: 'handoff', apmIntegration: false, convertErr: false })
  const options = {
    ...ecs,
    level,
    formatters: {
      ...ecs.formatters,
      log: ({ err, ...facts }: Record<string, unknown>) => ({ ...factsInEcs(facts), ...(err !== undefined && errorInEcs(err)) }),
    },
    hooks: { streamWrite: scrubber(secrets) },
  }
  return pino(options, destination ?? pino.destination({ dest: 1, sync: false, ...together }))
}
