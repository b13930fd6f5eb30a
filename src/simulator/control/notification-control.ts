/** How tests control and inspect the simulated notification service. */
import type { PlatformState } from '../model/platform-state.ts'
import type { EventSummary } from '../notifications/event-counter.ts'
import type { NotificationService } from '../notifications/notification-service.ts'
import { checks } from '../specs/checks.ts'
import { ControlError } from '../specs/control-error.ts'
import type { EventFaultSpec, ForbiddenTopics, SocketCut } from '../specs/notification-specs.ts'
import { normalizeTimes, type FaultInput } from './fault-input.ts'

/** A channel as `GET /_simulator/channels` returns it. */
export interface ChannelSummary {
  readonly id: string
  /** Whether the channel has an open WebSocket. */
  readonly connected: boolean
  /** ISO 8601. */
  readonly expires: string
  readonly topics: readonly string[]
}

/** An event fault as code may set it. */
export type EventFaultOptions = FaultInput<EventFaultSpec>

/** The control API of the notification service. An instruction that is not possible throws ControlError and changes nothing. */
export class NotificationControl {
  readonly #platform: PlatformState
  readonly #notifications: NotificationService

  constructor(platform: PlatformState, notifications: NotificationService) {
    this.#platform = platform
    this.#notifications = notifications
  }

  /** The channels that exist, the least recently used first. */
  channels(): ChannelSummary[] {
    return this.#notifications.channels.list().map(({ id, connection, expiresAt, topics }) => ({
      id,
      connected: connection?.isOpen === true,
      expires: new Date(expiresAt).toISOString(),
      topics: [...topics],
    }))
  }

  /** Ends a channel at once; its client gets `v2.system.socket_closing`. */
  expireChannel(id: string): void {
    const { channels } = this.#notifications
    if (channels.find(id) === undefined) throw new ControlError(`There is no channel ${id}`)
    channels.remove(id)
  }

  /**
   * Ends every connection; channels and subscriptions stay. By default connections end at once, without a closing handshake. With
   * `announce`, clients first get `v2.system.socket_closing`, and connections close after `afterMs` (default 0).
   *
   * @returns How many connections were open.
   */
  cutSockets(cut: SocketCut = {}): number {
    checks.socketCut(cut)
    const { announce = false, afterMs = 0 } = cut
    const connections = this.#notifications.channels.list().flatMap(({ connection }) => (connection?.isOpen === true ? [connection] : []))
    for (const connection of connections) {
      if (!announce) {
        connection.terminate()
        continue
      }
      connection.announceClosing()
      if (afterMs === 0) connection.close()
      else this.#platform.clock.after(afterMs, () => connection.close())
    }
    return connections.length
  }

  /** Rejects matching topics from now on; existing subscriptions stay. */
  forbidTopics(topics: ForbiddenTopics): void {
    checks.forbiddenTopics(topics)
    this.#notifications.forbidden.push(topics)
  }

  /** Permits all topics again. */
  permitTopics(): void {
    this.#notifications.forbidden.length = 0
  }

  /** Makes matching events fail: `times` of them (default 1), after the first `skip` (default 0). Without `topic` every event matches. */
  addEventFault(fault: EventFaultOptions): void {
    const spec = normalizeTimes<EventFaultSpec>(fault)
    checks.eventFault(spec)
    this.#notifications.faults.add(spec)
  }

  clearEventFaults(): void {
    this.#notifications.faults.clear()
  }

  /** How many events were sent, were lost, or met a fault. */
  events(): EventSummary {
    return this.#notifications.counter.summarize()
  }

  clearEvents(): void {
    this.#notifications.counter.clear()
  }

  /** Removes channels, forbidden topics, faults and counts, and ends every connection. The clock must have been cleared before. */
  reset(): void {
    this.#notifications.channels.clear()
    this.permitTopics()
    this.clearEventFaults()
    this.clearEvents()
  }
}
