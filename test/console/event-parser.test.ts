/** The parser of server-sent events: it gets text in any pieces, and must find the same events as the browser's own would. */
import t from 'tap'
import { importConsole } from './console-module.ts'

interface StreamEvent {
  id?: string
  type: string
  data: string
}
const { createEventParser } = await importConsole<{
  createEventParser: (onEvent: (event: StreamEvent) => void) => (text: string) => void
}>('event-parser.js')

function parse(...pieces: string[]): StreamEvent[] {
  const events: StreamEvent[] = []
  const read = createEventParser((event) => events.push(event))
  for (const piece of pieces) read(piece)
  return events
}

const text = 'retry: 2000\nid: 7\nevent: open\ndata: {}\n\n:\n\nevent: transfer\ndata: {"a":\ndata: 1}\nid: 9\n\n'
const expected = [
  { type: 'open', id: '7', data: '{}' },
  { type: 'transfer', id: '9', data: '{"a":\n1}' },
]

t.test('given events, then each has its id, its type and all its lines of data', async (t) => {
  t.strictSame(parse(text), expected)
})

t.test('given text that arrives in pieces, wherever it is cut, then the events are the same', async (t) => {
  t.strictSame(parse(...text.split('')), expected, 'one character at a time')
  for (let at = 1; at < text.length; at++) t.strictSame(parse(text.slice(0, at), text.slice(at)), expected, `cut at ${at}`)
})

t.test('given line ends of any kind, wherever the text is cut, then the events are the same', async (t) => {
  for (const end of ['\r\n', '\r']) {
    const other = text.replaceAll('\n', end)
    // A CR at the very end may be the first half of a CRLF, so the event ends with the next line.
    for (let at = 1; at < other.length; at++) t.strictSame(parse(other.slice(0, at), `${other.slice(at)}:\n`), expected, `cut at ${at}`)
  }
})

t.test('given line separators of Unicode in the data, then they are text: JSON has them as they are', async (t) => {
  const data = JSON.stringify({ summary: 'one\u2028two\u2029three\u0085four' })
  t.strictSame(parse(`data: ${data}\n\n`), [{ type: 'message', data }])
})

t.test('given comments, unknown fields and events without data, then nothing is told', async (t) => {
  t.strictSame(parse(': a comment\n\nevent: end\n\nother: x\ndata\n\n'), [{ type: 'message', data: '' }])
  t.strictSame(
    parse(':\nid: 12\n\n'),
    [{ type: 'message', id: '12', data: undefined }],
    'but an id alone is: the reader continues after it',
  )
})

t.test('given an event that is not over, then it is not told', async (t) => {
  t.strictSame(parse('event: transfer\ndata: {}\n'), [])
})
