/** A folder of a user outside the project: packages in it, and its type check. */
import { mkdirSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { projectRoot, runCommand, type CommandResult } from '../commands/run-command.ts'

/** Makes a package of the project available to a folder outside of it, as if it was installed there. */
export function linkPackage(name: string, folder: string): void {
  const link = join(folder, 'node_modules', name)
  mkdirSync(dirname(link), { recursive: true })
  symlinkSync(join(projectRoot, 'node_modules', name), link)
}

/** Runs the compiler: `typescript` is that of the project, `client/node_modules/typescript` the older one that generators need. */
export const runTsc = (compiler: 'typescript' | 'client/node_modules/typescript', args: string[]): Promise<CommandResult> =>
  runCommand(process.execPath, [join(projectRoot, compiler === 'typescript' ? 'node_modules/typescript' : compiler, 'bin/tsc'), ...args])
