/** A client of the simulated platform other than Handoff: it reads conversations and sends commands as another application would. */

export interface PlatformConversation {
  participants: Array<{
    id: string
    purpose: string
    queueId?: string
    attributes?: Record<string, string>
    conversationRoutingData?: {
      priority: number
      skills: Array<{ id: string }>
      language?: { id: string }
      scoredAgents?: Array<{ agent: { id: string } }>
    }
    calls: Array<{ state: string; connectedTime?: string }>
    callbacks?: unknown[]
  }>
}

export interface PlatformClient {
  getConversation(id: string): Promise<PlatformConversation>
  /** Sends a command, by POST unless `method` differs, to the Platform API and returns the status. `path` begins after `/api/v2`. */
  sendCommand(path: string, body: object, method?: string): Promise<number>
}

async function logIn(simulatorUrl: string): Promise<string> {
  const response = await fetch(`${simulatorUrl}/oauth/token`, {
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
    headers: { authorization: `Basic ${Buffer.from('handoff-demo:handoff-demo-secret').toString('base64')}` },
  })
  return `Bearer ${((await response.json()) as { access_token: string }).access_token}`
}

/** Creates a client that logs in with its first request. */
export function createPlatformClient(simulatorUrl: string): PlatformClient {
  let login: Promise<string> | undefined
  const authorization = (): Promise<string> => (login ??= logIn(simulatorUrl))
  return {
    async getConversation(id) {
      const response = await fetch(`${simulatorUrl}/api/v2/conversations/${id}`, { headers: { authorization: await authorization() } })
      return (await response.json()) as PlatformConversation
    },
    async sendCommand(path, body, method: string = 'POST') {
      const headers = { authorization: await authorization(), 'content-type': 'application/json' }
      return (await fetch(`${simulatorUrl}/api/v2${path}`, { method, body: JSON.stringify(body), headers })).status
    },
  }
}
