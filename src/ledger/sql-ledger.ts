/** The ledger over an engine: which tables a request of the pipeline touches, in one transaction. */
import { checkpointDraft, checkpointKey } from './audit/checkpoint.ts'
import type { AuditEntry, Change, DueDelivery, Ledger, LedgerOptions, PausePolicy, StoredAuditRow } from './ledger.ts'
import { auditNote } from './audit/draft.ts'
import { createClaims } from './claim.ts'
import { leaseTerms } from './lease.ts'
import type { Engine, Flush, QueryGenerator, Transaction } from './steps.ts'
import { apiKeysTable } from './tables/api-keys.ts'
import {
  chains,
  endsBeside,
  entriesAfter,
  entriesOf,
  erasePersonal,
  storedAfter,
  storedAt,
  storedOfConversation,
  type Place,
} from './tables/audit.ts'
import { deliveriesTable } from './tables/deliveries.ts'
import { endpointsTable } from './tables/endpoints.ts'
import { idempotencyTable } from './tables/idempotency.ts'
import { nodesTable } from './tables/nodes.ts'
import { summaryOf } from './tables/summary.ts'
import { transfersTable } from './tables/transfers.ts'

/** How long a silent process keeps its work, ms. */
const defaultLeaseMs = 10_000
const auditPage = 500
const storedPage = 2_000
const keysForgottenAtOnce = 1_000
const redeliveredAtOnce = 500
/** An endpoint that fails for two days is paused before its deliveries are exhausted (their schedule spans three), and probed often enough for a CRM that is back to be told soon. */
const usualPatience: PausePolicy = { failingMs: 48 * 3_600_000, failures: 10, probeEveryMs: 5 * 60_000 }

function* nothing(): QueryGenerator<void> {}

/** Takes a lease in the store and offers it as a ledger. @throws StoreUnavailable */
export async function createSqlLedger(
  engine: Engine,
  node: string,
  { leaseMs = defaultLeaseMs, clock = Date.now, auditKey, patience = usualPatience }: LedgerOptions,
): Promise<Ledger> {
  const { dialect } = engine
  const read: Engine['read'] = (work) => engine.read(work)
  const write: Engine['write'] = (work, flush) => engine.write(work, flush)
  /** Nobody waits for it. */
  const writeInTime: Engine['write'] = (work) => engine.write(work, 'soon')
  /** A caller waits for what moves the call and for what answers him; the rest is told when it comes about. That the platform accepted is found out again from `executing`, which is on disk. */
  const flushOf = ({ from, record: { state }, answer }: Change): Flush => {
    if (from === 'executing' && state === 'initiated') return 'next'
    return answer !== undefined || state === 'executing' ? 'now' : 'soon'
  }
  const keys = idempotencyTable(dialect)
  const transfers = transfersTable(dialect, node, keys)
  const endpoints = endpointsTable(dialect, patience)
  const deliveries = deliveriesTable(dialect, node, endpoints)
  const checkpoints = checkpointKey(auditKey)
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

  /** What hangs on a change: its audit row, its webhooks, the answer to its key. */
  const written = (changes: Change[]): Transaction<void> =>
    function* (trail) {
      for (const { record, audit, further = [], events = [], answer } of changes) {
        if (audit) trail.push(audit)
        trail.push(...further)
        for (const event of events) yield* deliveries.queue(event, record.id, record.conversationId)
        if (answer) yield* keys.answer(record.id, answer)
      }
    }

  const tells = ({ events = [] }: Change): boolean => events.length > 0
  const claimed = createClaims(write, (ids) => transfers.owned(ids))
  /** For each endpoint, so that none is handed another's. */
  const due = new Map<string, ReturnType<typeof createClaims<DueDelivery>>>()

  await join()
  return {
    node,
    // Its flush is the next move's: until then its caller has no answer, and the platform was not asked to move anything.
    open: (opening) =>
      write(function* (trail) {
        const opened = yield* transfers.open(opening)
        if (opened.outcome === 'accepted') trail.push({ ...opening.audit, depth: opened.record.transferDepth })
        return opened
      }, 'next'),
    async record(change, others = []) {
      await write(function* (trail) {
        if (others.length > 0) yield* transfers.hold([change, ...others].map(({ record }) => record.id))
        if (!(yield* transfers.change(change))) return
        const took = [change]
        for (const other of others) if (yield* transfers.overrule(other)) took.push(other)
        yield* written(took)(trail)
      }, flushOf(change))
      if ([change, ...others].some(tells)) queued()
    },
    async overrule(change) {
      const done = await write(function* (trail) {
        const took = yield* transfers.overrule(change)
        if (took) yield* written([change])(trail)
        return took
      })
      if (done && tells(change)) queued()
      return done
    },
    note: (draft) =>
      writeInTime((trail) => {
        trail.push(draft)
        return nothing()
      }),

    transfer: (id) => read(() => transfers.find(id)),
    answerOf: (transferId) => read(() => keys.answerOf(transferId)),
    transfers: (filter) => read(() => transfers.list(filter)),
    openTransfers: (conversationId) => read(() => transfers.openOf(conversationId)),
    lastMoved: (conversationId) => read(() => transfers.lastMoved(conversationId)),
    summary: (since, until) => read(() => summaryOf(since, until)),
    auditOf: (transferId) => read(() => entriesOf(transferId)),
    async *audit(span): AsyncGenerator<AuditEntry[]> {
      for (let from: Place | undefined = { at: span.since, seq: 0 }; from;) {
        const after: Place = from
        const { entries, end } = await read(() => entriesAfter(after, span, auditPage))
        if (entries.length > 0) yield entries
        from = end
      }
    },
    async checkpoint() {
      await write(function* (trail) {
        const ends = yield* endsBeside(engine.chain)
        trail.push((end) => checkpointDraft({ ...end, ends }, checkpoints.signature({ ...end, ends })))
      })
    },
    async *storedAudit(chain): AsyncGenerator<StoredAuditRow[]> {
      for (let last: StoredAuditRow | undefined; ;) {
        const after = last && { place: last.place, seq: last.seq }
        const rows = await read(() => storedAfter(chain, after, storedPage))
        if (rows.length > 0) yield rows
        if (rows.length < storedPage) return
        last = rows.at(-1)
      }
    },
    storedAuditAt: (chain, place) => read(() => storedAt(chain, place)),
    storedAuditOf: (conversationId) => read(() => storedOfConversation(conversationId)),
    auditChains: () => read(chains),
    async erase(conversationId, without, audit) {
      const erased = await write(function* (trail) {
        const ids = yield* transfers.erase(conversationId, without.record)
        yield* keys.erase(ids)
        const done = {
          transfers: ids.length,
          deliveries: yield* deliveries.erase(conversationId, without.body),
          auditRows: yield* erasePersonal(conversationId),
        }
        trail.push({ ...audit, detail: { ...audit.detail, ...done } })
        return done
      })
      await engine.shred()
      return erased
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

    dueDeliveries({ now, ...query }) {
      const ahead = Math.round(now - clock())
      const { endpoint } = query
      // On disk before the CRM is told, and with it what it is told of.
      const handOut = due.get(endpoint) ?? createClaims(writeInTime, (ids) => deliveries.inHand(ids))
      due.set(endpoint, handOut)
      return handOut(() => deliveries.due(query, ahead))
    },
    settleDelivery: (result) =>
      writeInTime(function* (trail) {
        const settled = yield* deliveries.settle(result, result.state === 'pending' ? Math.round((result.nextAt ?? 0) - clock()) : null)
        if (settled && result.audit) trail.push(result.audit)
        if (settled?.turn) trail.push(auditNote(`endpoint_${settled.turn}`, { stage: 'webhook', detail: { endpoint: settled.endpoint } }))
        return settled?.turn
      }),
    async nextDeliveryAt(endpoint) {
      const wait = await read(() => deliveries.nextIn(endpoint))
      return wait === undefined ? undefined : clock() + wait
    },
    endpoints: () => read(() => endpoints.all()),
    enrolEndpoints: (ids) =>
      write(function* () {
        const fresh = yield* endpoints.enrol(ids)
        const former = (yield* deliveries.awaited()).filter((id) => !ids.includes(id))
        const [to, ...others] = fresh
        const [from, ...more] = former
        if (to === undefined || from === undefined || others.length + more.length > 0) return { adopted: 0, former }
        return { adopted: yield* deliveries.adopt(from, to), former: [] }
      }),
    delivery: (id) => read(() => deliveries.find(id)),
    deliveries: (filter) => read(() => deliveries.list(filter)),
    async redeliver(id) {
      const again = await write(() => deliveries.again(id))
      if (again) queued()
      return again
    },
    async redeliverAll(selection) {
      let total = 0
      for (let after = 0; ;) {
        const from = after
        const { many, last } = await write(() => deliveries.allAgain(selection, from, redeliveredAtOnce))
        total += many
        if (many < redeliveredAtOnce) break
        after = last
      }
      if (total > 0) queued()
      return total
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
