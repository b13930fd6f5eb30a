import type { Scene } from '../../src/simulator/control/scene.ts'
import { startSimulator, type SimulatorOptions } from '../../src/simulator/simulator.ts'

export interface Heard<B = any> {
  status: number
  headers: Headers
  text: string
  body: B
}

export interface Stage {
  url: string
  scene: Scene
  /** A request below /api/v2 with the stage's token; `body` is sent as JSON. */
  ask: (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<Heard>
  /** A request to any path, without a token. */
  knock: (method: string, path: string, init?: RequestInit) => Promise<Heard>
  logIn: (id?: string, secret?: string) => Promise<Heard>
  conversation: (id: string) => Promise<any>
  /** The participants of a purpose, oldest first, as GET /conversations/{id} shows them. */
  legs: (id: string, purpose: string) => Promise<any[]>
}

/** A simulator that closes with the test, and a client that is logged in. */
export async function stage(t: { teardown: (act: () => unknown) => unknown }, options: SimulatorOptions = {}): Promise<Stage> {
  const simulator = await startSimulator(options)
  t.teardown(() => simulator.close())
  const knock = async (method: string, path: string, init: RequestInit = {}): Promise<Heard> => {
    const response = await fetch(`${simulator.url}${path}`, { method, ...init })
    const text = await response.text()
    const json = response.headers.get('content-type')?.startsWith('application/json') === true && text !== ''
    return { status: response.status, headers: response.headers, text, body: json ? JSON.parse(text) : undefined }
  }
  const logIn = (id = 'handoff-demo', secret = 'handoff-demo-secret') =>
    knock('POST', '/oauth/token', {
      headers: { authorization: `Basic ${btoa(`${id}:${secret}`)}`, 'content-type': 'application/x-www-form-urlencoded' },
      body: 'grant_type=client_credentials',
    })
  const token = options.clientId === undefined ? (await logIn()).body.access_token : ''
  simulator.scene.clearCalls()
  const ask: Stage['ask'] = (method, path, body, headers = {}) =>
    knock(method, `/api/v2${path}`, {
      headers: { authorization: `Bearer ${token}`, ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
  const conversation = async (id: string) => (await ask('GET', `/conversations/${id}`)).body
  return {
    url: simulator.url,
    scene: simulator.scene,
    ask,
    knock,
    logIn,
    conversation,
    legs: async (id, purpose) => (await conversation(id)).participants.filter((one: any) => one.purpose === purpose),
  }
}

/** A call in the hands of one busy agent, to be moved: the ids that a transfer needs. */
export async function callWithAgent({
  scene,
  legs,
}: Stage): Promise<{ conversationId: string; participantId: string; queueId: string; userId: string }> {
  const queueId = scene.addQueue({ name: 'First' }).id
  const userId = scene.addAgent({ name: 'Holder' }).id
  const { conversationId } = scene.addConversation({ in: { userId, queueId } })
  const [holder] = await legs(conversationId, 'agent')
  return { conversationId, participantId: holder.id, queueId, userId }
}
