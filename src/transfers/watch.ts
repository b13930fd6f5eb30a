/** Keeps an eye on every transfer that is not over: settles what is unknown, puts skills on, polls for pickup. Moves are written, looks are not. */
import { GenesysError } from '../genesys/errors.ts'
import { StaleRecord, StoreUnavailable, type Ledger } from '../ledger/ledger.ts'
import { Problem } from '../problems.ts'
import { applyRouting, mirrorTravels, needsRouting, type Step } from './arrival.ts'
import { auditPoll, nextLook } from './audit-poll.ts'
import { about, type Line, type Rules } from './line.ts'
import { sightOf } from './reconciliation.ts'
import { amendment, move } from './recording.ts'
import { createRounds } from './rounds.ts'
import { createSettling, type SettlingDependencies } from './settling.ts'
import { type TransferRecord } from './transfer.ts'
import { isFinal } from '../states.ts'
import { look } from './validation.ts'

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
  /** When the unknown outcome began to be ours to settle. */
  unknownSince: number
  /** Waits for an unknown outcome to be settled. */
  settled: ((record: TransferRecord) => void) | undefined
}

export interface WatchDependencies extends SettlingDependencies {
  ledger: Pick<Ledger, 'transfer' | 'node'>
  rules: Rules
  lineOf: (record: TransferRecord, deadline: number) => Line
}

export interface Watch {
  add(record: TransferRecord): void
  /** Settles an unknown outcome; resolves when the transfer has left `executing`. */
  settle(record: TransferRecord): Promise<TransferRecord>
  has(id: string): boolean
  drop(id: string): void
  readonly size: number
  close(): Promise<void>
}

export function createWatch(dependencies: WatchDependencies): Watch {
  const { ledger, rules, recorder, clock, log, lineOf } = dependencies
  const watched = new Map<string, Watched>()
  const rounds = createRounds(lookAt, clock)
  const settle = createSettling(dependencies)
  const lineNow = (record: TransferRecord): Line => lineOf(record, clock() + lookTimeoutMs)

  function forget(id: string): void {
    watched.delete(id)
    rounds.drop(id)
  }

  const arriving = (record: TransferRecord): boolean =>
    record.state === 'initiated' && (needsRouting(record) || record.mirror === 'pending')

  /** Puts on the call what is still missing, both at once. */
  async function arrive(one: Watched, record: TransferRecord): Promise<TransferRecord> {
    const line = lineNow(record)
    const pending = [needsRouting(record) && applyRouting(record, line), record.mirror === 'pending' && mirrorTravels(record, line)]
    const steps = (await Promise.all(pending.filter((step) => step !== false))).filter((step): step is Step => step !== undefined)
    let arrived = record
    for (const { patch, status, detail } of steps) arrived = await recorder.write(amendment(arrived, patch, status, 'execution', detail))
    one.arrivals++
    return arrived
  }

  async function unknown(one: Watched, record: TransferRecord): Promise<number> {
    const after = await settle(record, lineNow(record), one.unknownSince)
    if (after.state !== 'executing') one.settled?.(after)
    if (after.state === record.state) return Math.min(settlingPause.first * 1.5 ** one.looks++, settlingPause.most)
    one.looks = 0
    return 0
  }

  /** Polls once. Ms until the next look, or undefined when there is nothing left to see. */
  async function poll(one: Watched, record: TransferRecord): Promise<number | undefined> {
    const picture = await look(record, lineNow(record), 'audit-poll', 'watch')
    const verdict = auditPoll(record, sightOf(record, picture), clock(), rules)
    if (verdict.does === 'end') {
      await recorder.write(amendment(record, { lateWatch: false }))
      return undefined
    }
    let seen = record
    if (verdict.does === 'note') seen = await recorder.write(amendment(record, verdict.patch, verdict.status, 'audit-poll', verdict.detail))
    if (verdict.does === 'move') {
      const late = needsRouting(record) && verdict.to === 'picked_up'
      const detail = { ...verdict.detail, ...(late && { routing: 'answered before skills and priority were applied' }) }
      seen = await recorder.write(
        move(
          record,
          verdict.to,
          { ...verdict.patch, ...(late && { routing: 'too_late' as const }) },
          { stage: 'audit-poll', detail },
          clock(),
        ),
      )
      log.info(
        {
          ...about(seen),
          conversationId: seen.conversationId,
          stage: 'audit-poll',
          outcome: verdict.to,
          durationMs: clock() - (seen.initiatedAt ?? clock()),
        },
        `call ${verdict.to}`,
      )
      if (verdict.to === 'initiated') return 0
    }
    if (isFinal(seen.state) && !seen.lateWatch) return undefined
    return nextLook(seen, one.looks, rules, clock())
  }

  /** Ms until the next look. Undefined: there is nothing left to see. */
  async function step(one: Watched): Promise<number | undefined> {
    let record = await ledger.transfer(one.id)
    if (!record || record.owner !== ledger.node || record.state === 'accepted' || (isFinal(record.state) && !record.lateWatch))
      return undefined
    if (record.state === 'executing' || record.state === 'indeterminate') return unknown(one, record)
    if (arriving(record)) record = await arrive(one, record)
    if (clock() >= one.pollAt) {
      const next = await poll(one, record)
      if (next === undefined) return undefined
      one.looks++
      one.pollAt = clock() + next
    }
    const untilPoll = Math.max(0, one.pollAt - clock())
    return arriving(record) ? Math.min(untilPoll, arrivalPauses[one.arrivals] ?? lastArrivalPause) : untilPoll
  }

  /** What a failed look means for the next one. */
  function afterFailure(one: Watched, error: unknown): number | undefined {
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
    const next = await step(one).catch((error: unknown) => afterFailure(one, error))
    // A new attempt may have put the transfer under a new watch meanwhile.
    if (watched.get(id) !== one) return
    if (next === undefined) forget(id)
    else rounds.in(id, next)
  }

  function begin(record: TransferRecord, settled?: Watched['settled']): void {
    const now = clock()
    watched.set(record.id, { id: record.id, looks: 0, arrivals: 0, pollAt: now + rules.pollIntervalMs, unknownSince: now, settled })
    const soon = arriving(record) || record.state === 'executing' || record.state === 'indeterminate'
    rounds.in(record.id, soon ? Number(arrivalPauses[0]) : rules.pollIntervalMs)
  }

  return {
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
