/** How `npm run transfers -- watch` follows the stream of changes, and connects again when it breaks. */
import { setTimeout } from 'node:timers/promises'
import type { Transfer } from '../../model/transfer.ts'
import type { Api } from './api.ts'
import type { NamesById } from './format.ts'

export interface WatchedChange {
  transfer: Transfer
  names?: NamesById
  changes: ReadonlyArray<{ seq: number; at: string; status: string }>
}
interface ReceivedEvent {
  id: string | undefined
  event: string
  data: unknown
}

/** Pause before a broken stream is opened again, ms. */
const reconnectMs = 2_000

/** Parses server-sent events (HTML Living Standard, section 9.2.6). An event without data only has an id. */
async function* parseEvents(chunks: AsyncIterable<string>): AsyncGenerator<ReceivedEvent> {
  let rest = ''
  for await (const chunk of chunks) {
    const blocks = (rest + chunk).split('\n\n')
    rest = blocks.pop() ?? ''
    for (const block of blocks) {
      const fields = new Map(
        block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trimStart()]),
      )
      const data = fields.get('data')
      yield { id: fields.get('id'), event: fields.get('event') ?? 'message', data: data === undefined ? undefined : JSON.parse(data) }
    }
  }
}

/**
 * Yields every change until the signal aborts. A stream that ends or breaks is continued after its last event.
 * @param readNow what is yielded besides, without changes, when the stream is open and after changes were left out: what the caller might miss
 * @param onNote called with a sentence for the user when something else happens than a change
 * @throws Error if the first attempt to open the stream fails, or the key is not valid any more
 */
export async function* followChanges(
  api: Api,
  signal: AbortSignal,
  readNow: (() => Promise<WatchedChange>) | undefined,
  onNote: (note: string) => void,
): AsyncGenerator<WatchedChange> {
  let lastId: string | undefined
  while (!signal.aborted) {
    try {
      for await (const { id, event, data } of parseEvents(await api.stream(lastId, signal))) {
        lastId = id ?? lastId
        if (event === 'transfer') yield data as WatchedChange
        if (readNow && (event === 'open' || event === 'skipped')) yield await readNow()
        if (event === 'skipped') onNote('some changes were left out, because there were too many at once')
        if (event === 'end') {
          const { reason } = data as { reason: string }
          if (reason === 'unauthorized') throw new Error('the key is not valid any more')
          onNote(`the stream has ended (${reason}); connecting again`)
        }
      }
    } catch (error) {
      if (signal.aborted) return
      if (lastId === undefined || /not valid|UNAUTHENTICATED|FORBIDDEN|NOT_FOUND/.test((error as Error).message)) throw error
      onNote(`the stream broke (${(error as Error).message}); connecting again`)
    }
    await setTimeout(reconnectMs, undefined, { signal }).catch(() => {})
  }
}
