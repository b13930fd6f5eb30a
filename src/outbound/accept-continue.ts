/** How a `100 Continue` that was not asked for is accepted, although undici would end the connection. */
import type { Socket } from 'node:net'

/** The start of an interim response; `#` stands for any digit. */
const interimStart = 'HTTP/1.1 1##'
const endOfHead = '\r\n\r\n'
const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39
/** The digit 2, which turns status 100 into 102. */
const digitTwo = 0x32

/**
 * Makes a socket read `102 Processing` where a server sends `100 Continue`. A server may send any 1xx without being asked (RFC 9110 §15.2).
 * undici ignores them, except that it destroys the connection after a 100 (its issue 197), and the outcome of a command would be unknown.
 * Replacing one byte needs no buffering. A response begins with the first byte that is read after something was written, because requests
 * are not pipelined, or with the first byte after an interim response.
 */
export function acceptContinue(socket: Socket): Socket {
  const read = socket.read.bind(socket)
  const write = socket.write.bind(socket) as (...parameters: unknown[]) => boolean
  const scanner = createScanner()
  socket.read = (size) => {
    const chunk: unknown = read(size)
    if (chunk instanceof Buffer) scanner.replaceIn(chunk)
    return chunk
  }
  socket.write = (...parameters: unknown[]) => {
    scanner.expectResponse()
    return write(...parameters)
  }
  return socket
}

function createScanner() {
  let start = ''
  /** How many characters of `endOfHead` the last bytes match. */
  let matchedOfEnd = 0
  /** Whether the response is not an interim one, so that the rest of it is not scanned. */
  let isFinal = false

  /** Reads one byte of the start of a response. Returns the byte that the socket should read instead. */
  function readStart(byte: number): number {
    const expected = interimStart[start.length]
    isFinal = expected === '#' ? !isDigit(byte) : byte !== expected?.charCodeAt(0)
    start += String.fromCharCode(byte)
    return start.length === interimStart.length && start.endsWith(' 100') ? digitTwo : byte
  }
  /** Reads one byte of the rest of an interim response. */
  function readRest(byte: number): void {
    matchedOfEnd = byte === endOfHead.charCodeAt(matchedOfEnd) ? matchedOfEnd + 1 : Number(byte === endOfHead.charCodeAt(0))
    if (matchedOfEnd === endOfHead.length) expectResponse()
  }
  function expectResponse(): void {
    start = ''
    matchedOfEnd = 0
    isFinal = false
  }
  return {
    expectResponse,
    replaceIn(chunk: Buffer): void {
      for (let index = 0; index < chunk.length && !isFinal; index++) {
        if (start.length < interimStart.length) chunk[index] = readStart(chunk[index]!)
        else readRest(chunk[index]!)
      }
    },
  }
}
