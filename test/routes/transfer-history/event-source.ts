/** A client of the event stream for tests: it parses events as the HTML Living Standard says, section 9.2.6. */
import { waitFor } from '../../support/wait-for.ts'

export interface ReceivedEvent {
  /** The last id that was received, with this event or before it. */
  id: string
  event: string
  data: Record<string, unknown>
}
export interface EventReader {
  events: ReceivedEvent[]
  /** The id after which a client that connects again continues. */
  lastId(): string
  comments(): number
  hasEnded(): boolean
  close(): void
  /** Waits for an event that `matches` accepts. */
  waitForEvent(matches: (received: ReceivedEvent) => boolean, description: string): Promise<ReceivedEvent>
}

/** Opens a stream, and waits until its first event is there. */
export async function openEventReader(url: string, headers: Record<string, string>): Promise<EventReader> {
  const abort = new AbortController()
  const response = await fetch(url, { headers, signal: abort.signal })
  if (response.status !== 200) throw new Error(`the stream was answered with ${response.status}`)
  const events: ReceivedEvent[] = []
  let lastId = ''
  let comments = 0
  let hasEnded = false

  function parseBlock(block: string): void {
    let [event, data] = ['message', '']
    for (const line of block.split('\n')) {
      const [, field = '', value = ''] = /^([^:]*):? ?(.*)$/.exec(line) ?? []
      if (line.startsWith(':')) comments += 1
      else if (field === 'event') event = value
      else if (field === 'data') data += value
      else if (field === 'id') lastId = value
    }
    if (data !== '') events.push({ id: lastId, event, data: JSON.parse(data) as ReceivedEvent['data'] })
  }
  void (async () => {
    let rest = ''
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      const blocks = (rest + chunk).split('\n\n')
      rest = blocks.pop() ?? ''
      blocks.forEach(parseBlock)
    }
  })()
    .catch(() => {})
    .finally(() => (hasEnded = true))

  const reader: EventReader = {
    events,
    lastId: () => lastId,
    comments: () => comments,
    hasEnded: () => hasEnded,
    close: () => abort.abort(),
    waitForEvent: (matches, description) => waitFor(() => events.find(matches), description),
  }
  await reader.waitForEvent(({ event }) => event === 'open', 'the first event')
  return reader
}
