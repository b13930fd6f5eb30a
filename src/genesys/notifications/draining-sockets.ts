/** How long a replaced connection stays open. */
import type { Clock } from '../http/clock.ts'
import type { NotificationSocket } from './socket.ts'

export interface DrainingSockets {
  /** Closes `socket` after `drainMs`, so that events on their way still arrive: an event may come twice, but none is lost. */
  drain(socket: NotificationSocket): void
  closeAll(): void
}

export function createDrainingSockets(clock: Clock, drainMs: number): DrainingSockets {
  const draining = new Set<NotificationSocket>()
  return {
    drain(socket) {
      if (!socket.isAlive()) return socket.close()
      draining.add(socket)
      const close = () => {
        draining.delete(socket)
        socket.close()
      }
      clock.schedule(drainMs, close, 'background')
    },
    closeAll() {
      for (const socket of draining) socket.close()
    },
  }
}
