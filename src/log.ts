/** How a log line is made: JSON; of an error only what is its own, because the fields that libraries hang on errors carry requests and tokens; and no number or secret, wherever it stood. */
import pino, { type DestinationStream, type Logger } from 'pino'

interface PlainError {
  type: string
  message: string
  code?: string
  stack?: string
}

/** Of anything else that was thrown only its kind is told. */
function plainError(error: unknown): PlainError {
  if (!(error instanceof Error)) return { type: typeof error, message: 'something that is no Error was thrown' }
  const { code } = error as NodeJS.ErrnoException
  return { type: error.name, message: error.message, ...(typeof code === 'string' && { code }), ...(error.stack && { stack: error.stack }) }
}

/** Phone numbers, API keys, webhook secrets and bearer tokens. Redaction by path misses most places they turn up in (reliability §7), so the finished line is searched. */
const unspeakable = /(?:\+|%2[Bb])[1-9]\d{6,14}|\b(?:hk_[A-Za-z0-9-]{1,32}_|whsec_|[Bb]earer )[^\s",\\]{8,}/g
const stand = (found: string): string => (/^[+%]/.test(found) ? '+[number]' : '[secret]')

/** A line as it may be written. */
export const speakable = (line: string): string => line.replaceAll(unspeakable, stand)

/** The service's log on standard output, or on `destination`. */
export function createLog(level: string, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: { service: 'handoff' },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: plainError },
    hooks: { streamWrite: speakable },
  }
  return destination ? pino(options, destination) : pino(options)
}
