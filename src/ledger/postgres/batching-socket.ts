/** A socket that sends in one piece what is written within one turn of the event loop: a system call costs more than a statement. */
import { Socket } from 'node:net'

/** @returns a socket that is not connected yet */
export function createBatchingSocket(): Socket {
  const socket = new Socket()
  const write = socket.write.bind(socket) as (...args: unknown[]) => boolean
  let isBatching = false
  socket.write = (...args: unknown[]): boolean => {
    if (!isBatching) {
      isBatching = true
      socket.cork()
      // Runs when the promise callbacks of this turn are done, which send the statements that wait for no result.
      process.nextTick(() => {
        isBatching = false
        socket.uncork()
      })
    }
    return write(...args)
  }
  return socket
}
