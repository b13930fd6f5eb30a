/**
 * Reads the changes of all transfers once, however many readers follow them, and hands each batch to every reader. While nobody follows
 * them, nothing is read. The time that readers take is limited, so that they cannot slow down the transfers (docs/architecture.md#event-stream).
 */
import { setImmediate, setTimeout } from 'node:timers/promises'
import type { ChangeStore } from '../../ledger/contract/changes.ts'
import { monotonicMs } from '../../model/clock.ts'
import { createChangeEvents, type ChangeEvent } from './change-events.ts'
import { createReadPast, type PastChanges } from './past-changes.ts'
import { createRowNumbers, type RowNumbers } from './row-numbers.ts'

export interface ChangeBatch {
  events: readonly ChangeEvent[]
  /** Those of the events with a change that became visible after changes with higher numbers: a reader of past changes may be beyond it. */
  late: readonly ChangeEvent[]
  /** A reader that has this batch may continue after this number. */
  cursor: number
  /** Changes before this batch were left out, because there were more than the readers can be told in time. */
  hasSkipped: boolean
}

export interface ChangeFeed {
  /**
   * Calls `onBatch` for each batch from now on.
   * @returns a function that ends this, and the number after which the first batch begins
   * @throws StoreUnavailable
   */
  follow(onBatch: (batch: ChangeBatch) => void): Promise<{ cursor: number; unfollow: () => void }>
  /** Reads a page of what happened after a number, up to `top`. Use it while following, otherwise late changes are missed. @throws StoreUnavailable */
  readPast: (after: number) => Promise<PastChanges>
  /** The last number that was handed to the readers; undefined while nobody follows. */
  readonly top: number | undefined
  /** A reader that has everything that was handed out may continue after this number; undefined while nobody follows. */
  readonly cursor: number | undefined
  close(): void
}

export interface ChangeFeedOptions {
  store: ChangeStore
  /** Called when changes cannot be read; reading is tried again. */
  onError: (error: unknown) => void
  /** How many rows one batch has at most. */
  rowsPerBatch?: number
}

/** The ledger is also read this often without a notification, ms: another process may have written it. */
const pollIntervalMs = 1_000
/** The least time between two batches, ms: what happens meanwhile is read at once. */
const batchIntervalMs = 100
/** After a batch, the feed rests for so many times the time that the readers have taken. So they take a fortieth of the time at most. */
const restFactor = 39
/** How many readers are served before everything else gets its turn. */
const readersPerTurn = 20
/** When the feed starts, it looks for numbers that are missing in so many before the last one: a transaction may be about to write their rows. */
const startRows = 1_000
/** If so many full batches follow each other, changes are left out. */
const maxFullBatches = 10

export function createChangeFeed({ store, onError, rowsPerBatch = 1_000 }: ChangeFeedOptions): ChangeFeed {
  const readers = new Set<(batch: ChangeBatch) => void>()
  let numbers: RowNumbers | undefined
  let starting: Promise<RowNumbers> | undefined
  let fullBatches = 0
  let isClosed = false
  let wake = Promise.withResolvers<void>()
  store.onChanged(() => wake.resolve())

  /** Hands a batch to one reader. If that fails, the others get it all the same. */
  function tell(onBatch: (batch: ChangeBatch) => void, batch: ChangeBatch): void {
    try {
      onBatch(batch)
    } catch (error) {
      onError(error)
    }
  }

  /** @returns how long the readers have taken, ms */
  async function publish(batch: ChangeBatch): Promise<number> {
    let takenMs = 0
    const followers = [...readers]
    for (let first = 0; first < followers.length; first += readersPerTurn) {
      const startedAt = monotonicMs()
      for (const onBatch of followers.slice(first, first + readersPerTurn)) if (readers.has(onBatch)) tell(onBatch, batch)
      takenMs += monotonicMs() - startedAt
      await setImmediate()
    }
    return takenMs
  }

  /** Goes on with the changes from now on, and says so. */
  async function skip(current: RowNumbers): Promise<void> {
    fullBatches = 0
    current.skipTo(await store.findLastChangeNumber())
    await publish({ events: [], late: [], cursor: current.top, hasSkipped: true })
  }

  /** Reads and publishes one batch. @returns how long to rest, ms */
  async function advance(current: RowNumbers): Promise<number> {
    const { top } = current
    const rows = await store.readChanges(top, rowsPerBatch, current.listMissing())
    const events = await createChangeEvents(store, rows)
    current.note(
      rows.map(({ seq }) => seq),
      monotonicMs(),
    )
    const isFull = rows.length >= rowsPerBatch
    fullBatches = isFull ? fullBatches + 1 : 0
    if (isFull) wake.resolve()
    const late = events.filter(({ changes }) => changes.some(({ seq }) => seq <= top))
    const takenMs = events.length === 0 ? 0 : await publish({ events, late, cursor: current.complete, hasSkipped: false })
    if (fullBatches > maxFullBatches) await skip(current)
    return Math.max(batchIntervalMs, takenMs * restFactor)
  }

  async function run(current: RowNumbers): Promise<void> {
    while (!isClosed && readers.size > 0) {
      const poll = new AbortController()
      await Promise.race([wake.promise, setTimeout(pollIntervalMs, undefined, { ref: false, signal: poll.signal }).catch(() => {})])
      poll.abort()
      wake = Promise.withResolvers()
      const restMs = await advance(current).catch((error: unknown) => {
        onError(error)
        return pollIntervalMs
      })
      await setTimeout(restMs, undefined, { ref: false })
    }
    if (numbers === current) numbers = undefined
  }

  async function start(): Promise<RowNumbers> {
    const current = createRowNumbers(Math.max(0, (await store.findLastChangeNumber()) - startRows))
    const rows = await store.readChanges(current.top, startRows)
    current.note(
      rows.map(({ seq }) => seq),
      monotonicMs(),
    )
    numbers = current
    void run(current)
    return current
  }

  return {
    async follow(onBatch) {
      readers.add(onBatch)
      try {
        const current = numbers ?? (await (starting ??= start().finally(() => (starting = undefined))))
        return { cursor: current.complete, unfollow: () => void readers.delete(onBatch) }
      } catch (error) {
        readers.delete(onBatch)
        throw error
      }
    },
    readPast: createReadPast(store, () => numbers?.top ?? 0),
    get top() {
      return numbers?.top
    },
    get cursor() {
      return numbers?.complete
    },
    close() {
      isClosed = true
      wake.resolve()
    },
  }
}
