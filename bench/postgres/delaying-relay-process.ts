/** Starts the relay that simulates a distant database (`delaying-relay.ts`), as a process of its own. */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { createEnvironment, createStop, readFirstLine, type RunningProcess } from '../harness/child-process.ts'

/** Starts the relay. @param delayMs how long data is delayed on its way to the database; its answers are not delayed */
export async function startDelayingRelay(databaseUrl: string, delayMs: number): Promise<RunningProcess> {
  const child = spawn(process.execPath, [fileURLToPath(new URL('./delaying-relay.ts', import.meta.url)), databaseUrl, String(delayMs)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: createEnvironment(),
  })
  const url = /database: (\S+)/.exec(await readFirstLine(child.stdout))?.[1]
  if (url === undefined) throw new Error('the relay did not start')
  return { url, pid: Number(child.pid), stop: createStop(child) }
}
