/** The state of the simulated notification service. */
import type { Clock } from '../model/clock.ts'
import type { ForbiddenTopics } from '../specs/notification-specs.ts'
import { ChannelRegistry } from './channel-registry.ts'
import { EventCounter } from './event-counter.ts'
import { EventFaultQueue } from './event-fault-queue.ts'

/** The state of the simulated notification service; its parts are changed in place. */
export interface NotificationService {
  readonly channels: ChannelRegistry
  /** Topics that are rejected whatever the permissions say. */
  readonly forbidden: ForbiddenTopics[]
  readonly faults: EventFaultQueue
  readonly counter: EventCounter
}

/** Creates a notification service without channels, forbidden topics and faults. */
export function createNotificationService(clock: Clock): NotificationService {
  return { channels: new ChannelRegistry(clock), forbidden: [], faults: new EventFaultQueue(), counter: new EventCounter() }
}
