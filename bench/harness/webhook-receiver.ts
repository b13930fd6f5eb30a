/** The CRM of the webhook bench, a process of its own: takes everything after a while, and says when it had the whole of it. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Its port, or an event and when its last byte was there (epoch ms, with a fraction). */
export type FromReceiver = { port: number } | { id: string; at: number }

const answersAfterMs = Number(process.env['ANSWERS_AFTER_MS'])
const tell = (message: FromReceiver): void => void process.send?.(message)
const server = createServer((request, response) => {
  request.resume().once('end', () => {
    tell({ id: String(request.headers['webhook-id']), at: performance.timeOrigin + performance.now() })
    const answer = (): void => void response.writeHead(200).end()
    if (answersAfterMs > 0) setTimeout(answer, answersAfterMs)
    else answer()
  })
})
process.on('disconnect', () => process.exit(0))
server.listen(0, '127.0.0.1', () => tell({ port: (server.address() as AddressInfo).port }))
