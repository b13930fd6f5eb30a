/** Commands as their users run them: child processes with exactly the settings of the test, whatever .env a developer has. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { readEnvironment, type SettingName } from '../../src/environment.ts'

export const root = fileURLToPath(new URL('../../', import.meta.url))
const secret = 'x'.repeat(16)
const names = Object.keys(
  readEnvironment({ GENESYS_CLIENT_ID: 'x', GENESYS_CLIENT_SECRET: 'x', LOOP_TOKEN_SECRET: secret, AUDIT_KEY: secret }),
) as SettingName[]
/** An empty value counts as absent, and keeps dotenv from filling it in. */
const absent = Object.fromEntries(names.map((name) => [name, '']))

export interface Ran {
  code: number | null
  out: string
  err: string
}
export interface Running {
  child: ChildProcess
  /** What came so far. */
  said: { out: string; err: string }
  ended: Promise<Ran>
}

/** Starts a command; `cwd` elsewhere than the project makes a .env there count. */
export function start(command: string, words: string[], settings: Record<string, string> = {}, cwd = root): Running {
  const inherited = cwd === root ? absent : {}
  const environment = Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !names.includes(name as SettingName) && !name.startsWith('NODE_TEST') && name !== 'NODE_OPTIONS',
    ),
  )
  const child = spawn(command, words, { cwd, env: { ...environment, ...inherited, ...settings }, stdio: ['ignore', 'pipe', 'pipe'] })
  const said = { out: '', err: '' }
  child.stdout?.on('data', (chunk: Buffer) => (said.out += chunk.toString()))
  child.stderr?.on('data', (chunk: Buffer) => (said.err += chunk.toString()))
  return { child, said, ended: once(child, 'close').then(([code]) => ({ code: code as number | null, ...said })) }
}

export const run = (command: string, words: string[], settings?: Record<string, string>, cwd?: string): Promise<Ran> =>
  start(command, words, settings, cwd).ended
export const npm = (script: string, words: string[] = [], settings?: Record<string, string>): Promise<Ran> =>
  run('npm', ['run', '-s', script, '--', ...words], settings)
