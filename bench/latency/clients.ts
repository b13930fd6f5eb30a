/** Starts the servers that are compared, and creates one client of each kind. All use the same simulator. */
import type { Agent } from 'undici'
import { startBareServer } from '../harness/bare-server-process.ts'
import type { RunningProcess } from '../harness/child-process.ts'
import { createHandoffClient, type TransferClient } from '../harness/handoff-client.ts'
import { logIn, sendJson } from '../harness/http-client.ts'
import type { LatencyClient } from '../load/latency-rounds.ts'
import { startService, type Service } from '../harness/service-process.ts'
import type { TestCall } from '../harness/test-calls.ts'
import { createTutorialClient } from '../harness/tutorial-client.ts'
import type { ClientKind } from './kinds.ts'

export interface LatencyClients {
  clients: ReadonlyArray<LatencyClient<ClientKind>>
  /** The two Handoff services. */
  services: readonly Service[]
}

/** Creates a client that only reads the conversation and moves the call, which no transfer can do without. */
export function createTwoCallsClient(simulatorUrl: string, token: string, dispatcher: Agent): TransferClient {
  const headers = { authorization: `Bearer ${token}` }
  return async ({ conversationId, queueId }: TestCall) => {
    const url = `${simulatorUrl}/api/v2/conversations/${conversationId}`
    const { body } = await sendJson(dispatcher, 'GET', url, headers)
    const participants = body['participants'] as Array<{ id: string; purpose: string }>
    const ivr = participants.find(({ purpose }) => purpose === 'ivr')
    const { status } = await sendJson(dispatcher, 'POST', `${url}/participants/${ivr?.id}/replace/queue`, headers, {
      queueId,
      transferType: 'Unattended',
    })
    return status === 202 ? undefined : String(status)
  }
}

/** Starts the servers and creates the clients. @param folders a folder for the ledger of each service */
export async function startClients(
  simulatorUrl: string,
  folders: { polling: string; events: string },
  dispatcher: Agent,
  track: <R extends RunningProcess>(starting: Promise<R>) => Promise<R>,
): Promise<LatencyClients> {
  const polling = await track(startService(simulatorUrl, folders.polling, { settings: { PICKUP_EVENTS: 'off' } }))
  const events = await track(startService(simulatorUrl, folders.events, { settings: { PICKUP_EVENTS: 'on' } }))
  const token = await logIn(simulatorUrl)
  const bareServer = await track(startBareServer(simulatorUrl, token))
  const tutorial = createTutorialClient(simulatorUrl, token, dispatcher)
  return {
    clients: [
      { name: 'tutorial', transfer: (call) => tutorial.transfer(call), pids: [] },
      { name: 'two calls', transfer: createTwoCallsClient(simulatorUrl, token, dispatcher), pids: [] },
      { name: 'bare server', transfer: createHandoffClient(bareServer.url, dispatcher), pids: [bareServer.pid] },
      { name: 'Handoff, polling', transfer: createHandoffClient(polling.url, dispatcher), pids: [polling.pid] },
      { name: 'Handoff, events', transfer: createHandoffClient(events.url, dispatcher), pids: [events.pid] },
    ],
    services: [polling, events],
  }
}
