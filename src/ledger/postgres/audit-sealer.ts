/**
 * Moves this node's committed audit rows into its chain, many at a time and one batch after the other, so that no transaction waits for the
 * commit of another one. What must be chained at once, such as a checkpoint, is appended directly.
 */
import type { AuditEntry } from '../contract/audit.ts'
import { StoreUnavailable } from '../contract/errors.ts'
import { monotonicMs } from '../../model/clock.ts'
import type { AuditRowDraft } from '../engine/engine.ts'
import type { KnownTail, SealedBatch, UnsealedRow } from '../tables/unsealed-audit.ts'

/** How long a committed row waits for others to be sealed with it, ms. */
const delayMs = 25
/** The least time between two batches that no caller waits for, ms: under load, each batch costs as much as a transfer. */
const intervalMs = 100
/** Pause after a batch that failed, ms. */
const retryMs = 500

export interface AuditSealer {
  /** The last position of the chain after the last batch. */
  readonly position: number
  /** @returns the ticket for a new row */
  takeTicket(): number
  /** Notes rows that this node has committed. */
  noteCommitted(rows: readonly UnsealedRow[]): void
  /** Notes rows that were not committed. */
  noteDiscarded(rows: readonly UnsealedRow[]): void
  /** Notes that rows may have been committed although the commit was reported as failed. */
  noteUncertain(rows: readonly UnsealedRow[]): void
  /** Appends entries to the chain. @throws StoreUnavailable */
  append(drafts: readonly AuditRowDraft[]): Promise<void>
  /** Resolves when every row that this node has committed is in its chain. @throws StoreUnavailable */
  sealNow(): Promise<void>
  /** Stops sealing. Rows that are left are sealed by another node. */
  close(): void
}

/** A caller that waits for the next batch. */
interface WaitingCaller extends PromiseWithResolvers<void> {
  /** The entries to append with the batch. */
  drafts: readonly AuditRowDraft[]
}

/**
 * @param sealBatch seals a batch in a transaction of its own; throws StoreUnavailable
 * @param onSealed called for each entry that is on disk, in the order of the chain
 * @param onSetBack called with the position that was sealed last and the chain's last position, when the chain ends before the former
 */
export function createAuditSealer(
  sealBatch: (drafts: readonly AuditRowDraft[], known: KnownTail) => Promise<SealedBatch>,
  onSealed: (entry: AuditEntry) => void,
  onSetBack: (knownPosition: number, position: number) => void,
): AuditSealer {
  /** Committed rows that are not sealed, by ticket. */
  const unsealed = new Map<number, UnsealedRow>()
  /** Tickets of rows that were sealed before this node knew that they were committed. */
  const sealedEarly = new Set<number>()
  /** Tickets of rows that are not sealed, as far as is known, in ascending order. */
  const outstanding = new Set<number>()
  let lastTicket = 0
  /** Tickets of rows whose commit was reported as failed, and may have succeeded. */
  let uncertain: number[] = []
  let position = 0
  let waiting: WaitingCaller[] = []
  let timer: NodeJS.Timeout | undefined
  /** When the timer is due, monotonic ms. */
  let dueAt = Infinity
  /** When the last batch ended, monotonic ms. */
  let sealedAt = -Infinity
  let isSealing = false
  let isClosed = false

  function sealAfter(ms: number): void {
    const at = monotonicMs() + ms
    if (isSealing || isClosed || dueAt <= at) return
    clearTimeout(timer)
    dueAt = at
    timer = setTimeout(() => void seal(), ms)
  }
  const computeRowDelayMs = (): number => Math.max(delayMs, sealedAt + intervalMs - monotonicMs())

  async function seal(): Promise<void> {
    dueAt = Infinity
    isSealing = true
    const batch = waiting
    waiting = []
    let hasFailed = false
    const uncertainBefore = uncertain
    uncertain = []
    try {
      const sealed = await sealBatch(
        batch.flatMap(({ drafts }) => drafts),
        { rows: new Map(unsealed), firstTicket: outstanding.values().next().value ?? lastTicket + 1 },
      )
      const positionBefore = sealed.position - sealed.entries.length
      if (positionBefore < position) onSetBack(position, positionBefore)
      position = sealed.position
      for (const ticket of sealed.tickets) if (!unsealed.delete(ticket)) sealedEarly.add(ticket)
      for (const ticket of sealed.tickets) outstanding.delete(ticket)
      // Rows that were uncertain are in the chain now, or were not committed.
      if (sealed.isComplete) for (const ticket of uncertainBefore) outstanding.delete(ticket)
      else uncertain.push(...uncertainBefore)
      for (const entry of sealed.entries) onSealed(entry)
      for (const { resolve } of batch) resolve()
    } catch (error) {
      for (const { reject } of batch) reject(error)
      hasFailed = true
      uncertain.push(...uncertainBefore)
    }
    isSealing = false
    sealedAt = monotonicMs()
    if (waiting.length > 0) sealAfter(0)
    else if (unsealed.size > 0 || uncertain.length > 0) sealAfter(hasFailed ? retryMs : computeRowDelayMs())
  }

  function waitForBatch(drafts: readonly AuditRowDraft[], afterMs: number): Promise<void> {
    if (isClosed) return Promise.reject(new StoreUnavailable('it is closed'))
    const next: WaitingCaller = { drafts, ...Promise.withResolvers<void>() }
    waiting.push(next)
    sealAfter(afterMs)
    return next.promise
  }

  return {
    get position() {
      return position
    },
    takeTicket() {
      outstanding.add(++lastTicket)
      return lastTicket
    },
    noteCommitted(rows) {
      for (const row of rows) if (!sealedEarly.delete(row.ticket)) unsealed.set(row.ticket, row)
      if (rows.length > 0) sealAfter(computeRowDelayMs())
    },
    noteDiscarded(rows) {
      for (const { ticket } of rows) outstanding.delete(ticket)
    },
    noteUncertain(rows) {
      uncertain.push(...rows.map(({ ticket }) => ticket))
      if (rows.length > 0) sealAfter(retryMs)
    },
    append: (drafts) => waitForBatch(drafts, delayMs),
    async sealNow() {
      if (unsealed.size === 0 && uncertain.length === 0 && !isSealing && waiting.length === 0) return
      await waitForBatch([], 0)
    },
    close() {
      isClosed = true
      clearTimeout(timer)
      for (const { reject } of waiting) reject(new StoreUnavailable('it is closed'))
      waiting = []
    },
  }
}
