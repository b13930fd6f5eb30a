/** A CRM on loopback that verifies what it is told, with the packages' own verifier, and answers as a test says. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Webhook } from 'standardwebhooks'

export interface Told {
  id: string
  type: string
  timestamp: string
  data: Record<string, unknown> & { conversationId: string; actionId: string }
  headers: IncomingMessage['headers']
  body: string
}
export type Answering = (response: ServerResponse, told: Told, attempt: number) => void

export const crmSecret = `whsec_${Buffer.from('the secret of the CRM in the tests').toString('base64')}`

export interface Crm {
  url: string
  /** Everything that was accepted, in order of arrival. */
  told: Told[]
  attempts: Told[]
  /** How it answers from now on; by default 200. */
  answer(answering: Answering): void
  about(transferId: string): string[]
  close(): Promise<void>
}

export async function startCrm(): Promise<Crm> {
  const told: Told[] = []
  const attempts: Told[] = []
  let answering: Answering | undefined
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString()
      new Webhook(crmSecret).verify(body, request.headers as Record<string, string>)
      const event = {
        id: String(request.headers['webhook-id']),
        headers: request.headers,
        body,
        ...(JSON.parse(body) as Pick<Told, 'type' | 'timestamp' | 'data'>),
      }
      attempts.push(event)
      response.on('finish', () => {
        if (response.statusCode < 300) told.push(event)
      })
      if (answering) answering(response, event, attempts.filter(({ id }) => id === event.id).length)
      else response.writeHead(200).end()
    })
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/transfers`,
    told,
    attempts,
    answer: (how) => void (answering = how),
    about: (transferId) => told.filter(({ data }) => data.actionId === transferId).map(({ type }) => type),
    close: () =>
      new Promise((closed) => {
        server.closeAllConnections()
        server.close(() => closed())
      }),
  }
}
