/** Passes what a connection reads to the HTTP parser in small pieces, and stops between two pieces while the connection is busy. */
import type { Socket } from 'node:net'

/** Size of a piece, bytes. Most requests fit in one piece, and at most about fifty of the shortest possible requests do. */
const pieceLength = 1_024

/**
 * Node reads up to 64 KiB at once and parses all of it, even if the connection is paused meanwhile: more than 3,000 requests or 10,000 chunks
 * of a body, each of them several objects. Here the rest stays in a buffer, and other connections get their turn between two pieces.
 * @param socket a connection of an HTTP server, before its first read
 * @param isBusy whether the connection has so much to do that nothing more may be parsed or read
 * @returns a function to call when the connection is no longer busy
 */
export function readInSmallPieces(socket: Socket, isBusy: () => boolean): () => void {
  const [push, read] = [socket.push.bind(socket), socket._read.bind(socket)]
  /** Bytes that have been read and not been parsed yet. */
  let rest: Buffer | undefined
  let isScheduled = false
  /** Whether the stream asked for more data while nothing could be read. */
  let isReadPending = false

  function parseNext(): void {
    isScheduled = false
    if (socket.destroyed || isBusy()) return
    if (rest) {
      const piece = rest.subarray(0, pieceLength)
      rest = rest.length > pieceLength ? rest.subarray(pieceLength) : undefined
      push(piece)
    }
    if (rest) schedule()
    else if (isReadPending && !isBusy()) {
      isReadPending = false
      read(0)
    }
  }
  function schedule(): void {
    if (isScheduled) return
    isScheduled = true
    setImmediate(parseNext)
  }

  socket.push = (data: Buffer | null, encoding) => {
    if (data === null) return push(data, encoding)
    rest = rest ? Buffer.concat([rest, data]) : data
    if (!isScheduled) parseNext()
    // `false` makes the socket stop reading until `_read` is called.
    return !rest && !isBusy() && !socket.isPaused()
  }
  socket._read = (size) => {
    if (rest || isBusy()) isReadPending = true
    else read(size)
  }
  // Without a listener, the parser takes the data directly from the socket's handle, and `push` is not called.
  socket.on('data', () => {})
  return schedule
}
