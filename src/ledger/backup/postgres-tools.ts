/** Runs PostgreSQL's own programs, and says what to do where they are missing or too old. */
import { spawn } from 'node:child_process'

export type PostgresTool = 'pg_dump' | 'pg_restore'

/** The address without its password, which must not be among the arguments of a process: other users can read those. */
function splitPassword(url: string): { address: string; password: string } {
  const address = new URL(url)
  const password = decodeURIComponent(address.password)
  address.password = ''
  return { address: address.href, password }
}

const quote = (argument: string): string => (/^[\w./:=@-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", `'\\''`)}'`)

/** What the user can run elsewhere instead. */
const describeCommand = (tool: PostgresTool, args: readonly string[]): string => [tool, ...args].map(quote).join(' ')

/**
 * Runs a program on a database.
 * @param url its address; the password is passed on in the environment
 * @throws Error
 */
export async function runPostgresTool(tool: PostgresTool, args: readonly string[], url: string): Promise<void> {
  const { address, password } = splitPassword(url)
  const allArgs = [...args.slice(0, -1), `--dbname=${address}`, ...args.slice(-1)]
  const advice = `Run this where PostgreSQL's own programs of the server's version or a newer one are installed (package postgresql-client):\n${describeCommand(tool, allArgs)}`
  const child = spawn(tool, allArgs, {
    env: { ...process.env, ...(password !== '' && { PGPASSWORD: password }), PGAPPNAME: 'handoff backup' },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let messages = ''
  child.stderr.on('data', (chunk: Buffer) => (messages += chunk.toString()))
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.on('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'ENOENT' ? new Error(`${tool} is not installed here. ${advice}`) : error),
    )
    child.on('close', resolve)
  })
  if (exitCode === 0) return
  if (/server version mismatch|unsupported version/.test(messages))
    throw new Error(`${tool} here is older than the server or the backup. ${advice}`)
  throw new Error(`${tool} failed: ${messages.trim()}`)
}
