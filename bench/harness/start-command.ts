/** How `npm start` starts the service: environment, flags of node, and file. Benchmarks start it in the same way. */
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

export const projectFolder = resolve(import.meta.dirname, '../..')

interface StartCommand {
  environment: Record<string, string>
  nodeFlags: readonly string[]
  /** Absolute path. */
  file: string
}

/** Makes a relative path absolute, because the benchmarks start the service in another folder. */
const toAbsolute = (value: string): string => (value.includes('/') ? join(projectFolder, value) : value)

function parseStartCommand(command: string): StartCommand {
  const [, assignments = '', flags = '', file = ''] = /^((?:\w+=\S+ )*)exec node ((?:-\S+ )*)(\S+)$/.exec(command) ?? []
  if (file === '') throw new Error(`the start script of package.json is not of the form "NAME=value … exec node --flag … file": ${command}`)
  const environment = Object.fromEntries(
    assignments
      .split(' ')
      .filter(Boolean)
      .map((assignment) => {
        const [name = '', value = ''] = assignment.split('=')
        return [name, toAbsolute(value)]
      }),
  )
  const nodeFlags = flags
    .split(' ')
    .filter(Boolean)
    .map((flag) => flag.replace(/=(.*)$/, (_, value: string) => `=${toAbsolute(value)}`))
  return { environment, nodeFlags, file: join(projectFolder, file) }
}

const { scripts } = JSON.parse(readFileSync(join(projectFolder, 'package.json'), 'utf8')) as { scripts: { start: string } }
export const startCommand = parseStartCommand(scripts.start)
