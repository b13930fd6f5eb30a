import type { Clock } from '../clock.ts'
import { EventCounts } from './event-counts.ts'
import { EventFaults } from './event-faults.ts'
import { Channels } from './channels.ts'
import type { ForbiddenTopics } from '../control/scene-shapes.ts'

/** The notification service: who listens to what, what may not be listened to, and what goes wrong with events. */
export interface Notifications {
  readonly channels: Channels
  /** Topics that are refused whatever the permissions say. */
  readonly forbidden: ForbiddenTopics[]
  readonly faults: EventFaults
  readonly counts: EventCounts
}

export function newNotifications(clock: Clock): Notifications {
  return { channels: new Channels(clock), forbidden: [], faults: new EventFaults(), counts: new EventCounts() }
}
