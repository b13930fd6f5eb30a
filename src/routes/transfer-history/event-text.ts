/** How changes of transfers are written as server-sent events (HTML Living Standard, section 9.2), with what one reader may see. */
import { canSee, hideOtherPlaces } from '../../auth/restriction.ts'
import type { ApiKey } from '../../ledger/contract/api-keys.ts'
import { asTransfer, type Transfer } from '../../model/transfer.ts'
import type { ChangeEvent } from '../../transfers/history/change-events.ts'

/** Why a stream ends, as its last event says. */
export type EndReason = 'stopping' | 'slow' | 'unauthorized' | 'failed'

/**
 * A comment, so that neither side and nothing between them takes the connection for dead.
 * @param id a reader that reconnects continues after this number: most of what happened may be nothing that it may see
 */
export const formatHeartbeat = (id?: number): Buffer => Buffer.from(id === undefined ? ':\n\n' : `:\nid: ${id}\n\n`)

/** One event. @param id absent: a reader that reconnects continues after the event before */
const formatEvent = (event: string, data: object, id?: number): string =>
  `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`

/** The first event. @param retryMs how long the client should wait before it connects again */
export const formatOpen = (id: number, retryMs: number): Buffer => Buffer.from(`retry: ${retryMs}\n${formatEvent('open', {}, id)}`)
/** Says that changes were left out, so that the client reads the list again. */
export const formatSkipped = (id: number): Buffer => Buffer.from(formatEvent('skipped', {}, id))
export const formatEnd = (reason: EndReason): Buffer => Buffer.from(formatEvent('end', { reason }))

/** What a reader may see, and whether it wants names. */
export interface EventView {
  reader: Pick<ApiKey, 'id' | 'queues'>
  /** The names of what a transfer contains; undefined: the reader wants none. */
  namesOf: ((transfer: Transfer) => Record<string, string>) | undefined
}

function formatChange({ changes, record }: ChangeEvent, { reader, namesOf }: EventView): string {
  const listed = changes.map(({ seq, at, status, stage, code }) => ({ seq, at, status, stage, code }))
  const transfer = asTransfer(record)
  const names = namesOf && { names: namesOf(transfer) }
  return hideOtherPlaces(formatEvent('transfer', { changes: listed, transfer, ...names }), reader)
}

/**
 * The events that a reader may see, as bytes. The id is that of the last event, so that a reader who got only a part of them gets all again.
 * @param cursor the reader may continue after this number
 * @returns undefined if the reader may see none of them
 */
export function formatChanges(events: readonly ChangeEvent[], cursor: number, view: EventView): Buffer | undefined {
  const visible = events.filter(({ record }) => canSee(view.reader, record))
  if (visible.length === 0) return undefined
  return Buffer.from(
    `${visible
      .map((event) => formatChange(event, view))
      .join('')
      .slice(0, -1)}id: ${cursor}\n\n`,
  )
}
