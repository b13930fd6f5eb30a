import type { Heard, Stage } from '../stage.ts'

/** A WebSocket client of the platform that keeps all it hears. */
export interface Ear {
  readonly messages: readonly any[]
  /** Resolves when what was heard is enough. */
  until: (enough: (messages: readonly any[]) => boolean) => Promise<void>
  say: (message: unknown) => void
  /** Resolves when everything that was sent before now has been heard: a ping was answered. */
  caughtUp: () => Promise<void>
  /** The bodies of the events of a topic. */
  bodies: (topicName: string) => any[]
  /** The code that the connection was closed with. */
  closed: Promise<number>
}

export const METADATA = 'channel.metadata'
export const CLOSING = 'v2.system.socket_closing'
export const isPong = (message: any) => message.topicName === METADATA && message.eventBody.message === 'pong'

/** Connects to a channel; the connection ends with the test. Rejects where the platform does not let the client in. */
export async function listen(t: { teardown: (act: () => unknown) => unknown }, connectUri: string): Promise<Ear> {
  const socket = new WebSocket(connectUri)
  t.teardown(() => socket.close())
  const messages: any[] = []
  let checks: (() => void)[] = []
  socket.addEventListener('message', ({ data }) => {
    messages.push(JSON.parse(data))
    for (const check of checks) check()
  })
  const closed = new Promise<number>((resolve) => socket.addEventListener('close', ({ code }) => resolve(code)))
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener('open', () => resolve())
    socket.addEventListener('error', () => reject(new Error('not let in')))
  })
  const until: Ear['until'] = (enough) =>
    new Promise((resolve) => {
      const check = () => {
        if (!enough(messages)) return
        checks = checks.filter((other) => other !== check)
        resolve()
      }
      checks.push(check)
      check()
    })
  const say = (message: unknown) => socket.send(typeof message === 'string' ? message : JSON.stringify(message))
  return {
    messages,
    until,
    say,
    caughtUp: async () => {
      const pongs = messages.filter(isPong).length
      say({ message: 'ping' })
      await until((heard) => heard.filter(isPong).length > pongs)
    },
    bodies: (topicName) => messages.filter((message) => message.topicName === topicName).map(({ eventBody }) => eventBody),
    closed,
  }
}

export interface OpenChannel {
  id: string
  connectUri: string
  expires: string
  /** Subscribes to more topics. */
  subscribe: (...topics: string[]) => Promise<Heard>
}

/** A new channel of the stage's client, subscribed to these topics. */
export async function channel({ ask }: Stage, ...topics: string[]): Promise<OpenChannel> {
  const { id, connectUri, expires } = (await ask('POST', '/notifications/channels')).body
  const subscribe = (...more: string[]) =>
    ask(
      'POST',
      `/notifications/channels/${id}/subscriptions`,
      more.map((topic) => ({ id: topic })),
    )
  if (topics.length > 0) await subscribe(...topics)
  return { id, connectUri, expires, subscribe }
}
