/** The simulator as a client of the platform sees it, past Handoff: what a conversation looks like, and commands of somebody else. */
export interface Conversation {
  participants: Array<{
    id: string
    purpose: string
    queueId?: string
    attributes?: Record<string, string>
    conversationRoutingData?: { priority: number; skills: Array<{ id: string }> }
    calls: Array<{ state: string }>
  }>
}

export interface PlatformLook {
  conversation(id: string): Promise<Conversation>
  /** Sends a command of the platform's own API. */
  command(path: string, body: object): Promise<number>
}

export function platformLook(simulatorUrl: string): PlatformLook {
  let login: Promise<string> | undefined
  async function loggedIn(): Promise<string> {
    const answer = await fetch(`${simulatorUrl}/oauth/token`, {
      method: 'POST',
      body: new URLSearchParams({ grant_type: 'client_credentials' }),
      headers: { authorization: `Basic ${Buffer.from('handoff-demo:handoff-demo-secret').toString('base64')}` },
    })
    return `Bearer ${((await answer.json()) as { access_token: string }).access_token}`
  }
  const authorization = (): Promise<string> => (login ??= loggedIn())
  return {
    async conversation(id) {
      const answer = await fetch(`${simulatorUrl}/api/v2/conversations/${id}`, { headers: { authorization: await authorization() } })
      return (await answer.json()) as Conversation
    },
    async command(path, body) {
      const headers = { authorization: await authorization(), 'content-type': 'application/json' }
      return (await fetch(`${simulatorUrl}/api/v2${path}`, { method: 'POST', body: JSON.stringify(body), headers })).status
    },
  }
}
