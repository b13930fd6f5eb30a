/** Starts `writer.ts` as a process of its own. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Test } from '../conformance.ts'

export interface Writer {
  /** Lets it begin; it waits for that, so that several begin together. */
  go(): void
  /** What it printed so far. */
  lines: string[]
  kill(): void
  /** Its exit code, null when it was killed; by then all its lines are there. */
  ended: Promise<number | null>
}

export async function startWriter(t: Test, path: string, how: 'once' | 'until killed'): Promise<Writer> {
  const child = spawn(process.execPath, [fileURLToPath(new URL('./writer.ts', import.meta.url)), path, how], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  t.teardown(() => child.kill('SIGKILL'))
  const lines: string[] = []
  const reading = createInterface(child.stdout).on('line', (line) => lines.push(line))
  const ended = Promise.all([once(child, 'exit'), once(reading, 'close')]).then(([[code]]) => code as number | null)
  await once(reading, 'line')
  lines.length = 0
  return { go: () => void child.stdin.write('go\n'), lines, kill: () => void child.kill('SIGKILL'), ended }
}
