/** Whether a connection is alive: a silent one gets a ping, and counts as dead if it stays silent. */
import type { Clock } from '../http/clock.ts'
import type { NotificationTiming } from './timing.ts'

export interface Heartbeat {
  /** Must be called once the connection is open. */
  start(): void
  /** Must be called for each message that is received. */
  recordMessage(): void
  /** Whether a message was received within `timing.giveUpAfterMs`. Correct even if the timers are late because the process was suspended. */
  isAlive(): boolean
  stop(): void
}

/** `sendPing` is called after `timing.pingAfterMs` without a message, `onDead` after `timing.giveUpAfterMs`. */
export function createHeartbeat({
  clock,
  timing,
  sendPing,
  onDead,
}: {
  clock: Clock
  timing: Pick<NotificationTiming, 'pingAfterMs' | 'giveUpAfterMs'>
  sendPing: () => void
  onDead: () => void
}): Heartbeat {
  const { pingAfterMs, giveUpAfterMs } = timing
  let lastMessageAt = clock.now()
  let cancelTimer = () => {}

  const check = () => {
    const silentMs = clock.now() - lastMessageAt
    if (silentMs >= giveUpAfterMs) return onDead()
    const isPingDue = silentMs >= pingAfterMs
    if (isPingDue) sendPing()
    cancelTimer = clock.schedule((isPingDue ? giveUpAfterMs : pingAfterMs) - silentMs, check, 'background')
  }
  return {
    start() {
      lastMessageAt = clock.now()
      check()
    },
    recordMessage: () => void (lastMessageAt = clock.now()),
    isAlive: () => clock.now() - lastMessageAt < giveUpAfterMs,
    stop: () => cancelTimer(),
  }
}
