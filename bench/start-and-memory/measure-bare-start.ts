/** How long a bare Fastify (`bare-fastify.ts`) takes to start, with the flags and the compile cache of `npm start`. */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { createEnvironment, createStop, waitUntilOk } from '../harness/child-process.ts'
import { findFreePort } from '../harness/service-process.ts'
import { startCommand } from '../harness/start-command.ts'

/** Starts a bare Fastify once and stops it. @returns the time from spawning the process until the first 200 of /ready, ms */
export async function measureBareStart(): Promise<number> {
  const port = await findFreePort()
  const startedAt = performance.now()
  const child = spawn(process.execPath, [...startCommand.nodeFlags, fileURLToPath(new URL('./bare-fastify.ts', import.meta.url))], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: createEnvironment({ ...startCommand.environment, PORT: String(port) }),
  })
  const stop = createStop(child)
  try {
    await waitUntilOk({ url: `http://127.0.0.1:${port}` }, '/ready')
    return performance.now() - startedAt
  } finally {
    await stop()
  }
}
