/** Runs commands as a user does: as child processes, with exactly the settings of the test, whatever a developer's .env contains. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { readEnvironment, type SettingName } from '../../src/environment.ts'

export const projectRoot = fileURLToPath(new URL('../../', import.meta.url))
const secret = 'x'.repeat(16)
const settingNames = Object.keys(
  readEnvironment({ GENESYS_CLIENT_ID: 'x', GENESYS_CLIENT_SECRET: 'x', LOOP_TOKEN_SECRET: secret, AUDIT_KEY: secret }),
) as SettingName[]
/** An empty value counts as absent, and dotenv does not replace it. */
const absentSettings = Object.fromEntries(settingNames.map((name) => [name, '']))

export interface CommandResult {
  exitCode: number | null
  stdout: string
  stderr: string
}
export interface RunningCommand {
  child: ChildProcess
  /** What the command has printed so far. */
  output: { stdout: string; stderr: string }
  result: Promise<CommandResult>
}

/** Starts a command. In a `cwd` other than the project, the .env of that folder is used. */
export function startCommand(command: string, args: string[], settings: Record<string, string> = {}, cwd = projectRoot): RunningCommand {
  const defaults = cwd === projectRoot ? absentSettings : {}
  const environment = Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !settingNames.includes(name as SettingName) && !name.startsWith('NODE_TEST') && name !== 'NODE_OPTIONS',
    ),
  )
  const child = spawn(command, args, { cwd, env: { ...environment, ...defaults, ...settings }, stdio: ['ignore', 'pipe', 'pipe'] })
  const output = { stdout: '', stderr: '' }
  child.stdout?.on('data', (chunk: Buffer) => (output.stdout += chunk.toString()))
  child.stderr?.on('data', (chunk: Buffer) => (output.stderr += chunk.toString()))
  return { child, output, result: once(child, 'close').then(([exitCode]) => ({ exitCode: exitCode as number | null, ...output })) }
}

/** Runs a command to its end. */
export const runCommand = (command: string, args: string[], settings?: Record<string, string>, cwd?: string): Promise<CommandResult> =>
  startCommand(command, args, settings, cwd).result

export const runNpmScript = (script: string, args: string[] = [], settings?: Record<string, string>): Promise<CommandResult> =>
  runCommand('npm', ['run', '-s', script, '--', ...args], settings)
