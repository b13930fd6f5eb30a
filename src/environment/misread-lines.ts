/** Which lines of a `.env` file are read differently from what was meant: cut off at a `#`, part of an unclosed quote, or ignored. dotenv reports none of them. */
import { InvalidSetting } from './invalid-setting.ts'
import { settings, type Setting } from './settings.ts'

/** A variable of a `.env` file in dotenv's grammar: its name, its value as written, and the comment that ends the value. */
const variablePattern =
  /^[^\S\n]*(?:export\s+)?([\w.-]+)(?:\s*=[^\S\n]*|:\s+?)('(?:\\'|[^'])*'|"(?:\\"|[^"])*"|`(?:\\`|[^`])*`|[^#\n]+)?([^\S\n]*)(#[^\n]*)?$/gm

/** The name of a variable at the beginning of a line within a value. */
const innerVariablePattern = /\n[^\S\n]*(?:export\s+)?([\w.-]+)[^\S\n]*=/g

/** The first two words of a line that is no assignment: `PORT 3000`, `PORT:3000`, `"PORT"=3000`, `set PORT=3000`. */
const firstWordsPattern = /^[^\w#]*(\w+)(?:\s+(\w+))?/

const definitions = new Map(
  Object.entries<Setting<unknown>>(settings).flatMap(([name, setting]) =>
    [name, setting.alias ?? name].map((knownName) => [knownName, setting]),
  ),
)

export interface MisreadLine {
  /** The settings that do not have the value that was meant. */
  settings: string[]
  /** Its message names the line, and repeats nothing of a value. */
  problem: InvalidSetting
}

/** A variable as it is written in the file. */
interface Variable {
  name: string
  value: string
  comment: string | undefined
  /** The number of its first line. */
  line: number
}

/**
 * Whether a comment may really be part of the value, because no space separates them. A secret that was cut off is hard to notice, so
 * after a secret only a `#` with a space on both sides counts as a comment.
 */
const isCutOff = (value: string, comment: string, isSecret: boolean): boolean => !/\s$/.test(value) || (isSecret && /^#\S/.test(comment))

/** The problem with a value in quotes, if other variables became part of it because its quote is not closed where it should be. */
function findSwallowedVariables({ name, value, line }: Variable): MisreadLine | undefined {
  const inner = [...value.matchAll(innerVariablePattern)].map(([, innerName = '']) => innerName)
  const swallowed = inner.filter((innerName) => definitions.has(innerName))
  // The value of another program's variable may have several lines, and one of them may contain a `=`.
  if (swallowed.length === 0 && (inner.length === 0 || !definitions.has(name))) return undefined
  const lastLine = line + value.split('\n').length - 1
  const part = swallowed.length > 0 ? swallowed.join(', ') : 'another variable'
  const reason = `the quote that begins in line ${line} of .env ends only in line ${lastLine}, so that ${part} became part of the value: close the quote in line ${line}`
  return { settings: [name, ...swallowed], problem: new InvalidSetting(name, reason) }
}

/** The problem with any other value: a quote that is not closed, or a `#` that cuts the value off. */
function findCutOffOrUnclosed({ name, value, comment, line }: Variable): MisreadLine | undefined {
  const setting = definitions.get(name)
  const reason = /^['"`]/.test(value)
    ? `begins with a quote in line ${line} of .env, but does not end with it: write the quote at both ends of the value, and nothing after it but a comment`
    : comment !== undefined && isCutOff(value, comment, setting?.isSecret === true)
      ? 'is cut off at a # in .env, where # begins a comment: put the value in quotes (so far only the part before the # was used)'
      : undefined
  return setting && reason !== undefined ? { settings: [name], problem: new InvalidSetting(name, reason) } : undefined
}

/** The misread lines of a `.env` file that concern a setting. */
export function findMisreadLines(text: string): MisreadLine[] {
  const normalized = text.replaceAll(/\r\n?/g, '\n')
  const lineAt = (index: number): number => normalized.slice(0, index).split('\n').length
  const inVariables = [...normalized.matchAll(variablePattern)].map(({ index, 1: name = '', 2: value = '', 3: space = '', 4: comment }) => {
    const variable = { name, value: value + space, comment, line: lineAt(index) }
    return /^(['"`])[^]*\1$/.test(value.trim()) ? findSwallowedVariables(variable) : findCutOffOrUnclosed(variable)
  })
  // What is left without the variables: comments, in which `firstWordsPattern` finds nothing, and lines that dotenv ignores.
  const others = normalized.replaceAll(variablePattern, (match) => match.replaceAll(/[^\n]/g, '')).split('\n')
  const ignored = others.map((other, index) => {
    const words = firstWordsPattern.exec(other)?.slice(1) ?? []
    // `export PORT` exports what an earlier line has set.
    const name = words[0] === 'export' ? undefined : words.find((word) => definitions.has(word))
    return (
      name && { settings: [name], problem: new InvalidSetting(name, `line ${index + 1} of .env is not understood: write ${name}=value`) }
    )
  })
  return [...inVariables, ...ignored].filter((found) => typeof found === 'object')
}
