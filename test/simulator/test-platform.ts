/** Starts a simulator for a test, with a client of its API, and calls in it. */
import type { SimulatorControl } from '../../src/simulator/control/simulator-control.ts'
import { startSimulator, type SimulatorOptions } from '../../src/simulator/simulator.ts'

export interface ApiResponse<B = any> {
  status: number
  headers: Headers
  text: string
  body: B
}

export interface TestPlatform {
  url: string
  control: SimulatorControl
  /** Sends a request below /api/v2 with a valid token; `body` is sent as JSON. */
  request: (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<ApiResponse>
  /** Sends a request to any path without a token. */
  requestWithoutToken: (method: string, path: string, init?: RequestInit) => Promise<ApiResponse>
  logIn: (id?: string, secret?: string) => Promise<ApiResponse>
  getConversation: (id: string) => Promise<any>
  /** The participants with this purpose from GET /conversations/{id}, oldest first. */
  getParticipants: (id: string, purpose: string) => Promise<any[]>
}

/**
 * Starts a simulator that is closed at the end of the test, and logs in a client, unless `clientId` is set: then `request` has no valid token.
 * The login is not in the request log.
 */
export async function startPlatform(
  t: { teardown: (act: () => unknown) => unknown },
  options: SimulatorOptions = {},
): Promise<TestPlatform> {
  const simulator = await startSimulator(options)
  t.teardown(() => simulator.close())
  const requestWithoutToken = async (method: string, path: string, init: RequestInit = {}): Promise<ApiResponse> => {
    const response = await fetch(`${simulator.url}${path}`, { method, ...init })
    const text = await response.text()
    const isJson = response.headers.get('content-type')?.startsWith('application/json') === true && text !== ''
    return { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : undefined }
  }
  const logIn = (id = 'handoff-demo', secret = 'handoff-demo-secret') =>
    requestWithoutToken('POST', '/oauth/token', {
      headers: { authorization: `Basic ${btoa(`${id}:${secret}`)}`, 'content-type': 'application/x-www-form-urlencoded' },
      body: 'grant_type=client_credentials',
    })
  const token = options.clientId === undefined ? (await logIn()).body.access_token : ''
  simulator.control.clearRequests()
  const request: TestPlatform['request'] = (method, path, body, headers = {}) =>
    requestWithoutToken(method, `/api/v2${path}`, {
      headers: { authorization: `Bearer ${token}`, ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
  const getConversation = async (id: string) => (await request('GET', `/conversations/${id}`)).body
  return {
    url: simulator.url,
    control: simulator.control,
    request,
    requestWithoutToken,
    logIn,
    getConversation,
    getParticipants: async (id, purpose) =>
      (await getConversation(id)).participants.filter((participant: any) => participant.purpose === purpose),
  }
}

/** Starts a call that an agent has answered. @returns the IDs that a transfer of it needs; `participantId` is that of the agent */
export async function startCallWithAgent({
  control,
  getParticipants,
}: TestPlatform): Promise<{ conversationId: string; participantId: string; queueId: string; userId: string }> {
  const queueId = control.addQueue({ name: 'First' }).id
  const userId = control.addAgent({ name: 'Agent' }).id
  const { conversationId } = control.addConversation({ in: { userId, queueId } })
  const [agent] = await getParticipants(conversationId, 'agent')
  return { conversationId, participantId: agent.id, queueId, userId }
}
