/** Which notification channels exist, which topics each is subscribed to, and when a channel ends. */
import { randomUUID } from 'node:crypto'
import type { Clock } from '../model/clock.ts'
import type { Channel, ChannelConnection } from './channel.ts'

type MutableChannel = { -readonly [K in keyof Channel]: Channel[K] } & { isClosingAnnounced: boolean }

const maxChannels = 20
const lifetimeMs = 86_400_000
/** How long before the end of a channel `v2.system.socket_closing` announces it (docs/genesys-cloud.md rule 59: about 60 s). */
const closingNoticeMs = 60_000

/** The channels of the one OAuth client: at most 20, each for 24 hours after its last subscription (docs/genesys-cloud.md rule 58). */
export class ChannelRegistry {
  readonly #clock: Clock
  /** By id, the least recently used first. */
  readonly #channels = new Map<string, MutableChannel>()
  /** By full topic name; a topic without subscribers has no entry. */
  readonly #subscribers = new Map<string, Set<MutableChannel>>()
  #isScheduled = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /**
   * Creates a channel. The 21st replaces the least recently used channel without an open connection, or else the least recently used one.
   *
   * @param token The access token of the request; channels are listed only for their own token.
   */
  create(token: object): Channel {
    const channels = [...this.#channels.values()]
    const leastUsed = channels.find(({ connection }) => connection?.isOpen !== true) ?? channels[0]
    if (channels.length >= maxChannels && leastUsed !== undefined) this.remove(leastUsed.id)
    const expiresAt = this.#clock.now() + lifetimeMs
    const channel: MutableChannel = {
      id: randomUUID(),
      token,
      topics: new Set(),
      expiresAt,
      connection: undefined,
      isClosingAnnounced: false,
    }
    this.#channels.set(channel.id, channel)
    this.#scheduleNext()
    return channel
  }

  find(id: string): Channel | undefined {
    return this.#channels.get(id)
  }

  /** All channels, the least recently used first. */
  list(): readonly Channel[] {
    return [...this.#channels.values()]
  }

  /** The channels that are subscribed to this topic. */
  findSubscribers(topic: string): Iterable<Channel> {
    return this.#subscribers.get(topic) ?? []
  }

  /** Whether any channel is subscribed to any topic; otherwise no event has to be built. */
  get hasSubscribers(): boolean {
    return this.#subscribers.size > 0
  }

  /** Replaces the topics of a channel. With `shouldExtend` the channel ends 24 hours from now. */
  subscribe(id: string, topics: ReadonlySet<string>, { shouldExtend }: { shouldExtend: boolean }): void {
    const channel = this.#markUsed(id)
    if (channel === undefined) return
    this.#removeSubscriptions(channel)
    channel.topics = topics
    for (const topic of topics) this.#subscribers.set(topic, (this.#subscribers.get(topic) ?? new Set()).add(channel))
    if (!shouldExtend) return
    channel.expiresAt = this.#clock.now() + lifetimeMs
    channel.isClosingAnnounced = false
  }

  /** Connects a channel and closes its previous connection. Returns false if the channel does not exist any more. */
  connect(id: string, connection: ChannelConnection): boolean {
    const channel = this.#markUsed(id)
    if (channel === undefined) return false
    const { connection: previous } = channel
    channel.connection = connection
    previous?.announceClosing()
    previous?.close()
    return true
  }

  /** Closes the connection of a channel and removes the channel. */
  remove(id: string): void {
    const channel = this.#channels.get(id)
    if (channel === undefined) return
    this.#channels.delete(id)
    this.#removeSubscriptions(channel)
    if (!channel.isClosingAnnounced) channel.connection?.announceClosing()
    channel.connection?.close()
  }

  /** Terminates every connection and removes every channel. The clock must have been cleared before. */
  clear(): void {
    for (const { connection } of this.#channels.values()) connection?.terminate()
    this.#channels.clear()
    this.#subscribers.clear()
    this.#isScheduled = false
  }

  /** Moves a channel to the end of the order of use. */
  #markUsed(id: string): MutableChannel | undefined {
    const channel = this.#channels.get(id)
    if (channel === undefined) return undefined
    this.#channels.delete(id)
    this.#channels.set(id, channel)
    return channel
  }

  #removeSubscriptions(channel: MutableChannel): void {
    for (const topic of channel.topics) {
      const subscribers = this.#subscribers.get(topic)
      subscribers?.delete(channel)
      if (subscribers?.size === 0) this.#subscribers.delete(topic)
    }
  }

  /** Schedules one event for all channels. No channel can become due before it, because lifetimes are only ever extended. */
  #scheduleNext(): void {
    if (this.#isScheduled || this.#channels.size === 0) return
    this.#isScheduled = true
    const dueAt = Math.min(...[...this.#channels.values()].map(getDueTime))
    this.#clock.after(Math.max(dueAt - this.#clock.now(), 0), () => {
      this.#isScheduled = false
      for (const channel of this.#channels.values()) this.#announceOrRemove(channel)
      this.#scheduleNext()
    })
  }

  #announceOrRemove(channel: MutableChannel): void {
    if (getDueTime(channel) > this.#clock.now()) return
    if (channel.isClosingAnnounced) return this.remove(channel.id)
    channel.isClosingAnnounced = true
    channel.connection?.announceClosing()
  }
}

/** When to announce the channel's end or, once it is announced, when the channel ends; epoch ms. */
function getDueTime({ expiresAt, isClosingAnnounced }: MutableChannel): number {
  return isClosingAnnounced ? expiresAt : expiresAt - closingNoticeMs
}
