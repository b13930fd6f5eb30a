import fc from 'fast-check'
import t from 'tap'
import { leaseTerms } from '../../src/ledger/lease.ts'

t.test(
  'given any course of clock, renewals and new terms, when a lease has once run out, then it never holds again, and it never outlasts its last renewal',
  async (t) => {
    const step = fc.oneof(
      { arbitrary: fc.record({ does: fc.constant('pass' as const), ms: fc.integer({ min: -1_500, max: 1_500 }) }), weight: 3 },
      fc.record({ does: fc.constantFrom('renew' as const, 'join' as const, 'look' as const) }),
    )
    t.doesNotThrow(() =>
      fc.assert(
        fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
          let now = 1_000_000
          const terms = leaseTerms(1_000, () => now)
          terms.begin(terms.moment())
          let lease = terms.lease()
          let since = now
          let over = false
          for (const one of steps) {
            if (one.does === 'pass') now += one.ms
            if (one.does === 'renew') {
              const ranOut = over || now - since >= 1_000
              if (terms.prolong(terms.moment()) === ranOut) return false
              if (ranOut) over = true
              else since = now
            }
            if (one.does === 'join') {
              terms.begin(terms.moment())
              if (lease.holds()) return false
              lease = terms.lease()
              since = now
              over = false
            }
            // Every look counts, as it would in the service: what was seen to be over stays so.
            if (now - since >= 1_000) over = true
            if (lease.holds() === over) return false
          }
          return true
        }),
        { numRuns: 500 },
      ),
    )
  },
)

t.test('given a lease that has not begun, then it does not hold', async (t) => {
  t.equal(leaseTerms(1_000, Date.now).lease().holds(), false)
})
