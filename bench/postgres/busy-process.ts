/** A process that does nothing but use a core: other work on the machine. */
import { spawn } from 'node:child_process'
import { bareEnvironment, createStop, type RunningProcess } from '../harness/child-process.ts'

export async function startBusyProcess(): Promise<RunningProcess> {
  const child = spawn(process.execPath, ['--eval', 'for (;;);'], { stdio: 'inherit', env: bareEnvironment() })
  return { url: '', pid: Number(child.pid), stop: createStop(child) }
}
