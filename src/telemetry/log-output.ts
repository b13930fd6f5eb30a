/** Writes log lines to standard output so that a slow, full or closed output cannot end, block or slow the service. */
import { constants, openSync, write, writeSync } from 'node:fs'

/** Lines are written in groups, because each write uses another thread. A group is written once it has this many characters. */
const groupLength = 4_096
/** A smaller group is written after this time. */
const groupMs = 200
/** How much one write takes, in characters. Only its last line may exceed this. */
const maxWriteLength = 65_536
/** How much is kept in memory while it cannot be written, in characters: several thousand lines. Further lines are lost. */
const maxBufferedLength = 4_194_304
/** How long to wait before a write that failed is tried again, ms. It doubles with each failure. */
const firstRetryMs = 5
const maxRetryMs = 1_000
/** How long the end of the process may be delayed by lines that cannot be written, ms. */
const flushTimeoutMs = 1_000

/** Writes bytes as `fs.write` and `fs.writeSync` do for a descriptor that does not block. */
export interface OutputDevice {
  write(bytes: Buffer, done: (error: Error | null, written: number) => void): void
  writeSync(bytes: Buffer): number
}

export interface LogOutput {
  /** Queues a line. It is lost if too many are waiting to be written. */
  write(line: string): void
  /** Resolves when everything was written, or after a second. Never rejects. */
  flush(): Promise<void>
  /** Writes the remaining lines when the process exits, as far as that is possible without waiting. */
  flushAtExit(): void
  /** How many lines were lost since the start. */
  readonly lostLines: number
  /** Called with the number of lines that were lost, once lines can be written again. */
  onRecovery: (lostLines: number) => void
}

/** Creates the output. @param openDevice called when the first line is written */
export function createLogOutput(openDevice: () => OutputDevice): LogOutput {
  let device: OutputDevice | undefined
  const lines: string[] = []
  /** The bytes of the current write that have not been written yet. */
  let remaining = Buffer.alloc(0)
  /** The characters of all lines that are waiting or being written. */
  let bufferedLength = 0
  let lengthBeingWritten = 0
  let isWriting = false
  let retryMs = firstRetryMs
  let timer: NodeJS.Timeout | undefined
  let lostLines = 0
  let lostSinceRecovery = 0
  const onEmpty = new Set<() => void>()

  /** The timer does not keep the process alive, because `flushAtExit` writes the remaining lines. */
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

  /** Writes the next lines, unless a write is running. There is only one write at a time, and it may take any time. */
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

  function onWritten(byteCount: number): void {
    retryMs = firstRetryMs
    remaining = remaining.subarray(byteCount)
    if (remaining.length > 0) return writeNext()
    bufferedLength -= lengthBeingWritten
    lengthBeingWritten = 0
    if (bufferedLength === 0 && lostSinceRecovery > 0) {
      const count = lostSinceRecovery
      lostSinceRecovery = 0
      output.onRecovery(count)
    }
    if (bufferedLength === 0) for (const resolve of onEmpty) resolve()
    else if (bufferedLength >= groupLength || onEmpty.size > 0) writeNext()
    else writeAfter(groupMs)
  }

  const output: LogOutput = {
    write(line) {
      device ??= openDevice()
      if (bufferedLength + line.length > maxBufferedLength) {
        lostLines++
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
      // The bytes that another thread is writing must not be written twice, and the exit must not wait for them.
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
      return lostLines
    },
    onRecovery: () => {},
  }
  return output
}

/** An error of standard output needs no reaction: every write that failed is tried again. */
const ignore = (): void => {}

/** Returns a non-blocking descriptor of standard output: a thread that waits for a reader would keep the process from exiting. */
function openNonBlockingOutput(): number {
  // The first use of `process.stdout` makes a pipe or a socket non-blocking, but leaves a terminal blocking.
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
  const descriptor = openNonBlockingOutput()
  process.on('exit', () => standardOutput.flushAtExit())
  return {
    write: (bytes, done) => write(descriptor, bytes, done),
    writeSync: (bytes) => writeSync(descriptor, bytes),
  }
})
