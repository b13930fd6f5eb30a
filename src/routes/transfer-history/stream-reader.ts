/** One client of the event stream: what it is sent, in which order, and when it is dropped because it does not read. */
import { Readable } from 'node:stream'
import type { ApiKey } from '../../ledger/contract/api-keys.ts'
import type { ChangeBatch, ChangeFeed } from '../../transfers/history/change-feed.ts'
import { formatEnd, formatHeartbeat, formatOpen, formatSkipped, type EndReason, type EventView } from './event-text.ts'

/** How long a client should wait before it connects again, ms. */
const retryMs = 2_000
/** A client that continues after an event is told at most so many changes. If it has missed more, reading the list is faster. */
const maxMissed = 50_000

export interface StreamReader {
  /** The body of the response. */
  stream: Readable
  /** The key that the client has sent. It may change while the client reads. */
  caller: ApiKey
  /** Sends a comment. */
  beat(): void
  /** Sends bytes, or ends the stream if the client has not read what was sent before. */
  send(bytes: Buffer): void
  /** Sends the reason and ends the stream. */
  end(reason: EndReason): void
}

export interface StreamReaderOptions {
  feed: ChangeFeed
  caller: ApiKey
  /** The `Last-Event-ID` of a client that continues; undefined: from now on. */
  after: number | undefined
  /** How many bytes may wait for the client. All readers share the bytes of a batch, so they take memory once. */
  maxUnreadBytes: number
  /** The bytes of a batch for this reader. Readers with equal rights share them. */
  formatBatch: (batch: Pick<ChangeBatch, 'events' | 'cursor'>, view: EventView) => Buffer | undefined
  namesOf: EventView['namesOf']
  onError: (error: unknown) => void
}

/** Opens the stream of one client. @throws StoreUnavailable */
export async function openStreamReader({
  feed,
  caller,
  after,
  maxUnreadBytes,
  formatBatch,
  namesOf,
  onError,
}: StreamReaderOptions): Promise<StreamReader> {
  let isEnded = false
  let unfollow = (): void => {}
  /** While the client is told what it has missed: the last number that it was told. */
  let position: number | undefined = after
  /** Otherwise: the client may continue after this number. */
  let continueAfter = 0
  let onRead = Promise.withResolvers<void>()
  const stream = new Readable({
    read() {
      onRead.resolve()
    },
  })

  function push(bytes: Buffer): void {
    if (!isEnded && !stream.destroyed) stream.push(bytes)
  }
  const reader: StreamReader = {
    stream,
    caller,
    send(bytes) {
      if (stream.readableLength + bytes.length > maxUnreadBytes && stream.readableLength > 0) reader.end('slow')
      else push(bytes)
    },
    beat: () => reader.send(position === undefined ? formatHeartbeat(continueAfter) : formatHeartbeat()),
    end(reason) {
      if (isEnded) return
      push(formatEnd(reason))
      isEnded = true
      unfollow()
      if (!stream.destroyed) stream.push(null)
    },
  }

  const view = (): EventView => ({ reader: reader.caller, namesOf })

  function onBatch(batch: ChangeBatch): void {
    if (position === undefined) {
      continueAfter = batch.cursor
      const bytes = batch.hasSkipped ? formatSkipped(batch.cursor) : formatBatch(batch, view())
      if (bytes) reader.send(bytes)
      return
    }
    // What comes late is told at once, because the client may be past it. If it is not, the client is told twice.
    const bytes = formatBatch({ events: batch.late, cursor: Math.min(position, batch.cursor) }, view())
    if (bytes) reader.send(bytes)
  }

  /** Tells the client what it has missed, as fast as it reads, up to what the other readers have been told. */
  async function catchUp(start: number): Promise<void> {
    for (position = start; !isEnded && !stream.destroyed && position < (feed.top ?? 0);) {
      const { events, last } = await feed.readPast(position)
      position = last
      const bytes = formatBatch({ events, cursor: Math.min(last, feed.cursor ?? last) }, view())
      if (bytes) push(bytes)
      while (stream.readableLength > stream.readableHighWaterMark && !stream.destroyed && !isEnded) {
        onRead = Promise.withResolvers()
        await onRead.promise
      }
    }
    position = undefined
    continueAfter = feed.cursor ?? continueAfter
  }

  const { cursor, unfollow: stopFollowing } = await feed.follow(onBatch)
  unfollow = stopFollowing
  continueAfter = cursor
  stream.once('close', () => {
    unfollow()
    onRead.resolve()
  })
  const { top = cursor } = feed
  const canCatchUp = after !== undefined && after <= top && top - after <= maxMissed
  push(formatOpen(canCatchUp ? after : cursor, retryMs))
  // The ledger may also be one that was restored, and has not come to this number again.
  if (after !== undefined && !canCatchUp) push(formatSkipped(cursor))
  if (!canCatchUp) position = undefined
  else
    void catchUp(after).catch((error: unknown) => {
      onError(error)
      reader.end('failed')
    })
  return reader
}
