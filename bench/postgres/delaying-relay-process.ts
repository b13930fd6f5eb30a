/** Starts the relay that puts a database at a distance (`delaying-relay.ts`), as a process of its own. */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { bareEnvironment, createStop, readFirstLine, type RunningProcess } from '../harness/child-process.ts'

/** @param delayMs how long each piece of data is held back on its way to the database. Its answers are not. */
export async function startDelayingRelay(databaseUrl: string, delayMs: number): Promise<RunningProcess> {
  const child = spawn(process.execPath, [fileURLToPath(new URL('./delaying-relay.ts', import.meta.url)), databaseUrl, String(delayMs)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: bareEnvironment(),
  })
  const url = /database: (\S+)/.exec(await readFirstLine(child.stdout))?.[1]
  if (url === undefined) throw new Error('the relay did not start')
  return { url, pid: Number(child.pid), stop: createStop(child) }
}
