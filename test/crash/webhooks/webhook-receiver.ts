/** A CRM's endpoint that fails as told, verifies the signature of everything it reads, and remembers in which order it came. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { Webhook as StandardWebhook } from 'standardwebhooks'
import { Webhook as SvixWebhook } from 'svix'
import { failures, fine, hang, pick, refusals, type Way } from './webhook-answers.ts'

export interface Arrival {
  id: string
  /** Undefined: the connection was reset before it was read. */
  body: string | undefined
  way: Way
  /** Epoch ms. */
  at: number
}
export interface FailingReceiver {
  url: string
  /** In order. */
  arrivals: Arrival[]
  /** Where each event was taken first: its place in `arrivals`. */
  taken: Map<string, number>
  /** What was wrong with a request itself. */
  faults: string[]
  /** Answers nothing at all until told otherwise. */
  stall(on: boolean): void
  close(): Promise<void>
}
export interface ReceiverOptions {
  /** Each of them must verify. */
  secrets: readonly string[]
  /** Of the requests, how many fail. */
  failing: number
  /** Further ways to fail, so that this one does it more often than another. */
  more?: readonly Way[]
  /** Events that are never taken. */
  doomed: ReadonlySet<string>
}

const closedMs = 40
/** A signature is made for the attempt that carries it; the packages alone would let five minutes pass. */
const freshSeconds = 30

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

export async function startFailingReceiver({ secrets, failing, more = [], doomed }: ReceiverOptions): Promise<FailingReceiver> {
  const verifiers = secrets.flatMap((secret) => [new StandardWebhook(secret), new SvixWebhook(secret)])
  let stalled = false
  let closed = false
  let port = 0
  const server = createServer((request, response) => {
    // A sender that dies in the middle of a request has not sent it.
    void take(request, response).catch(() => response.destroy())
  })
  const listen = (): Promise<void> =>
    new Promise((listening, failed) => {
      server.once('error', failed)
      server.listen(port, '127.0.0.1', () => {
        server.off('error', failed)
        listening()
      })
    })
  /** Nobody can connect for a moment; connections that are there stay. */
  async function closeListener(): Promise<void> {
    if (!server.listening || closed) return
    server.close()
    // Somebody may have been given the port meanwhile, but not for long.
    do await setTimeout(closedMs)
    while (
      !closed &&
      (await listen().then(
        () => false,
        () => true,
      ))
    )
  }

  const receiver: FailingReceiver = {
    url: '',
    arrivals: [],
    taken: new Map(),
    faults: [],
    stall: (on) => void (stalled = on),
    async close() {
      closed = true
      server.closeAllConnections()
      if (server.listening) await new Promise((done) => server.close(done))
    },
  }

  function wayFor(id: string): Way {
    if (stalled) return hang
    if (doomed.has(id)) return pick(refusals, Math.random())
    return Math.random() < failing ? pick([...failures, ...more], Math.random()) : fine
  }

  /** What a receiver that takes the words of Standard Webhooks for granted would refuse. */
  function judge({ method, headers }: IncomingMessage, body: string): void {
    const id = headers['webhook-id']
    try {
      for (const verifier of verifiers) verifier.verify(body, headers as Record<string, string>)
    } catch (error) {
      receiver.faults.push(`${String(id)}: ${(error as Error).message}`)
    }
    const age = Date.now() / 1000 - Number(headers['webhook-timestamp'])
    if (!(Math.abs(age) < freshSeconds)) receiver.faults.push(`${String(id)}: signed ${age} s ago`)
    if (method !== 'POST') receiver.faults.push(`${String(id)}: came as ${method}`)
  }

  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const id = String(request.headers['webhook-id'])
    const way = wayFor(id)
    const body = way.unread ? undefined : await read(request)
    if (body !== undefined) judge(request, body)
    const place = receiver.arrivals.push({ id, body, way, at: Date.now() }) - 1
    if (way.takes && !receiver.taken.has(id)) receiver.taken.set(id, place)
    way.answer(response, () => void closeListener())
  }

  await listen()
  ;({ port } = server.address() as AddressInfo)
  receiver.url = `http://127.0.0.1:${port}/hook`
  return receiver
}
