/** Child processes that a benchmark starts, waits for and stops. */
import type { ChildProcess } from 'node:child_process'
import type { Readable } from 'node:stream'
import { setTimeout } from 'node:timers/promises'

export interface RunningProcess {
  url: string
  pid: number
  /** Ends the process and waits for its exit. */
  stop(): Promise<void>
}

const stopTimeoutMs = 15_000
const readyTimeoutMs = 20_000
/** Short, because benchmarks measure how long a process takes until it is ready. */
const pollIntervalMs = 3

/** Creates the environment of a child: PATH and its settings, but no other variables of this process. */
export const createEnvironment = (settings: Record<string, string> = {}): Record<string, string> => ({
  PATH: process.env['PATH'] ?? '',
  ...settings,
})

/** Creates a function that ends a child with SIGTERM, or with SIGKILL if that takes too long. */
export function createStop(child: ChildProcess): () => Promise<void> {
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  return async () => {
    child.kill('SIGTERM')
    await Promise.race([exited, setTimeout(stopTimeoutMs, undefined, { ref: false }).then(() => child.kill('SIGKILL'))])
    await exited
  }
}

/**
 * Reads output until its first line is complete, and leaves the stream open.
 * @returns everything that was read; not a whole line if the process has ended
 */
export async function readFirstLine(output: Readable): Promise<string> {
  let text = ''
  for await (const part of output.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
    text += part as string
    if (text.includes('\n')) break
  }
  return text
}

/** Waits until a path answers 200. @throws Error when it does not in time */
export async function waitUntilOk({ url }: Pick<RunningProcess, 'url'>, path: string): Promise<void> {
  for (const end = Date.now() + readyTimeoutMs; Date.now() < end; await setTimeout(pollIntervalMs)) {
    const response = await fetch(url + path).catch(() => undefined)
    await response?.body?.cancel()
    if (response?.status === 200) return
  }
  throw new Error(`${path} did not answer 200 within ${readyTimeoutMs} ms`)
}

/**
 * Runs `work`, and then stops every process that it has tracked, the last one first.
 * @param work gets a function `track`, which waits until a process has started and returns it
 */
export async function withProcesses<T>(
  work: (track: <R extends RunningProcess>(starting: Promise<R>) => Promise<R>) => Promise<T>,
): Promise<T> {
  const running: RunningProcess[] = []
  try {
    return await work(async (starting) => {
      const started = await starting
      running.push(started)
      return started
    })
  } finally {
    for (const started of running.toReversed()) await started.stop()
  }
}
