import type { Channel } from './channels.ts'
import type { World } from '../world.ts'

/** One message, ready to be sent to every channel that listens to its topic. */
export interface EventMessage {
  readonly template: string
  readonly topicName: string
  readonly text: string
}

/** Sends an event to a channel after the platform's delay, unless a fault befalls it. Nothing is kept for a channel without a connection. */
export function deliverEvent(world: World, channel: Channel, event: EventMessage): void {
  const { faults, counts } = world.notifications
  if (channel.line?.open !== true) return counts.handedOver(event.template, false)
  const fault = faults.next(event.topicName)
  if (fault !== undefined) counts.met(fault.kind)
  if (fault?.kind === 'drop') return
  if (fault?.kind === 'cut') return channel.line.cut()
  const delayMs = world.settings.eventDelayMs + (fault?.kind === 'delay' ? fault.ms : 0)
  for (let copies = fault?.kind === 'duplicate' ? 2 : 1; copies > 0; copies -= 1) {
    if (delayMs === 0) handOver(world, channel, event)
    else world.clock.after(delayMs, () => handOver(world, channel, event))
  }
}

/** To the connection that the channel has at this moment, which may be another than when the event happened. */
function handOver({ notifications }: World, channel: Channel, { template, text }: EventMessage): void {
  notifications.counts.handedOver(template, channel.line?.send(text) ?? false)
}
