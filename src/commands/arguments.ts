/** How a command parses its arguments. Arguments that would be silently ignored are refused. */
import { parseArgs, type ParseArgsConfig } from 'node:util'

/** Options that npm has, too. They may have been meant for npm, and no command does harm without them. */
const npmOptions: ReadonlySet<string> = new Set(['help', 'json', 'scope', 'yes'])

/** The first option that npm took instead of passing it on: `npm run keys settings --missing` passes on only `settings`. */
const findOptionTakenByNpm = (names: readonly string[], environment: NodeJS.ProcessEnv): string | undefined =>
  names.find((name) => !npmOptions.has(name) && environment[`npm_config_${name.replaceAll('-', '_')}`] !== undefined)

/** Parses with tokens. The advice of Node.js for an unknown option, to write it after another --, helps nobody here. */
function parseTokens(config: ParseArgsConfig, names: readonly string[]) {
  try {
    return parseArgs({ ...config, tokens: true as const })
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const [, unknown] = /'(--?[^']+)'/.exec(message) ?? []
    if (code !== 'ERR_PARSE_ARGS_UNKNOWN_OPTION' || unknown === undefined) throw error
    throw new Error(`Unknown option '${unknown}'; the options are ${names.map((name) => `--${name}`).join(', ')}`, { cause: error })
  }
}

/**
 * Parses the arguments as `parseArgs` of Node.js does.
 * @throws Error, like `parseArgs`, and also for a repeated option that takes one value, and for an option that npm did not pass on
 */
export function readArguments<T extends ParseArgsConfig>(
  config: T,
  environment: NodeJS.ProcessEnv = process.env,
): ReturnType<typeof parseArgs<T>> {
  const { options = {} }: ParseArgsConfig = config
  const taken = findOptionTakenByNpm(Object.keys(options), environment)
  if (taken !== undefined) throw new Error(`write -- before the options, as in: npm run <command> -- --${taken}`)
  const { tokens } = parseTokens(config, Object.keys(options))
  const names = tokens.filter((token) => token.kind === 'option').map(({ name }) => name)
  const repeated = names.find((name, index) => options[name]?.type === 'string' && !options[name].multiple && names.indexOf(name) < index)
  if (repeated !== undefined) throw new Error(`--${repeated} was given twice`)
  return parseArgs(config)
}
