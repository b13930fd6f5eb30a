/** Writes log lines to standard output in such a way that nothing that happens there can end, block or slow the service. */
import { constants, openSync, write, writeSync } from 'node:fs'

/** Lines are written in groups, because each write passes through another thread: when there are so many characters, or after so many ms. */
const groupLength = 4_096
const groupMs = 200
/** How much one write takes at most, in characters. */
const maxWriteLength = 65_536
/** How much is kept in memory while it cannot be written, in characters: some thousand lines. Further lines are lost. */
const maxBufferedLength = 4_194_304
/** How long to wait before a write that failed is tried again, ms. It doubles with each failure. */
const firstRetryMs = 5
const maxRetryMs = 1_000
/** How long the end of the process may be delayed by lines that cannot be written, ms. */
const flushTimeoutMs = 1_000

/** How bytes get out, as `fs.write` and `fs.writeSync` of a descriptor that does not block. */
export interface OutputDevice {
  write(bytes: Buffer, done: (error: Error | null, written: number) => void): void
  writeSync(bytes: Buffer): number
}

export interface LogOutput {
  /** Takes a line. It is lost when too many wait to be written. */
  write(line: string): void
  /** Resolves when everything was written, or when that takes too long. Never rejects. */
  flush(): Promise<void>
  /** Writes what is left when the process exits, as far as that is possible without waiting. */
  flushAtExit(): void
  /** How many lines were lost since the start. */
  readonly lostLines: number
  /** Called with the number of lines that were lost, once lines can be written again. */
  onRecovery: (lostLines: number) => void
}

/** @param openDevice called with the first line */
export function createLogOutput(openDevice: () => OutputDevice): LogOutput {
  let device: OutputDevice | undefined
  const lines: string[] = []
  /** The bytes of the lines that are being written, as far as they are not written yet. */
  let remaining = Buffer.alloc(0)
  /** Characters in `lines`, and in the lines that are being written. */
  let bufferedLength = 0
  let lengthBeingWritten = 0
  let isWriting = false
  let retryMs = firstRetryMs
  let timer: NodeJS.Timeout | undefined
  let lost = 0
  let lostSinceRecovery = 0
  const onEmpty = new Set<() => void>()

  /** The timer does not keep the process alive: what it would write is written at the exit. */
  function writeAfter(ms: number): void {
    timer ??= setTimeout(() => {
      timer = undefined
      writeNext()
    }, ms).unref()
  }

  function takeLines(): void {
    let count = 0
    for (lengthBeingWritten = 0; count < lines.length && lengthBeingWritten < maxWriteLength; count++)
      lengthBeingWritten += lines[count]?.length ?? 0
    remaining = Buffer.from(lines.splice(0, count).join(''))
  }

  /** Writes the next lines, unless a write is running. There is only ever one: it may take as long as the device likes. */
  function writeNext(): void {
    if (isWriting) return
    if (remaining.length === 0) takeLines()
    if (remaining.length === 0) return
    isWriting = true
    device?.write(remaining, (error, written) => {
      isWriting = false
      if (!error && written > 0) return onWritten(written)
      writeAfter(retryMs)
      retryMs = Math.min(retryMs * 2, maxRetryMs)
    })
  }

  function onWritten(count: number): void {
    retryMs = firstRetryMs
    remaining = remaining.subarray(count)
    if (remaining.length > 0) return writeNext()
    bufferedLength -= lengthBeingWritten
    lengthBeingWritten = 0
    if (bufferedLength === 0 && lostSinceRecovery > 0) {
      const lostLines = lostSinceRecovery
      lostSinceRecovery = 0
      output.onRecovery(lostLines)
    }
    if (bufferedLength === 0) for (const resolve of onEmpty) resolve()
    else if (bufferedLength >= groupLength || onEmpty.size > 0) writeNext()
    else writeAfter(groupMs)
  }

  const output: LogOutput = {
    write(line) {
      device ??= openDevice()
      if (bufferedLength + line.length > maxBufferedLength) {
        lost++
        lostSinceRecovery++
        return
      }
      lines.push(line)
      bufferedLength += line.length
      // While a failed write waits for its next attempt, new lines wait with it.
      if (bufferedLength >= groupLength && retryMs === firstRetryMs) writeNext()
      else if (!isWriting) writeAfter(groupMs)
    },
    async flush() {
      if (bufferedLength === 0) return
      await new Promise<void>((resolve) => {
        const timeout = setTimeout(finish, flushTimeoutMs)
        function finish(): void {
          clearTimeout(timeout)
          onEmpty.delete(finish)
          resolve()
        }
        onEmpty.add(finish)
        writeNext()
      })
    },
    flushAtExit() {
      // Bytes that another thread is writing must not be written twice, and must not be waited for.
      if (isWriting || !device) return
      try {
        for (;;) {
          if (remaining.length === 0) takeLines()
          if (remaining.length === 0) return
          remaining = remaining.subarray(device.writeSync(remaining))
        }
      } catch {
        // The process ends, and there is nowhere left to report this.
      }
    },
    get lostLines() {
      return lost
    },
    onRecovery: () => {},
  }
  return output
}

/** An error of standard output needs no reaction: every write that failed is tried again. */
const ignore = (): void => {}

/** The descriptor of standard output, made non-blocking: a thread that waits for a reader would keep the process from exiting. */
function nonBlockingDescriptor(): number {
  // Node makes a pipe or a socket non-blocking when `process.stdout` is first used, but a terminal blocking.
  process.stdout.on('error', ignore)
  if (!process.stdout.isTTY) return 1
  try {
    return openSync('/dev/stdout', constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY)
  } catch {
    return 1
  }
}

/** Standard output, which is shared by everything in this process that logs. */
export const standardOutput: LogOutput = createLogOutput(() => {
  const descriptor = nonBlockingDescriptor()
  process.on('exit', () => standardOutput.flushAtExit())
  return {
    write: (bytes, done) => write(descriptor, bytes, done),
    writeSync: (bytes) => writeSync(descriptor, bytes),
  }
})
