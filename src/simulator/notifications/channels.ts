import { randomUUID } from 'node:crypto'
import type { Clock } from '../clock.ts'

/** The one connection of a channel, as the rest of the simulator sees it. */
export interface Line {
  readonly open: boolean
  /** Hands a message over; false where nobody can hear it any more. */
  send(text: string): boolean
  /** Tells the client that the platform is about to close the connection. */
  warn(): void
  /** Closes the connection as it should be done: what was sent before still arrives. */
  close(): void
  /** Tears the connection down without a word. */
  cut(): void
}

export interface Channel {
  readonly id: string
  /** The access token that it was made with: any object that is the same for the same token. */
  readonly token: object
  readonly topics: ReadonlySet<string>
  readonly expiresAt: number
  readonly line: Line | undefined
}

type OwnChannel = { -readonly [K in keyof Channel]: Channel[K] } & { warned: boolean }

const MOST_CHANNELS = 20
const LIFETIME_MS = 86_400_000
/** How long before its end a channel is told of it (genesys-api §4: `v2.system.socket_closing`, about 60 s). */
const NOTICE_MS = 60_000

/** The channels of the one OAuth client: at most 20, each for 24 hours after its last subscription (genesys-api §4). */
export class Channels {
  readonly #clock: Clock
  /** The least recently used first. */
  readonly #channels = new Map<string, OwnChannel>()
  readonly #listeners = new Map<string, Set<OwnChannel>>()
  #armed = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** A new channel; the 21st takes the place of the one whose last use is longest ago, one without a connection first. */
  create(token: object): Channel {
    const all = [...this.#channels.values()]
    const oldest = all.find(({ line }) => line?.open !== true) ?? all[0]
    if (all.length >= MOST_CHANNELS && oldest !== undefined) this.remove(oldest.id)
    const expiresAt = this.#clock.now() + LIFETIME_MS
    const channel: OwnChannel = { id: randomUUID(), token, topics: new Set(), expiresAt, line: undefined, warned: false }
    this.#channels.set(channel.id, channel)
    this.#arm()
    return channel
  }

  find(id: string): Channel | undefined {
    return this.#channels.get(id)
  }

  all(): readonly Channel[] {
    return [...this.#channels.values()]
  }

  /** The channels that are subscribed to this topic. */
  listeners(topic: string): Iterable<Channel> {
    return this.#listeners.get(topic) ?? []
  }

  get listening(): boolean {
    return this.#listeners.size > 0
  }

  /** Sets the topics of a channel. With `extend` it lives another 24 hours from now on. */
  subscribe(id: string, topics: ReadonlySet<string>, { extend }: { extend: boolean }): void {
    const channel = this.#used(id)
    if (channel === undefined) return
    this.#forgetTopics(channel)
    channel.topics = topics
    for (const topic of topics) this.#listeners.set(topic, (this.#listeners.get(topic) ?? new Set()).add(channel))
    if (extend) Object.assign(channel, { expiresAt: this.#clock.now() + LIFETIME_MS, warned: false })
  }

  /** Connects a channel; the connection that it had before is closed. False for a channel that is gone. */
  connect(id: string, line: Line): boolean {
    const channel = this.#used(id)
    if (channel === undefined) return false
    const { line: before } = channel
    channel.line = line
    before?.warn()
    before?.close()
    return true
  }

  /** Closes a channel's connection and forgets the channel. */
  remove(id: string): void {
    const channel = this.#channels.get(id)
    if (channel === undefined) return
    this.#channels.delete(id)
    this.#forgetTopics(channel)
    if (!channel.warned) channel.line?.warn()
    channel.line?.close()
  }

  /** Cuts every connection and forgets every channel. To be called when the clock has been cleared. */
  clear(): void {
    for (const { line } of this.#channels.values()) line?.cut()
    this.#channels.clear()
    this.#listeners.clear()
    this.#armed = false
  }

  #used(id: string): OwnChannel | undefined {
    const channel = this.#channels.get(id)
    if (channel === undefined) return undefined
    this.#channels.delete(id)
    this.#channels.set(id, channel)
    return channel
  }

  #forgetTopics(channel: OwnChannel): void {
    for (const topic of channel.topics) {
      const listeners = this.#listeners.get(topic)
      listeners?.delete(channel)
      if (listeners?.size === 0) this.#listeners.delete(topic)
    }
  }

  /** One event for all channels: lives are only ever extended, so none falls due before the one that is set. */
  #arm(): void {
    if (this.#armed || this.#channels.size === 0) return
    this.#armed = true
    const due = Math.min(...[...this.#channels.values()].map(nextMoment))
    this.#clock.after(Math.max(due - this.#clock.now(), 0), () => {
      this.#armed = false
      for (const channel of this.#channels.values()) this.#age(channel)
      this.#arm()
    })
  }

  #age(channel: OwnChannel): void {
    if (nextMoment(channel) > this.#clock.now()) return
    if (channel.warned) return this.remove(channel.id)
    channel.warned = true
    channel.line?.warn()
  }
}

function nextMoment({ expiresAt, warned }: OwnChannel): number {
  return warned ? expiresAt : expiresAt - NOTICE_MS
}
