/** Whether, when and how often an event reaches a channel. */
import type { PlatformState } from '../model/platform-state.ts'
import type { Channel } from './channel.ts'
import type { NotificationService } from './notification-service.ts'

/** One message, ready to be sent to every channel that is subscribed to its topic. */
export interface EventMessage {
  /** The topic name with `{id}` instead of the id. Messages are counted by template. */
  readonly template: string
  readonly topicName: string
  readonly text: string
}

/**
 * Sends an event to a channel after `eventDelayMs`, unless a fault applies to it. Without an open connection the event
 * is lost (docs/genesys-cloud.md rule 61).
 */
export function deliverEvent(
  platform: PlatformState,
  { faults, counter }: NotificationService,
  channel: Channel,
  event: EventMessage,
): void {
  if (channel.connection?.isOpen !== true) return counter.recordLost()
  const fault = faults.take(event.topicName)
  if (fault !== undefined) counter.recordFault(fault.kind)
  if (fault?.kind === 'drop') return
  if (fault?.kind === 'cut') return channel.connection.terminate()
  // A delayed event goes to the connection that the channel has by then, which may not be the one it had when the event occurred.
  const sendNow = () => (channel.connection?.send(event.text) === true ? counter.recordSent(event.template) : counter.recordLost())
  const delayMs = platform.settings.eventDelayMs + (fault?.kind === 'delay' ? fault.ms : 0)
  for (let copies = fault?.kind === 'duplicate' ? 2 : 1; copies > 0; copies -= 1) {
    if (delayMs === 0) sendNow()
    else platform.clock.after(delayMs, sendNow)
  }
}
