/** Starts `writer.ts` as a process of its own. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { TapTest } from '../conformance.ts'

export interface WriterProcess {
  /** Tells the process to begin. It waits for this, so that several processes can begin at the same time. */
  go(): void
  /** The lines that the process has printed so far. */
  lines: string[]
  kill(): void
  /** Resolves when the process has exited and all its lines were read; null when it was killed. */
  exitCode: Promise<number | null>
}

/** Starts the process, and waits until it is ready to begin. It is killed at the end of the test. */
export async function startWriterProcess(t: TapTest, path: string, mode: 'once' | 'until killed'): Promise<WriterProcess> {
  const child = spawn(process.execPath, [fileURLToPath(new URL('./writer.ts', import.meta.url)), path, mode], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  t.teardown(() => child.kill('SIGKILL'))
  const lines: string[] = []
  const reader = createInterface(child.stdout).on('line', (line) => lines.push(line))
  const exitCode = Promise.all([once(child, 'exit'), once(reader, 'close')]).then(([[code]]) => code as number | null)
  await once(reader, 'line')
  lines.length = 0
  return { go: () => void child.stdin.write('go\n'), lines, kill: () => void child.kill('SIGKILL'), exitCode }
}
