/** How a server that sends `100 Continue` unasked is understood, although undici ends the connection over it. */
import type { Socket } from 'node:net'

/** The start of an interim response, and what one of status 100 is read as; `#` stands for any digit. */
const interimStart = 'HTTP/1.1 1##'
const endOfHead = '\r\n\r\n'
const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39
const digitTwo = 0x32

/**
 * Makes a socket read `102 Processing` where a server sends `100 Continue`. A server may send any 1xx unasked (RFC 9110 §15.2); undici
 * ignores all of them but 100, for which it destroys the connection (its issue 197), and the outcome of a command would be unknown.
 * One byte is replaced, so nothing has to be held back or moved. A response begins with the first byte that is read after something was
 * written, because requests are not pipelined, or with the first byte after an interim response.
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
  let endMatched = 0
  let isFinal = false

  /** Takes one byte of a status line. Returns what it is read as. */
  function readStart(byte: number): number {
    const expected = interimStart[start.length]
    isFinal = expected === '#' ? !isDigit(byte) : byte !== expected?.charCodeAt(0)
    start += String.fromCharCode(byte)
    return start.length === interimStart.length && start.endsWith(' 100') ? digitTwo : byte
  }
  /** Takes one byte of the rest of an interim response. */
  function readRest(byte: number): void {
    endMatched = byte === endOfHead.charCodeAt(endMatched) ? endMatched + 1 : Number(byte === endOfHead.charCodeAt(0))
    if (endMatched === endOfHead.length) expectResponse()
  }
  function expectResponse(): void {
    start = ''
    endMatched = 0
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
