/** Starts and stops the process with the readers of the event stream. */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { createEnvironment, readFirstLine } from '../harness/child-process.ts'
import { apiKey } from '../harness/service-process.ts'

export interface ReadersResult {
  bytes: number
  /** How many were still connected. */
  open: number
  /** How often readers were told that changes were left out. */
  skipped: number
}

/** Opens streams in a process of its own. @returns a function that closes them and says what they have read */
export async function startReaders(url: string, count: number): Promise<() => Promise<ReadersResult>> {
  const script = fileURLToPath(new URL('readers-process.ts', import.meta.url))
  const child = spawn(process.execPath, [script, url, apiKey, String(count)], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: createEnvironment(),
  })
  const first = await readFirstLine(child.stdout)
  if (!first.startsWith('connected')) throw new Error('the readers could not connect')
  return async () => {
    const line = readFirstLine(child.stdout)
    child.stdin.end()
    return JSON.parse(await line) as ReadersResult
  }
}
