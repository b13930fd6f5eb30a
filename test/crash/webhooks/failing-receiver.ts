/** A CRM endpoint that fails on purpose, verifies the signature of everything it reads, and remembers the order of arrival. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { Webhook as StandardWebhook } from 'standardwebhooks'
import { Webhook as SvixWebhook } from 'svix'
import { failures, hang, pickBehavior, retryableFailures, success, type ReceiverBehavior } from './receiver-behaviors.ts'

export interface Arrival {
  id: string
  /** Undefined when the connection was reset before the body was read. */
  body: string | undefined
  behavior: ReceiverBehavior
  /** Epoch ms. */
  at: number
}

export interface FailingReceiver {
  url: string
  /** In order of arrival. */
  arrivals: Arrival[]
  /** By the id of each kept event: the index in `arrivals` at which it was kept for the first time. */
  firstKeptIndexes: Map<string, number>
  /** Faults of the requests themselves, such as an invalid signature. */
  requestFaults: string[]
  /** While stalled, nothing is answered at all. */
  stall(isStalled: boolean): void
  close(): Promise<void>
}

export interface ReceiverOptions {
  /** The signature must verify with each of them. */
  secrets: readonly string[]
  /** The share of requests that fail, 0 to 1. */
  failureShare: number
  /** Failures that this receiver shows more often than others. */
  extraFailures?: readonly ReceiverBehavior[]
  /** Ids of events that are never kept. */
  rejectedIds: ReadonlySet<string>
}

const listenerClosedMs = 40
/** Each attempt is signed anew. The verifying packages would accept a signature that is five minutes old. */
const signatureMaxAgeSeconds = 30

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

type Verifier = Pick<StandardWebhook, 'verify'>

/** Lists what a receiver that follows Standard Webhooks would refuse. */
function findRequestFaults({ method, headers }: IncomingMessage, body: string, verifiers: readonly Verifier[]): string[] {
  const id = String(headers['webhook-id'])
  const faults: string[] = []
  try {
    for (const verifier of verifiers) verifier.verify(body, headers as Record<string, string>)
  } catch (error) {
    faults.push(`${id}: ${(error as Error).message}`)
  }
  const ageSeconds = Date.now() / 1000 - Number(headers['webhook-timestamp'])
  if (!(Math.abs(ageSeconds) < signatureMaxAgeSeconds)) faults.push(`${id}: signed ${ageSeconds} s ago`)
  if (method !== 'POST') faults.push(`${id}: came as ${method}`)
  return faults
}

/** Starts a receiver on a free port. */
export async function startFailingReceiver({
  secrets,
  failureShare,
  extraFailures = [],
  rejectedIds,
}: ReceiverOptions): Promise<FailingReceiver> {
  const verifiers = secrets.flatMap((secret): Verifier[] => [new StandardWebhook(secret), new SvixWebhook(secret)])
  let isStalled = false
  let isClosed = false
  let port = 0
  const server = createServer((request, response) => {
    // A sender that is killed in the middle of a request has not sent it.
    void receive(request, response).catch(() => response.destroy())
  })
  const listen = (): Promise<void> =>
    new Promise((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, '127.0.0.1', () => {
        server.off('error', reject)
        resolve()
      })
    })
  const canListen = (): Promise<boolean> =>
    listen().then(
      () => true,
      () => false,
    )
  /** Refuses new connections for a moment; existing ones stay open. */
  async function closeListener(): Promise<void> {
    if (!server.listening || isClosed) return
    server.close()
    // Another process may have got the port meanwhile, but not for long.
    do await setTimeout(listenerClosedMs)
    while (!isClosed && !(await canListen()))
  }

  const receiver: FailingReceiver = {
    url: '',
    arrivals: [],
    firstKeptIndexes: new Map(),
    requestFaults: [],
    stall: (shouldStall) => void (isStalled = shouldStall),
    async close() {
      isClosed = true
      server.closeAllConnections()
      if (server.listening) await new Promise((resolve) => server.close(resolve))
    },
  }

  function behaviorFor(id: string): ReceiverBehavior {
    if (isStalled) return hang
    if (rejectedIds.has(id)) return pickBehavior(retryableFailures, Math.random())
    return Math.random() < failureShare ? pickBehavior([...failures, ...extraFailures], Math.random()) : success
  }

  async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const id = String(request.headers['webhook-id'])
    const behavior = behaviorFor(id)
    const body = behavior.skipsBody ? undefined : await readBody(request)
    if (body !== undefined) receiver.requestFaults.push(...findRequestFaults(request, body, verifiers))
    const index = receiver.arrivals.push({ id, body, behavior, at: Date.now() }) - 1
    if (behavior.keepsEvent && !receiver.firstKeptIndexes.has(id)) receiver.firstKeptIndexes.set(id, index)
    behavior.answer(response, () => void closeListener())
  }

  await listen()
  ;({ port } = server.address() as AddressInfo)
  receiver.url = `http://127.0.0.1:${port}/hook`
  return receiver
}
