/** A client of the notification service for tests. */
import type { ApiResponse, TestPlatform } from '../test-platform.ts'

/** A WebSocket client that keeps all messages it receives. */
export interface EventSocket {
  readonly messages: readonly any[]
  /** Resolves when the received messages fulfill the condition. */
  until: (isEnough: (messages: readonly any[]) => boolean) => Promise<void>
  /** Sends a string as it is, and anything else as JSON. */
  send: (message: unknown) => void
  /** Resolves when all messages that the platform sent before now have arrived. It sends a ping, which is answered after them. */
  waitForPending: () => Promise<void>
  /** The bodies of the received events of a topic. */
  bodies: (topicName: string) => any[]
  /** Resolves with the close code. */
  closed: Promise<number>
}

export const metadataTopic = 'channel.metadata'
export const closingTopic = 'v2.system.socket_closing'
export const isPong = (message: any) => message.topicName === metadataTopic && message.eventBody.message === 'pong'

/** Connects to a channel; the connection is closed at the end of the test. Rejects if the platform refuses it. */
export async function openEventSocket(t: { teardown: (act: () => unknown) => unknown }, connectUri: string): Promise<EventSocket> {
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
    socket.addEventListener('error', () => reject(new Error('connection refused')))
  })
  const until: EventSocket['until'] = (isEnough) =>
    new Promise((resolve) => {
      const check = () => {
        if (!isEnough(messages)) return
        checks = checks.filter((other) => other !== check)
        resolve()
      }
      checks.push(check)
      check()
    })
  const send = (message: unknown) => socket.send(typeof message === 'string' ? message : JSON.stringify(message))
  return {
    messages,
    until,
    send,
    waitForPending: async () => {
      const pongs = messages.filter(isPong).length
      send({ message: 'ping' })
      await until((received) => received.filter(isPong).length > pongs)
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
  subscribe: (...topics: string[]) => Promise<ApiResponse>
}

/** Creates a channel that is subscribed to these topics. */
export async function createChannel({ request }: TestPlatform, ...topics: string[]): Promise<OpenChannel> {
  const { id, connectUri, expires } = (await request('POST', '/notifications/channels')).body
  const subscribe = (...addedTopics: string[]) =>
    request(
      'POST',
      `/notifications/channels/${id}/subscriptions`,
      addedTopics.map((topic) => ({ id: topic })),
    )
  if (topics.length > 0) await subscribe(...topics)
  return { id, connectUri, expires, subscribe }
}
