/** Whether a connection still shows signs of life: a silent one gets a ping, and is given up if it stays silent. */
import type { Clock } from '../http/clock.ts'
import type { NotificationTiming } from './timing.ts'

export interface Heartbeat {
  /** Called once the connection is open. */
  start(): void
  /** Something was received. */
  recordMessage(): void
  /** Something was received within `timing.giveUpAfterMs`. Also correct when the timers are late, after the process was suspended. */
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
