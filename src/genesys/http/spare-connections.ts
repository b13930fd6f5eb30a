/** Connections that are opened before the command that will use them, so that no caller waits for the handshakes of TCP and TLS. */
import type { Socket } from 'node:net'
import type { Connector } from '../../outbound/connector.ts'

/** A connection that stayed unused for longer is closed: the platform may be about to close it. */
const maximumIdleMs = 2_000
/** When more commands are prepared at once, the others open their own connections. */
const maximumSpare = 32

/** See docs/reliability.md#failure-modes-of-an-exchange. */
export interface SpareConnections {
  /** Opens a spare connection. A failure is ignored: the command will open its own connection and report why that fails. */
  open(url: URL): void
  /** A connector for undici: hands out a spare connection, or opens a new one. */
  connect: Connector
  close(): void
}

const ignore = (): void => {}
const originOf = ({ protocol, hostname, port }: Pick<URL, 'protocol' | 'hostname' | 'port'>): string => `${protocol}//${hostname}:${port}`
/** Whether nothing was received on a connection and both sides still keep it open. */
const isUnused = (socket: Socket): boolean => !socket.destroyed && socket.readyState === 'open' && socket.readableLength === 0

export function createSpareConnections(connectNew: Connector): SpareConnections {
  const spares = new Map<Socket, { origin: string; release: () => void }>()
  let opening = 0
  let isClosed = false

  function keep(socket: Socket, origin: string): void {
    const release = (): void => {
      clearTimeout(timer)
      spares.delete(socket)
      socket.off('close', release)
    }
    const timer = setTimeout(() => socket.destroy(), maximumIdleMs).unref()
    spares.set(socket, { origin, release })
    socket.on('error', ignore).on('close', release).unref()
  }
  function takeSpare(origin: string): Socket | undefined {
    for (const [socket, spare] of spares) {
      if (spare.origin !== origin) continue
      spare.release()
      if (!isUnused(socket)) {
        socket.destroy()
        continue
      }
      return socket.off('error', ignore).ref()
    }
    return undefined
  }

  return {
    open({ protocol, hostname, host, port }) {
      if (isClosed || spares.size + opening >= maximumSpare) return
      opening++
      connectNew({ protocol, hostname, host, port }, (error, socket) => {
        opening--
        if (error || !socket) return
        if (isClosed) socket.destroy()
        else keep(socket, originOf({ protocol, hostname, port }))
      })
    },
    connect(target, callback) {
      const socket = takeSpare(originOf(target))
      if (socket) process.nextTick(callback, null, socket)
      else connectNew(target, callback)
    },
    close() {
      isClosed = true
      for (const socket of spares.keys()) socket.destroy()
    },
  }
}
