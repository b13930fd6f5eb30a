/** A process that keeps a core busy, to simulate other work on the machine. */
import { spawn } from 'node:child_process'
import { createEnvironment, createStop, type RunningProcess } from '../harness/child-process.ts'

/** Starts the process. It serves nothing, so its `url` is empty. */
export async function startBusyProcess(): Promise<RunningProcess> {
  const child = spawn(process.execPath, ['--eval', 'for (;;);'], { stdio: 'inherit', env: createEnvironment() })
  return { url: '', pid: Number(child.pid), stop: createStop(child) }
}
