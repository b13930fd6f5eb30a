/** A CRM on loopback that verifies each webhook with the Standard Webhooks package and answers as a test wants. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Webhook } from 'standardwebhooks'

export interface ReceivedEvent {
  id: string
  type: string
  timestamp: string
  data: Record<string, unknown> & { conversationId: string; actionId: string }
  headers: IncomingMessage['headers']
  body: string
}

/** Answers one attempt; `attempt` counts from 1 for each event. */
export type EventResponder = (response: ServerResponse, event: ReceivedEvent, attempt: number) => void

export const crmSecret = `whsec_${Buffer.from('the secret of the CRM in the tests').toString('base64')}`

export interface TestCrm {
  url: string
  /** Every event that was answered with a 2xx, in order of arrival. */
  accepted: ReceivedEvent[]
  /** Every attempt, in order of arrival. */
  attempts: ReceivedEvent[]
  /** Replaces the responder; at first every attempt is answered with 200. */
  respondWith(responder: EventResponder): void
  /** The types of the accepted events of one transfer, in order of arrival. */
  eventTypesFor(transferId: string): string[]
  close(): Promise<void>
}

/** Starts a CRM on a free port. A request with a wrong signature throws in the server, which fails the test run. */
export async function startTestCrm(): Promise<TestCrm> {
  const accepted: ReceivedEvent[] = []
  const attempts: ReceivedEvent[] = []
  let respond: EventResponder = (response) => void response.writeHead(200).end()
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString()
      new Webhook(crmSecret).verify(body, request.headers as Record<string, string>)
      const event: ReceivedEvent = {
        id: String(request.headers['webhook-id']),
        headers: request.headers,
        body,
        ...(JSON.parse(body) as Pick<ReceivedEvent, 'type' | 'timestamp' | 'data'>),
      }
      attempts.push(event)
      response.on('finish', () => {
        if (response.statusCode < 300) accepted.push(event)
      })
      respond(response, event, attempts.filter(({ id }) => id === event.id).length)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/transfers`,
    accepted,
    attempts,
    respondWith: (responder) => void (respond = responder),
    eventTypesFor: (transferId) => accepted.filter(({ data }) => data.actionId === transferId).map(({ type }) => type),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}
