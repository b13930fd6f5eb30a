/** A process with many readers of the event stream. It prints a line when all are connected, and a line with what they read when its input ends. */
import { once } from 'node:events'
import { connect, type OnReadOpts } from 'node:net'

const [url = '', key = '', count = '0'] = process.argv.slice(2)
const { hostname, port } = new URL(url)
const ends: Record<string, number> = {}
let [bytes, open, skipped] = [0, 0, 0]

/** All readers share it: what they read is looked at and forgotten at once, so that they take little of the cores that the service needs. */
const buffer = Buffer.allocUnsafe(256 * 1024)
/** A short event is sent as a chunk of its own: it is found at the beginning or the end of what was read, without looking at all of it. */
const edgeBytes = 256

function note(edge: string): void {
  if (edge.includes('event: skipped')) skipped += 1
  const reason = /event: end\ndata: \{"reason":"(\w+)"/.exec(edge)?.[1]
  if (reason !== undefined) ends[reason] = (ends[reason] ?? 0) + 1
}

async function openReader(): Promise<void> {
  const first = Promise.withResolvers<string>()
  const onread: OnReadOpts = {
    buffer,
    callback(length) {
      first.resolve(buffer.toString('latin1', 0, Math.min(length, edgeBytes)))
      bytes += length
      note(buffer.toString('latin1', 0, Math.min(length, edgeBytes)))
      if (length > edgeBytes) note(buffer.toString('latin1', Math.max(edgeBytes, length - edgeBytes), length))
      return true
    },
  }
  const socket = connect({ port: Number(port), host: hostname, onread })
  socket.write(`GET /v1/transfers/stream HTTP/1.1\r\nHost: ${hostname}\r\nAuthorization: Bearer ${key}\r\n\r\n`)
  socket.once('close', () => (open -= 1))
  if (!(await first.promise).startsWith('HTTP/1.1 200')) throw new Error('a stream was refused: allow more open files (ulimit -n)')
  open += 1
}
// A few at a time, because the queue of connections that a server has not accepted yet is short.
for (let opened = 0; opened < Number(count); opened += 50)
  await Promise.all(Array.from({ length: Math.min(50, Number(count) - opened) }, openReader))
process.stdout.write('connected\n')
process.stdin.resume()
await once(process.stdin, 'end')
process.stdout.write(`${JSON.stringify({ bytes, open, skipped, ends })}\n`)
process.exit(0)
