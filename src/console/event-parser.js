/** Reads the text of server-sent events (HTML Living Standard, section 9.2). */

/**
 * @param onEvent gets { id, type, data } of each event; `data` is undefined if it has only an id, after which a reader may continue
 * @returns a function that reads a piece of text, however it is cut
 */
export function createEventParser(onEvent) {
  let rest = ''
  let event = { type: 'message' }
  let endsWithinLineEnd = false
  const fields = {
    id: (value) => (event.id = value),
    event: (value) => (event.type = value),
    data: (value) => (event.data = event.data === undefined ? value : `${event.data}\n${value}`),
  }
  function readLine(line) {
    if (line === '') {
      if (event.data !== undefined || event.id !== undefined) onEvent({ data: undefined, ...event })
      event = { type: 'message' }
      return
    }
    const colon = line.indexOf(':')
    const name = colon < 0 ? line : line.slice(0, colon)
    fields[name]?.(colon < 0 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1))
  }
  return (text) => {
    if (text === '') return
    // A line may end with \r\n, of which \n comes with the next chunk.
    const lines = (rest + (endsWithinLineEnd && text[0] === '\n' ? text.slice(1) : text)).split(/\r\n|\n|\r/)
    endsWithinLineEnd = text.endsWith('\r')
    rest = lines.pop()
    lines.forEach(readLine)
  }
}
