/** How long a lease is valid, with a clock that jumps at random. */
import fc from 'fast-check'
import t from 'tap'
import { createLeaseTerms, machineUptimeMs } from '../../../src/ledger/operations/lease-term.ts'

const leaseMs = 1_000

const stepArbitrary = fc.oneof(
  { arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: -1_500, max: 1_500 }) }), weight: 3 },
  fc.record({ kind: fc.constantFrom('renew' as const, 'begin' as const, 'check' as const) }),
)

t.test(
  'given random clock jumps, renewals and new terms, then a lease is valid until one term after its last renewal, and never again once it has expired',
  async (t) => {
    t.doesNotThrow(() =>
      fc.assert(
        fc.property(fc.array(stepArbitrary, { maxLength: 40 }), (steps) => {
          let now = 1_000_000
          const terms = createLeaseTerms(leaseMs, () => now)
          terms.begin(terms.readClocks())
          let lease = terms.currentLease()
          let renewedAt = now
          let hasExpired = false
          for (const step of steps) {
            if (step.kind === 'wait') now += step.ms
            if (step.kind === 'renew') {
              const isTooLate = hasExpired || now - renewedAt >= leaseMs
              if (terms.renew(terms.readClocks()) === isTooLate) return false
              if (isTooLate) hasExpired = true
              else renewedAt = now
            }
            if (step.kind === 'begin') {
              terms.begin(terms.readClocks())
              if (lease.isValid()) return false
              lease = terms.currentLease()
              renewedAt = now
              hasExpired = false
            }
            // Each check counts, as in the service: a lease that was seen to have expired stays so, even when the clock is set back.
            if (now - renewedAt >= leaseMs) hasExpired = true
            if (lease.isValid() === hasExpired) return false
          }
          return true
        }),
        { numRuns: 500 },
      ),
    )
  },
)

t.test('given a lease that has not begun, then it is not valid', async (t) => {
  t.equal(createLeaseTerms(leaseMs, machineUptimeMs).currentLease().isValid(), false)
})
