import type { Ledger } from '../../src/ledger/ledger.ts'

/** A ledger whose changes of records go through `record`; the rest is its own. */
export const recordingBy = (ledger: Ledger, record: Ledger['record']): Ledger =>
  new Proxy(ledger, {
    get(target, name) {
      if (name === 'record') return record
      const found: unknown = Reflect.get(target, name)
      return typeof found === 'function' ? (found.bind(target) as unknown) : found
    },
  })
