/** The ledger over an engine: which tables a request of the pipeline touches, in one transaction. */
import type { AuditEntry, Change, Ledger, LedgerOptions } from './ledger.ts'
import { handingOut } from './handing-out.ts'
import { leaseTerms } from './lease.ts'
import type { Engine, Steps, Work } from './steps.ts'
import { apiKeysTable } from './tables/api-keys.ts'
import { entriesAfter, entriesOf, type Place } from './tables/audit.ts'
import { deliveriesTable } from './tables/deliveries.ts'
import { idempotencyTable } from './tables/idempotency.ts'
import { nodesTable } from './tables/nodes.ts'
import { summaryOf } from './tables/summary.ts'
import { transfersTable } from './tables/transfers.ts'

/** How long a silent process keeps its work, ms. */
const defaultLeaseMs = 10_000
const auditPage = 500
const keysForgottenAtOnce = 1_000

function* nothing(): Steps<void> {}

/** Takes a lease in the store and offers it as a ledger. @throws StoreUnavailable */
export async function keepLedger(
  engine: Engine,
  node: string,
  { leaseMs = defaultLeaseMs, clock = Date.now }: Pick<LedgerOptions, 'leaseMs' | 'clock'>,
): Promise<Ledger> {
  const { dialect } = engine
  const read: Engine['read'] = (work) => engine.read(work)
  const write: Engine['write'] = (work) => engine.write(work)
  const keys = idempotencyTable(dialect)
  const transfers = transfersTable(dialect, node, keys)
  const deliveries = deliveriesTable(dialect, node)
  const apiKeys = apiKeysTable(dialect)
  const nodes = nodesTable(engine, node, leaseMs)
  const terms = leaseTerms(leaseMs, clock)
  const listeners: Array<() => void> = []
  const call = (): void => {
    for (const listener of listeners) listener()
  }
  engine.onAnnounced(call)
  const queued = (): void => {
    call()
    engine.announce()
  }

  async function join(): Promise<void> {
    const from = terms.moment()
    await write(() => nodes.join())
    terms.begin(from)
  }

  /** What hangs on a change: its audit row, its webhook, the answer to its key. */
  const written = (changes: Change[]): Work<void> =>
    function* (trail) {
      for (const { record, audit, event, answer } of changes) {
        if (audit) trail.push(audit)
        if (event) yield* deliveries.queue(event, record.id, record.conversationId)
        if (answer) yield* keys.answer(record.id, answer)
      }
    }

  const claimed = handingOut(write, (ids) => transfers.owned(ids))
  const due = handingOut(write, (ids) => deliveries.inHand(ids))

  await join()
  return {
    node,
    open: (opening) =>
      write(function* (trail) {
        const opened = yield* transfers.open(opening)
        if (opened.outcome === 'accepted') trail.push({ ...opening.audit, depth: opened.record.transferDepth })
        return opened
      }),
    async record(change, others = []) {
      await write(function* (trail) {
        if (others.length > 0) yield* transfers.hold([change, ...others].map(({ record }) => record.id))
        if (!(yield* transfers.change(change))) return
        const took = [change]
        for (const other of others) if (yield* transfers.overrule(other)) took.push(other)
        yield* written(took)(trail)
      })
      if (change.event || others.some(({ event }) => event)) queued()
    },
    async overrule(change) {
      const done = await write(function* (trail) {
        const took = yield* transfers.overrule(change)
        if (took) yield* written([change])(trail)
        return took
      })
      if (done && change.event) queued()
      return done
    },
    note: (draft) =>
      write((trail) => {
        trail.push(draft)
        return nothing()
      }),

    transfer: (id) => read(() => transfers.find(id)),
    transfers: (filter) => read(() => transfers.list(filter)),
    openTransfers: (conversationId) => read(() => transfers.openOf(conversationId)),
    lastMoved: (conversationId) => read(() => transfers.lastMoved(conversationId)),
    summary: (since, until) => read(() => summaryOf(since, until)),
    auditOf: (transferId) => read(() => entriesOf(transferId)),
    async *audit(since, until): AsyncGenerator<AuditEntry[]> {
      for (let from: Place | undefined = { at: since, seq: 0 }; from;) {
        const after: Place = from
        const { entries, end } = await read(() => entriesAfter(after, until, auditPage))
        if (entries.length > 0) yield entries
        from = end
      }
    },

    claim: (limit) =>
      claimed(function* () {
        yield* nodes.bury()
        return yield* transfers.claim(limit)
      }),
    async renew() {
      const from = terms.moment()
      if ((await write(() => nodes.renew())) && terms.prolong(from)) return true
      await join()
      return false
    },
    lease: () => terms.lease(),
    strays: (before) => read(() => transfers.strays(before)),

    dueDeliveries(now, limit) {
      const ahead = Math.round(now - clock())
      return due(() => deliveries.due(ahead, limit))
    },
    settleDelivery: (result) =>
      write(function* (trail) {
        const settled = yield* deliveries.settle(result, result.state === 'pending' ? Math.round((result.nextAt ?? 0) - clock()) : null)
        if (settled && result.audit) trail.push(result.audit)
      }),
    async nextDeliveryAt() {
      const wait = await read(() => deliveries.nextIn())
      return wait === undefined ? undefined : clock() + wait
    },
    deliveries: (filter) => read(() => deliveries.list(filter)),
    async redeliver(id) {
      const again = await write(() => deliveries.again(id))
      if (again) queued()
      return again
    },
    onDelivery: (listener) => void listeners.push(listener),

    addKey: (key) => write(() => apiKeys.add(key)),
    keys: () => read(() => apiKeys.all()),
    revokeKey: (id) => write(() => apiKeys.revoke(id)),

    async forgetKeys(before) {
      while ((await write(() => keys.forget(before, keysForgottenAtOnce))) === keysForgottenAtOnce);
    },
    prune: (before, limit) => write(() => transfers.prune(before, limit)),
    probe: () => write(() => nodes.touch()),
    async close() {
      await write(() => nodes.leave()).catch(() => {})
      await engine.close()
    },
  }
}
