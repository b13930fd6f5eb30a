import type { Events } from '../notifications/event-counts.ts'
import { expects, SceneError, type EventFaultSpec, type ForbiddenTopics, type SocketCut } from './scene-shapes.ts'
import type { World } from '../world.ts'

/** A channel as the scene shows it; `connected` says whether a WebSocket is open on it. */
export interface ChannelInScene {
  readonly id: string
  readonly connected: boolean
  readonly expires: string
  readonly topics: readonly string[]
}

/** A fault of events as code may set it: `times` may also be Infinity. */
export type EventFaultSetting = Omit<EventFaultSpec, 'times'> & { readonly times?: number | 'always' }

/** What a scene can be told and asked about the notification service. What is not possible throws SceneError and changes nothing. */
export class NotificationScene {
  readonly #world: World

  constructor(world: World) {
    this.#world = world
  }

  /** The channels that exist, the least recently used first. */
  channels(): ChannelInScene[] {
    return this.#world.notifications.channels.all().map(({ id, line, expiresAt, topics }) => ({
      id,
      connected: line?.open === true,
      expires: new Date(expiresAt).toISOString(),
      topics: [...topics],
    }))
  }

  /** The channel comes to its end at once, with `v2.system.socket_closing` to its client. */
  expireChannel(id: string): void {
    const { channels } = this.#world.notifications
    if (channels.find(id) === undefined) throw new SceneError(`There is no channel ${id}`)
    channels.remove(id)
  }

  /**
   * Ends every connection, and says how many; channels and subscriptions stay. Unannounced they are torn down at once,
   * announced ones get `v2.system.socket_closing` and end `afterMs` (0) later.
   */
  cutSockets(cut: SocketCut = {}): number {
    expects.socketCut(cut)
    const { announce = false, afterMs = 0 } = cut
    const open = this.#world.notifications.channels.all().flatMap(({ line }) => (line?.open === true ? [line] : []))
    for (const line of open) {
      if (!announce) {
        line.cut()
        continue
      }
      line.warn()
      if (afterMs === 0) line.close()
      else this.#world.clock.after(afterMs, () => line.close())
    }
    return open.length
  }

  /** Topics that fit are refused from now on; subscriptions that exist stay. */
  forbidTopics(topics: ForbiddenTopics): void {
    expects.forbiddenTopics(topics)
    this.#world.notifications.forbidden.push(topics)
  }

  permitTopics(): void {
    this.#world.notifications.forbidden.length = 0
  }

  /** Makes events that fit (all without a topic) go wrong on their way; `times` 1 unless said, after `skip` came through. */
  addEventFault(fault: EventFaultSetting): void {
    const { times, ...rest } = fault
    const spec = { ...rest, ...(times !== undefined && { times: times === Infinity ? 'always' : times }) } as EventFaultSpec
    expects.eventFault(spec)
    this.#world.notifications.faults.add(spec)
  }

  clearEventFaults(): void {
    this.#world.notifications.faults.clear()
  }

  events(): Events {
    return this.#world.notifications.counts.events()
  }

  clearEvents(): void {
    this.#world.notifications.counts.clear()
  }

  /** Forgets channels, bans, faults and counts, and cuts every connection. The clock must have been cleared. */
  reset(): void {
    this.#world.notifications.channels.clear()
    this.permitTopics()
    this.clearEventFaults()
    this.clearEvents()
  }
}
