/** Connections opened before the call that will use them is due: the handshakes of TCP and TLS are round trips that a caller need not wait for (design §6). */
import type { Socket } from 'node:net'
import { buildConnector } from 'undici'

/** A connection that nobody used for so long is not fresh any more: the other side may be about to close it, ms. */
const freshForMs = 2_000
/** So many are kept ready; in a larger rush the others open their own. */
const most = 32

export interface SpareConnections {
  /** Opens one. What goes wrong is found out by the call itself, which then opens its own. */
  open(url: URL): void
  /** For undici: a spare one, or a new one. */
  connect: buildConnector.connector
  close(): void
}

const silent = (): void => {}
const placeOf = ({ protocol, hostname, port }: Pick<URL, 'protocol' | 'hostname' | 'port'>): string => `${protocol}//${hostname}:${port}`
/** Not a word has passed on it, and both sides keep it open. */
const isUntouched = (socket: Socket): boolean => !socket.destroyed && socket.readyState === 'open' && socket.readableLength === 0

export function createSpareConnections(options: buildConnector.BuildOptions): SpareConnections {
  const dial = buildConnector(options)
  const spare = new Map<Socket, { place: string; dispose: () => void }>()
  let opening = 0
  let closed = false

  function keep(socket: Socket, place: string): void {
    const dispose = (): void => {
      clearTimeout(timer)
      spare.delete(socket)
      socket.off('close', dispose)
    }
    const timer = setTimeout(() => socket.destroy(), freshForMs).unref()
    spare.set(socket, { place, dispose })
    socket.on('error', silent).on('close', dispose).unref()
  }
  function taken(place: string): Socket | undefined {
    for (const [socket, one] of spare) {
      if (one.place !== place) continue
      one.dispose()
      if (!isUntouched(socket)) {
        socket.destroy()
        continue
      }
      return socket.off('error', silent).ref()
    }
    return undefined
  }

  return {
    open({ protocol, hostname, host, port }) {
      if (closed || spare.size + opening >= most) return
      opening++
      dial({ protocol, hostname, host, port }, (error, socket) => {
        opening--
        if (error || !socket) return
        if (closed) socket.destroy()
        else keep(socket, placeOf({ protocol, hostname, port }))
      })
    },
    connect(wanted, done) {
      const socket = taken(placeOf(wanted))
      if (socket) process.nextTick(done, null, socket)
      else dial(wanted, done)
    },
    close() {
      closed = true
      for (const socket of spare.keys()) socket.destroy()
    },
  }
}
