/** Keeps an eye on every transfer that is not over: settles what is unknown, puts skills on, polls for pickup. Moves are written, looks are not. */
import type { Conversation } from '../../conversations/conversation.ts'
import { GenesysError } from '../../genesys/http/errors.ts'
import { StaleRecord, StoreUnavailable, type Lease, type Ledger } from '../../ledger/ledger.ts'
import { Problem } from '../../model/problems.ts'
import { applyPendingUpdates, hasPendingUpdates } from './apply-routing.ts'
import { auditPoll, nextLook } from '../stages/audit-poll.ts'
import { createApplyDecision } from './apply-decision.ts'
import type { StageContext, Rules } from '../stage-context.ts'
import { createEventSubscriptions, type Feed } from './event-subscriptions.ts'
import { noopObservers, type Observers } from '../stage-metrics.ts'
import { progressOf } from '../unknown-outcome/evidence.ts'
import { annotate } from '../transition.ts'
import { createPollScheduler } from './poll-scheduler.ts'
import { createResolver, type ResolverDependencies } from '../unknown-outcome/resolve.ts'
import { type TransferRecord } from '../../model/transfer.ts'
import { isFinal } from '../../model/states.ts'
import { look } from '../stages/validation.ts'

/** Between tries to put skills on a call that may not have arrived yet, ms. */
const arrivalPauses = [150, 250, 400, 700, 1_000]
const lastArrivalPause = 2_000
/** Between looks at an unknown outcome, ms: growing by half. */
const settlingPause = { first: 200, most: 30_000 }
const lookTimeoutMs = 4_000

/** What is kept of a transfer between two looks. Its record stays in the ledger: ten thousand of them would be most of the memory. */
interface Watched {
  readonly id: string
  looks: number
  arrivals: number
  pollAt: number
  /** The record while its call arrives, which takes several looks, and for as long as nobody else can have taken it over. */
  arriving: { record: TransferRecord; lease: Lease } | undefined
  /** When the unknown outcome began to be ours to settle. */
  unknownSince: number
  /** One look at a time; a further attempt is watched by a watch of its own, which this one waits for. */
  looking: boolean
  /** Something was heard since the present look began: it is followed by another. */
  heard: boolean
  /** Waits for an unknown outcome to be settled. */
  settled: ((record: TransferRecord) => void) | undefined
}

export interface WatcherDependencies extends ResolverDependencies {
  observers?: Observers | undefined
  /** Absent: everything is polled. */
  feed?: Feed | undefined
  ledger: Pick<Ledger, 'transfer' | 'node' | 'lease'>
  rules: Rules
  createStageContext: (record: TransferRecord, deadline: number) => StageContext
}

export interface Watcher {
  /** Hears of a transfer that is about to be carried out. */
  expect(record: TransferRecord): void
  add(record: TransferRecord): void
  /** Settles an unknown outcome; resolves when the transfer has left `executing`. */
  settle(record: TransferRecord): Promise<TransferRecord>
  has(id: string): boolean
  drop(id: string): void
  readonly size: number
  close(): Promise<void>
}

export function createWatcher(dependencies: WatcherDependencies): Watcher {
  const { ledger, rules, recorder, clock, log, createStageContext, feed, observers = noopObservers } = dependencies
  const watched = new Map<string, Watched>()
  const rounds = createPollScheduler(lookAt, clock, (ms) => observers.late(ms))
  const settle = createResolver(dependencies)
  const conclude = createApplyDecision({ recorder, clock, log, observers })
  const lineNow = (record: TransferRecord): StageContext => createStageContext(record, clock() + lookTimeoutMs)

  const listening = createEventSubscriptions(feed, {
    onEvent(id, picture) {
      const one = watched.get(id)
      if (one) void judge(one, picture).catch((error: unknown) => afterFailure(one, error))
      return one !== undefined
    },
    // A moment for each, or a connection that comes back would ask for all of them at once.
    onSubscribed: (id) => lookSoon(watched.get(id), Math.random() * rules.pollIntervalMs),
    onUnsubscribed: (id) => lookSoon(watched.get(id), Math.random() * rules.pollIntervalMs),
  })

  function forget(id: string): void {
    watched.delete(id)
    rounds.drop(id)
    listening.end(id)
  }

  function lookSoon(one: Watched | undefined, ms: number): void {
    if (!one || one.pollAt <= clock() + ms) return
    one.pollAt = clock() + ms
    stepIn(one, ms)
  }
  function stepIn(one: Watched, ms: number): void {
    one.heard = true
    // A call that is just arriving is looked at before: it must not wait in the queue without its skills until then.
    rounds.scheduleBy(one.id, ms)
  }

  /** What an event means: a look, if it shows that something has come about; else that the next look can wait. */
  async function judge(one: Watched, picture: Conversation): Promise<void> {
    const record = await present(one)
    if (!record || watched.get(one.id) !== one) return
    tellSettled(one, record)
    if (record.state === 'executing' || record.state === 'indeterminate') return stepIn(one, 0)
    const seen = progressOf(record, picture)
    const verdict = auditPoll(record, seen, clock(), rules)
    // That somebody picked up stays true, however old the event; what else it shows may have passed, so that a look makes sure.
    if (verdict.action === 'move' && verdict.to === 'picked_up') {
      await conclude(record, verdict)
      return forget(one.id)
    }
    if (verdict.action !== 'wait') return lookSoon(one, 0)
    if (hasPendingUpdates(record) && (seen.status === 'waiting' || seen.status === 'ringing')) stepIn(one, 0)
    // A look that is due already was asked for by a later event.
    if (listening.hears(one.id) && one.pollAt > clock()) one.pollAt = clock() + nextLook(record, one.looks, rules, clock(), true)
  }

  const arrivingNow = (record: TransferRecord): Watched['arriving'] =>
    hasPendingUpdates(record) ? { record, lease: ledger.lease() } : undefined

  const present = async ({ id, arriving }: Watched): Promise<TransferRecord | undefined> =>
    arriving?.lease.holds() ? arriving.record : ledger.transfer(id)

  /** Whoever settles an unknown outcome, a look or an event, its caller waits for it. */
  function tellSettled(one: Watched, record: TransferRecord): void {
    if (record.state !== 'executing') one.settled?.(record)
  }

  async function unknown(one: Watched, record: TransferRecord): Promise<number> {
    const after = await settle(record, lineNow(record), one.unknownSince)
    tellSettled(one, after)
    if (after.state === record.state) return Math.min(settlingPause.first * 1.5 ** one.looks++, settlingPause.most)
    one.looks = 0
    return 0
  }

  /** Polls once. Ms until the next look, or undefined when there is nothing left to see. */
  async function poll(one: Watched, record: TransferRecord): Promise<number | undefined> {
    const picture = await look(record, lineNow(record), 'audit-poll', 'watch')
    const verdict = auditPoll(record, progressOf(record, picture), clock(), rules)
    if (verdict.action === 'end') {
      await recorder.write(annotate(record, { lateWatch: false }))
      return undefined
    }
    const seen = await conclude(record, verdict)
    one.arriving &&= hasPendingUpdates(seen) ? { ...one.arriving, record: seen } : undefined
    if (verdict.action === 'move' && verdict.to === 'initiated') return 0
    if (isFinal(seen.state) && !seen.lateWatch) return undefined
    return nextLook(seen, one.looks, rules, clock(), listening.hears(one.id))
  }

  /** Ms until the next look. Undefined: there is nothing left to see. */
  async function step(one: Watched): Promise<number | undefined> {
    let record = await present(one)
    if (!record || record.owner !== ledger.node || record.state === 'accepted' || (isFinal(record.state) && !record.lateWatch))
      return undefined
    if (record.state === 'executing' || record.state === 'indeterminate') return unknown(one, record)
    tellSettled(one, record)
    if (hasPendingUpdates(record)) {
      const change = await applyPendingUpdates(record, lineNow(record))
      one.arrivals++
      if (change) {
        // An event that is heard meanwhile goes by what has happened, not by what is written yet.
        if (one.arriving) one.arriving = { ...one.arriving, record: change.record }
        record = await recorder.write(change)
      }
      one.arriving &&= hasPendingUpdates(record) ? { ...one.arriving, record } : undefined
    }
    if (clock() >= one.pollAt) {
      const due = one.pollAt
      // An event that comes while we look may ask for another look, which this one must not put off.
      one.pollAt = Infinity
      const next = await poll(one, record).catch((error: unknown) => {
        one.pollAt = Math.min(one.pollAt, due)
        throw error
      })
      if (next === undefined) return undefined
      one.looks++
      one.pollAt = Math.min(one.pollAt, clock() + next)
    }
    const untilPoll = Math.max(0, one.pollAt - clock())
    return hasPendingUpdates(record) ? Math.min(untilPoll, arrivalPauses[one.arrivals] ?? lastArrivalPause) : untilPoll
  }

  /** What a failed look means for the next one. */
  function afterFailure(one: Watched, error: unknown): number | undefined {
    one.arriving = undefined
    // Another node has it, or a write of ours was kept although the store said that it was not: the next look goes by what is there.
    if (error instanceof StaleRecord) return 0
    const pause = error instanceof Problem ? (error.retryAfterSeconds ?? 1) * 1000 : lastArrivalPause
    const facts = { transferId: one.id, stage: 'audit-poll', outcome: 'not_seen' }
    if (error instanceof Problem || error instanceof GenesysError || error instanceof StoreUnavailable)
      log.warn({ ...facts, reason: error.message }, 'the call could not be looked at')
    else log.error({ ...facts, err: error }, 'a look at the call failed')
    one.pollAt = clock() + pause
    return pause
  }

  async function lookAt(id: string): Promise<void> {
    const one = watched.get(id)
    if (!one) return
    if (one.looking) {
      one.heard = true
      return
    }
    one.looking = true
    one.heard = false
    const next = await step(one).catch((error: unknown) => afterFailure(one, error))
    one.looking = false
    // A new attempt may have put the transfer under a new watch meanwhile.
    if (watched.get(id) !== one) return
    if (next === undefined) forget(id)
    else rounds.scheduleIn(id, one.heard ? Math.min(next, Math.max(0, one.pollAt - clock()), Number(arrivalPauses[0])) : next)
  }

  function begin(record: TransferRecord, settled?: Watched['settled']): void {
    const now = clock()
    watched.set(record.id, {
      id: record.id,
      looks: 0,
      arrivals: 0,
      pollAt: now + rules.pollIntervalMs,
      arriving: arrivingNow(record),
      unknownSince: now,
      looking: false,
      heard: false,
      settled,
    })
    const soon = hasPendingUpdates(record) || record.state === 'executing' || record.state === 'indeterminate'
    rounds.scheduleIn(record.id, soon ? Number(arrivalPauses[0]) : rules.pollIntervalMs)
    listening.expect(record)
    const one = watched.get(record.id)
    const picture = listening.last(record.id)
    if (one && picture) void judge(one, picture).catch((error: unknown) => afterFailure(one, error))
  }

  return {
    expect: (record) => listening.expect(record),
    add: (record) => begin(record),
    settle: (record) => new Promise((settled) => begin(record, settled)),
    has: (id) => watched.has(id),
    drop: forget,
    get size() {
      return watched.size
    },
    async close() {
      await rounds.close()
      watched.clear()
    },
  }
}
