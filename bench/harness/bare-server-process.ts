/** Starts the bare server that Handoff is compared with (`bare-server.ts`). */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { createEnvironment, createStop, readFirstLine, type RunningProcess } from './child-process.ts'

/** Starts the bare server. @param token an access token of the simulator for its platform calls */
export async function startBareServer(simulatorUrl: string, token: string): Promise<RunningProcess> {
  const child = spawn(process.execPath, [fileURLToPath(new URL('./bare-server.ts', import.meta.url)), simulatorUrl, token], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: createEnvironment(),
  })
  const url = /bare server: (\S+)/.exec(await readFirstLine(child.stdout))?.[1]
  if (url === undefined) throw new Error('the bare server did not start')
  return { url, pid: Number(child.pid), stop: createStop(child) }
}
