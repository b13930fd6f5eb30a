/** Logs when the ledger cannot be used, and when it works again. */
import type { OutageLog } from '../telemetry/outage-log.ts'
import { StoreDamaged, StoreUnavailable } from './contract/errors.ts'
import type { Ledger } from './contract/ledger.ts'

const subject = 'ledger'

/**
 * Wraps a ledger so that an outage begins in the log when any of its promises rejects with StoreUnavailable. The outage ends when the lease,
 * which is renewed every few seconds, can be written.
 * @param onFailure called with the error when a promise rejects with StoreUnavailable, other than that of the check whether the ledger can be written
 */
export function reportOutages(ledger: Ledger, outages: OutageLog, onFailure: (error: StoreUnavailable) => void = () => {}): Ledger {
  const onError = (name: string | symbol) => (error: unknown) => {
    if (!(error instanceof StoreUnavailable)) return
    if (name !== 'checkWritable') onFailure(error)
    outages.begin(subject, {
      level: 'error',
      message:
        error instanceof StoreDamaged
          ? 'the ledger is damaged: transfers are refused until Handoff is started again'
          : 'the ledger cannot be used: transfers are refused until it works again; look at the disk (SQLite) or the database (PostgreSQL)',
      recovery: 'the ledger works again',
      fields: { reason: error.message, 'error.code': error.certificateCode },
    })
  }
  return new Proxy(ledger, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name)
      if (typeof member !== 'function') return member
      return (...args: unknown[]): unknown => {
        const result: unknown = member.apply(target, args)
        if (result instanceof Promise) result.then(name === 'renewLease' ? () => outages.end(subject) : undefined, onError(name))
        return result
      }
    },
  })
}
