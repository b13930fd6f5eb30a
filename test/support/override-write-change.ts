/** Replaces the method with which a ledger writes state changes, so that a test can make such writes fail, delay them or observe them. */
import type { Ledger } from '../../src/ledger/contract/ledger.ts'

/** Wraps a ledger so that `writeChange` replaces its own method; all other methods are the ledger's. */
export const overrideWriteChange = (ledger: Ledger, writeChange: Ledger['writeChange']): Ledger =>
  new Proxy(ledger, {
    get(target, name) {
      if (name === 'writeChange') return writeChange
      const member: unknown = Reflect.get(target, name)
      return typeof member === 'function' ? (member.bind(target) as unknown) : member
    },
  })
