/** How a log line looks for a person: time, level and message, and below them the fields that are not the same in every line (LOG_FORMAT=pretty). */
import { prettyFactory } from 'pino-pretty'

/** Fields that say nothing to a person who reads the log of one process while it runs. */
const hiddenFields =
  /^(@timestamp|log\.level|message|audit|seq|node|timestamp|alert|event\.(dataset|duration|kind|category|type|hash|sequence|outcome)|(ecs|process|host|service)\..*|trace\.id|http\.request\.id)$/
const stackField = 'error.stack_trace'

/** The fields are indented by the width of the time. */
const indent = ' '.repeat(9)
const columns = 80
/** Control characters would otherwise reach the terminal. JSON escapes only those of ASCII. */
const controlCharacters = /[\u0000-\u001f\u007f-\u009f]/g // eslint-disable-line no-control-regex
const withoutControls = (text: string): string => text.replaceAll(controlCharacters, ' ')

function formatValue(value: unknown): string {
  const text = typeof value === 'string' ? withoutControls(value) : withoutControls(JSON.stringify(value) ?? '')
  return typeof value === 'string' && !/^[^\s"]+$/.test(text) ? JSON.stringify(text) : text
}

/** Joins words to lines that fit into the columns; a word that is longer than a line gets a line of its own. */
function wrap(words: readonly string[], firstWidth: number): string[] {
  const lines: string[] = []
  let width = firstWidth
  for (const word of words) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`
    else {
      if (last !== undefined) width = columns - indent.length
      lines.push(word)
    }
  }
  return lines
}

const fieldsOf = (line: Record<string, unknown>): string[] =>
  Object.entries(line)
    .filter(([name, value]) => value !== null && !hiddenFields.test(name) && name !== stackField)
    .map(([name, value]) => `${withoutControls(name)}=${formatValue(value)}`)

/**
 * Creates a function that turns a log line, which is JSON, into text of at most 80 columns a line, unless a single value is longer.
 * @param isColored whether the text is colored for a terminal
 */
export function createReadableLines({ isColored }: { isColored: boolean }): (line: string) => string {
  return prettyFactory({
    colorize: isColored,
    messageKey: 'message',
    levelKey: 'log\\.level',
    timestampKey: '@timestamp',
    translateTime: 'SYS:HH:MM:ss',
    hideObject: true,
    // Without the brackets that would be around the time.
    customPrettifiers: { time: (time) => (typeof time === 'string' ? time : '') },
    messageFormat(line, messageKey, _levelLabel, { colors }) {
      const message = line[messageKey]
      const words = withoutControls(typeof message === 'string' ? message : '').split(' ')
      // The time, the level, and what is between them take 16 columns of the first line.
      const [first = '', ...rest] = wrap(words, columns - 16)
      const details = wrap(fieldsOf(line), columns - indent.length).map((text) => colors.gray(text))
      const stack = typeof line[stackField] === 'string' ? line[stackField].split('\n').map(withoutControls) : []
      return [first, ...[...rest, ...details, ...stack].map((text) => indent + text)].join('\n')
    },
  })
}

/** Whether standard output is a terminal that shows colors, and NO_COLOR does not ask for none (https://no-color.org). */
export const canColorOutput = (environment: NodeJS.ProcessEnv): boolean => process.stdout.isTTY && !environment['NO_COLOR']
