/** An empty simulator as a process of its own, with its control API. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import type { RequestLogSummary } from '../../src/simulator/platform-api/request-log.ts'
import { createEnvironment, createStop, readFirstLine, type RunningProcess } from './child-process.ts'
import { projectFolder } from './start-command.ts'

export interface Simulator extends RunningProcess {
  /** Sends a request to the control API. `GET /_simulator` lists the paths. @throws Error with the message of a refusal */
  control<T>(method: string, path: string, body?: unknown): Promise<T>
  /** The requests that the platform API has received since the start or the last `DELETE /calls`. */
  readRequests(): Promise<RequestLogSummary>
}

/** A rate limit above what any benchmark sends. */
const unlimitedPerMinute = 1_000_000

/** Starts an empty simulator, without a rate limit unless `flags` set one. @param flags further flags of `npm run simulator` */
export async function startSimulator(flags: readonly string[] = []): Promise<Simulator> {
  const child = spawn(
    process.execPath,
    [join(projectFolder, 'src/simulator/main.ts'), '--port', '0', '--empty', '--requests-per-minute', String(unlimitedPerMinute), ...flags],
    { stdio: ['ignore', 'pipe', 'inherit'], env: createEnvironment() },
  )
  const url = /Simulator: (\S+)/.exec(await readFirstLine(child.stdout))?.[1]
  if (url === undefined) throw new Error('the simulator did not start')
  const control: Simulator['control'] = async (method, path, body) => {
    const response = await fetch(`${url}/_simulator${path}`, {
      method,
      ...(body !== undefined && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    })
    const answer = (await response.json()) as never
    if (!response.ok) throw new Error(`simulator: ${(answer as { error: string }).error}`)
    return answer
  }
  return { url, pid: Number(child.pid), stop: createStop(child), control, readRequests: () => control('GET', '/calls') }
}
