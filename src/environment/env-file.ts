/** Reads `.env` and adds its settings to the environment. */
import { readFileSync } from 'node:fs'
import { parse } from 'dotenv'
import { InvalidSetting, throwInvalid } from './invalid-setting.ts'
import { findMisreadLines } from './misread-lines.ts'

/**
 * The variables of `.env` in the working directory, and its text, which is empty if there is no such file.
 * @param environment variables that are already set: what `.env` says about them is not checked, because it is not used
 * @throws InvalidSetting when the file cannot be read, or would be read differently from what was meant
 */
export function readEnvFile(environment: NodeJS.ProcessEnv): { text: string; variables: Record<string, string> } {
  const text = readText()
  const misread = findMisreadLines(text).filter(({ settings }) => settings.some((name) => !Object.hasOwn(environment, name)))
  throwInvalid(misread.map(({ problem }) => problem))
  return { text, variables: parse(text) }
}

function readText(): string {
  try {
    return readFileSync('.env', 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return ''
    throw new InvalidSetting('.env', `cannot be read (${code})`)
  }
}

/** Adds the variables of `.env` to the environment. Variables that are already set keep their value. @throws InvalidSetting as `readEnvFile` */
export function loadEnvFile(environment: NodeJS.ProcessEnv = process.env): void {
  const { variables } = readEnvFile(environment)
  for (const [name, value] of Object.entries(variables)) if (!Object.hasOwn(environment, name)) environment[name] = value
}
