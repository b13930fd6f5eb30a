/** The conformance suite: behaviors that the ledger must have on every database (docs/architecture.md#ledger). */
import t from 'tap'
import type { Ledger, LedgerOptions } from '../../src/ledger/contract/ledger.ts'
import { openLedger } from '../../src/ledger/open.ts'
import { testAudit } from './conformance/audit.ts'
import { testAuditKeys } from './conformance/audit-keys.ts'
import { testBulkTransfers } from './conformance/bulk-transfers.ts'
import { testChanges } from './conformance/changes.ts'
import { testConcurrency } from './conformance/concurrency.ts'
import { testDeliveries } from './conformance/deliveries.ts'
import { testEndpoints } from './conformance/endpoints.ts'
import { testErasure } from './conformance/erasure.ts'
import { testLeases } from './conformance/leases.ts'
import { testOpening } from './conformance/opening-transfers.ts'
import { testQueries } from './conformance/queries.ts'
import { testRetention } from './conformance/retention.ts'
import { testStateMachine } from './conformance/state-machine.ts'
import { auditKey } from './fixtures.ts'

/** Opens a ledger on the test's database. Each one is a node of its own, as if it ran in another process. */
export type OpenLedger = (options?: Partial<LedgerOptions>) => Promise<Ledger>
export type TapTest = Parameters<Parameters<typeof t.test>[0]>[0]
/** Declares a behavior; `body` starts with an empty database. */
export type DeclareBehavior = (name: string, body: (t: TapTest, open: OpenLedger) => Promise<unknown>) => void

export interface Backend {
  name: string
  /** Why the database cannot run on this machine; undefined if it can. */
  unavailable?: string | undefined
  /** @returns the address of an empty database */
  createEmpty(t: TapTest): Promise<string>
}

/** @returns a function that opens ledgers at an address; they are closed at the end of the test */
export function createOpener(t: TapTest, url: string): OpenLedger {
  return async (options = {}) => {
    const ledger = await openLedger(url, { auditKey, ...options })
    t.teardown(() => ledger.close())
    return ledger
  }
}

/** How long a file and one behavior may take, so that they also pass on a busy machine. */
const fileTimeoutMs = 900_000
const behaviorTimeoutMs = 180_000

export function runConformanceSuite(backend: Backend): void {
  t.setTimeout(fileTimeoutMs)
  const given: DeclareBehavior = (name, body) =>
    void t.test(`${backend.name}: given ${name}`, { skip: backend.unavailable ?? false, timeout: behaviorTimeoutMs }, async (t) => {
      await body(t, createOpener(t, await backend.createEmpty(t)))
    })
  for (const declareBehaviors of [
    testOpening,
    testChanges,
    testStateMachine,
    testLeases,
    testBulkTransfers,
    testDeliveries,
    testEndpoints,
    testQueries,
    testAudit,
    testAuditKeys,
    testErasure,
    testRetention,
    testConcurrency,
  ])
    declareBehaviors(given)
}
