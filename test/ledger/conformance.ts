/** What every store must do, whatever is under it (design §11): one suite for all. */
import t from 'tap'
import type { Ledger, LedgerOptions } from '../../src/ledger/ledger.ts'
import { openLedger } from '../../src/ledger/open.ts'
import { audit } from './conformance/audit.ts'
import { concurrency } from './conformance/concurrency.ts'
import { endpoints } from './conformance/endpoints.ts'
import { deliveries } from './conformance/deliveries.ts'
import { erasing } from './conformance/erasing.ts'
import { forgetting } from './conformance/forgetting.ts'
import { leases } from './conformance/leases.ts'
import { moves } from './conformance/moves.ts'
import { opening } from './conformance/opening.ts'
import { reading } from './conformance/reading.ts'
import { stateMachine } from './conformance/state-machine.ts'
import { auditKey } from './scene.ts'

/** Opens a ledger on the store of the test; several are as several processes on one store. */
export type Open = (options?: Partial<LedgerOptions>) => Promise<Ledger>
export type Test = Parameters<Parameters<typeof t.test>[0]>[0]
/** Declares a behaviour; `body` finds an empty store. */
export type Given = (name: string, body: (t: Test, open: Open) => Promise<unknown>) => void

export interface Backend {
  name: string
  /** Why it cannot be tested here. */
  missing?: string | undefined
  /** The address of an empty store. */
  fresh(t: Test): Promise<string>
}

/** Opens ledgers at an address and closes them with the test. */
export function opener(t: Test, url: string): Open {
  return async (options = {}) => {
    const ledger = await openLedger(url, { auditKey, ...options })
    t.teardown(() => ledger.close())
    return ledger
  }
}

/** A busy machine is slow: a file, and one behaviour, may take this long before it counts as stuck, ms. */
const fileTimeoutMs = 300_000
const timeout = 60_000

export function conformance(backend: Backend): void {
  t.setTimeout(fileTimeoutMs)
  const given: Given = (name, body) =>
    void t.test(`${backend.name}: given ${name}`, { skip: backend.missing ?? false, timeout }, async (t) => {
      await body(t, opener(t, await backend.fresh(t)))
    })
  for (const topic of [opening, moves, stateMachine, leases, deliveries, endpoints, reading, audit, erasing, forgetting, concurrency])
    topic(given)
}
