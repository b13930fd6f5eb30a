/** A process with many readers of the event stream. It prints a line when all are connected, and a line with what they read when its input ends. */
import { once } from 'node:events'
import { connect } from 'node:net'

const [url = '', key = '', count = '0'] = process.argv.slice(2)
const { hostname, port } = new URL(url)
const ends: Record<string, number> = {}
let [bytes, open, skipped] = [0, 0, 0]

async function openReader(): Promise<void> {
  const socket = connect(Number(port), hostname)
  socket.write(`GET /v1/transfers/stream HTTP/1.1\r\nHost: ${hostname}\r\nAuthorization: Bearer ${key}\r\n\r\n`)
  socket.on('data', (data: Buffer) => {
    bytes += data.length
    if (data.includes('event: skipped')) skipped += 1
    const end = data.indexOf('"reason":"')
    if (data.includes('event: end')) {
      const reason = data.toString('latin1', end + 10, end + 14)
      ends[reason] = (ends[reason] ?? 0) + 1
    }
  })
  socket.once('close', () => (open -= 1))
  const [head] = (await once(socket, 'data')) as [Buffer]
  if (!head.toString('latin1').startsWith('HTTP/1.1 200')) throw new Error('a stream was refused: allow more open files (ulimit -n)')
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
