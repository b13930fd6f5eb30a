/** Lets a test fail, delay or observe the ledger's write of one state change, and nothing else of the ledger. */
import type { Ledger } from '../../src/ledger/contract/ledger.ts'

/** A ledger that calls `writeChange` instead of its own method of that name. */
export const overrideWriteChange = (ledger: Ledger, writeChange: Ledger['writeChange']): Ledger =>
  new Proxy(ledger, {
    get(target, name) {
      if (name === 'writeChange') return writeChange
      const member: unknown = Reflect.get(target, name)
      return typeof member === 'function' ? (member.bind(target) as unknown) : member
    },
  })
