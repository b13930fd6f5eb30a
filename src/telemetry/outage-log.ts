/** Logs outages of what the service depends on: one line when an outage begins and one when it is over, however many calls fail meanwhile. */
import { monotonicMs } from '../model/clock.ts'

interface OutageLogger {
  error(fields: object, message: string): void
  warn(fields: object, message: string): void
  info(fields: object, message: string): void
}

export interface Outage {
  /** `error` when the service cannot do its work meanwhile, `warn` when it may recover by itself. */
  level: 'error' | 'warn'
  message: string
  /** What is logged when it is over. */
  recovery: string
  fields?: object
}

export interface OutageLog {
  /**
   * Records a failed call. The outage is logged if it is new or has another message than the current one, but each message at most once a
   * minute, and no warning while an error lasts.
   * @param subject what fails, such as `login`
   */
  begin(subject: string, outage: Outage): void
  /** Records a successful call, which ends the outage. */
  end(subject: string): void
  hasOutage(subject: string): boolean
}

/** An outage that comes and goes is logged at most this often, ms. */
const defaultMinIntervalMs = 60_000

/** Creates the outage log, which tracks each subject separately. */
export function createOutageLog(log: OutageLogger, minIntervalMs = defaultMinIntervalMs): OutageLog {
  const outages = new Map<string, { outage: Outage; isLogged: boolean }>()
  const loggedAt = new Map<string, number>()

  return {
    begin(subject, outage) {
      const current = outages.get(subject)
      // While the service cannot work at all, a lesser failure is no news.
      const isNews = current?.outage.message !== outage.message && (current?.outage.level !== 'error' || outage.level === 'error')
      if (current?.isLogged && !isNews) return
      const key = `${subject} ${outage.message}`
      const isLogged = monotonicMs() - (loggedAt.get(key) ?? -Infinity) >= minIntervalMs
      outages.set(subject, { outage, isLogged })
      if (!isLogged) return
      loggedAt.set(key, monotonicMs())
      log[outage.level]({ ...outage.fields, alert: outage.level === 'error' }, outage.message)
    },
    end(subject) {
      const current = outages.get(subject)
      if (!current) return
      outages.delete(subject)
      if (current.isLogged) log.info({}, current.outage.recovery)
    },
    hasOutage: (subject) => outages.has(subject),
  }
}
