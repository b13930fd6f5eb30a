/** How the settings in `.env` reach the environment, and which of them may be cut off by a `#`. */
import { readFileSync } from 'node:fs'
import { parse } from 'dotenv'
import { InvalidSetting, throwInvalid } from './invalid-setting.ts'
import { settings, type Setting } from './settings.ts'

/** A variable of a `.env` file in dotenv's grammar: its name, its value as written, and the comment that ends the value. */
const variablePattern =
  /^[^\S\n]*(?:export\s+)?([\w.-]+)(?:\s*=[^\S\n]*|:\s+?)('(?:\\'|[^'])*'|"(?:\\"|[^"])*"|`(?:\\`|[^`])*`|[^#\n]+)?([^\S\n]*)(#[^\n]*)?$/gm

const definitions = new Map(
  Object.entries<Setting<unknown>>(settings).flatMap(([name, setting]) =>
    [name, setting.alias ?? name].map((knownName) => [knownName, setting]),
  ),
)

/**
 * Whether a comment may really be part of the value, because no space separates them. A secret that was cut off is hard to notice, so
 * after a secret only a `#` with a space on both sides counts as a comment.
 */
function isCut(value: string, comment: string, isSecret: boolean): boolean {
  if (/^(['"`])[^]*\1$/.test(value)) return false
  return !/\s$/.test(value) || (isSecret && /^#\S/.test(comment))
}

/** The settings in the text of a `.env` file that end at a `#` which may belong to the value. */
export function findCutSettings(text: string): InvalidSetting[] {
  return [...text.replaceAll(/\r\n?/g, '\n').matchAll(variablePattern)].flatMap(([, name = '', value = '', space = '', comment]) => {
    const setting = definitions.get(name)
    if (!setting || comment === undefined || !isCut(value + space, comment, setting.isSecret === true)) return []
    return [
      new InvalidSetting(
        name,
        'is cut off at a # in .env, where # begins a comment: put the value in quotes (so far only the part before the # was used)',
      ),
    ]
  })
}

/** The text of `.env` in the working directory; empty if there is none. @throws InvalidSetting when the file cannot be read */
export function readEnvFile(): string {
  try {
    return readFileSync('.env', 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return ''
    throw new InvalidSetting('.env', `cannot be read (${code})`)
  }
}

/**
 * Adds the variables of `.env` to the environment. Variables that are already set keep their value.
 * @throws InvalidSetting when the file cannot be read, or a setting that would be used is cut off
 */
export function loadEnvFile(environment: NodeJS.ProcessEnv = process.env): void {
  const text = readEnvFile()
  throwInvalid(findCutSettings(text).filter(({ setting }) => !Object.hasOwn(environment, setting)))
  for (const [name, value] of Object.entries(parse(text))) if (!Object.hasOwn(environment, name)) environment[name] = value
}
