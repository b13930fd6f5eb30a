/** The program that receives webhooks: it answers each after a fixed time, and reports when the request was complete. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** The port that the receiver listens on, or the id of an event and when its last byte arrived, epoch ms with a fraction. */
export type FromReceiver = { port: number } | { id: string; at: number }

const answerAfterMs = Number(process.env['ANSWER_AFTER_MS'])
const report = (message: FromReceiver): void => void process.send?.(message)

const server = createServer((request, response) => {
  request.resume().once('end', () => {
    report({ id: String(request.headers['webhook-id']), at: performance.timeOrigin + performance.now() })
    const answer = (): void => void response.writeHead(200).end()
    if (answerAfterMs > 0) setTimeout(answer, answerAfterMs)
    else answer()
  })
})
process.on('disconnect', () => process.exit(0))
server.listen(0, '127.0.0.1', () => report({ port: (server.address() as AddressInfo).port }))
