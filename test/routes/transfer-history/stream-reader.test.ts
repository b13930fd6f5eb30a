/** What a client gets that continues after an event, and what happens to one that does not read its stream. */
import { test } from 'tap'
import { openStreamReader, type StreamReaderOptions } from '../../../src/routes/transfer-history/stream-reader.ts'
import type { ChangeEvent } from '../../../src/transfers/history/change-events.ts'
import type { ChangeBatch, ChangeFeed } from '../../../src/transfers/history/change-feed.ts'
import { waitFor } from '../../support/wait-for.ts'

const createEvents = (...numbers: number[]): ChangeEvent[] =>
  numbers.map((seq) => ({ changes: [{ seq }], record: {} }) as unknown as ChangeEvent)

/** A feed whose batches and pages the test makes. */
function createFeed(top: number, readPast: ChangeFeed['readPast'] = () => Promise.reject(new Error('nothing to read'))) {
  let onBatch: ((batch: ChangeBatch) => void) | undefined
  const feed: ChangeFeed = {
    follow: async (listener) => {
      onBatch = listener
      return { cursor: top, unfollow: () => (onBatch = undefined) }
    },
    readPast,
    top,
    cursor: top,
    close() {},
  }
  const publish = (events: ChangeEvent[], late: ChangeEvent[], cursor: number) => onBatch?.({ events, late, cursor, hasSkipped: false })
  return { feed, publish, isFollowed: () => onBatch !== undefined }
}

const open = (feed: ChangeFeed, changed: Partial<StreamReaderOptions> = {}) =>
  openStreamReader({
    feed,
    caller: { id: 'ops', queues: null } as never,
    after: undefined,
    maxUnreadBytes: 1_000,
    formatBatch: ({ events, cursor }) =>
      events.length === 0
        ? undefined
        : Buffer.from(`${events.flatMap(({ changes }) => changes.map(({ seq }) => seq)).join()} id ${cursor};`),
    namesOf: undefined,
    onError: () => {},
    ...changed,
  })

test('given a client that catches up, when a row becomes visible after its page was read, then the client is told', async (t) => {
  const page = Promise.withResolvers<{ events: ChangeEvent[]; last: number }>()
  const { feed, publish } = createFeed(4, () => page.promise)
  const reader = await open(feed, { after: 1 })
  // Row 3 was not visible when the page was read, and is handed out before the page is there.
  publish(createEvents(3, 5), createEvents(3), 5)
  page.resolve({ events: createEvents(2, 4), last: 4 })
  await waitFor(() => reader.stream.readableLength > 0)
  setImmediate(() => reader.end('stopping'))
  const text = (await reader.stream.toArray()).join('')
  t.match(text, '3 id 1;2,4 id 4;')
  t.match(text, /^retry: 2000\nid: 1\n/)
})

for (const { name, after, top } of [
  { name: 'has missed more than it can be told', after: 1, top: 1_000_000 },
  { name: 'has an id of a ledger that was replaced by an older copy', after: 8, top: 5 },
])
  test(`given a client that ${name}, when it continues, then it is told to read the list again, and goes on from now`, async (t) => {
    const { feed, publish } = createFeed(top)
    const reader = await open(feed, { after })
    publish(createEvents(top + 1), [], top + 1)
    reader.end('stopping')
    const text = (await reader.stream.toArray()).join('')
    t.match(text, new RegExp(`^retry: 2000\\nid: ${top}\\nevent: open\\ndata: {}\\n\\nid: ${top}\\nevent: skipped\\n`))
    t.match(text, `${top + 1} id ${top + 1};`)
  })

test('given a client that does not read, when more waits for it than it may leave unread, then its stream ends with the reason', async (t) => {
  const { feed, isFollowed } = createFeed(5)
  const reader = await open(feed)
  for (let count = 0; count < 20; count++) reader.send(Buffer.from(`data: ${'x'.repeat(94)}\n\n`))
  t.notOk(isFollowed(), 'nothing more is sent to it')
  const text = (await reader.stream.toArray()).join('')
  t.ok(text.length < 1_200, `${text.length} bytes`)
  t.ok(text.startsWith('retry: '))
  t.ok(text.endsWith('event: end\ndata: {"reason":"slow"}\n\n'))
})
