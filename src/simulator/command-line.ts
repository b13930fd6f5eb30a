/** Which flags the simulator's command line has, and which options they become. */
import { parseArgs } from 'node:util'
import type { SimulatorOptions } from './simulator.ts'

/** What `--help` prints. */
export const helpText = `Starts the Genesys Cloud simulator alone.

  npm run simulator -- [flags]

  --host <address>              the address to listen on; default 127.0.0.1
  --port <n>                    the port to listen on, 0 for any free one; default 3999
  --latency <ms>                added to every response of the platform; default 0
  --clock real|manual           a manual clock is advanced only by POST /_simulator/clock/advance; default real
  --requests-per-minute <n>     the rate limit of each token; default 300
  --token-lifetime <seconds>    default 86400
  --client-id <id>              the OAuth client that can log in; default handoff-demo
  --client-secret <secret>      its secret; default handoff-demo-secret
  --behavior <file>             behaves as a report or a behavior of npm run acceptance says (docs/acceptance.md)
  --empty                       starts without the default scenario
  --help                        prints this text
`

const flagTypes = {
  host: { type: 'string' },
  port: { type: 'string', default: '3999' },
  latency: { type: 'string' },
  clock: { type: 'string' },
  'requests-per-minute': { type: 'string' },
  'token-lifetime': { type: 'string' },
  'client-id': { type: 'string' },
  'client-secret': { type: 'string' },
  behavior: { type: 'string' },
  empty: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const

/** A parsed command line. */
export interface CommandLine {
  readonly shouldShowHelp: boolean
  /** Whether the simulator starts without the default scenario. */
  readonly isEmpty: boolean
  /** The file that says how the platform behaves. */
  readonly behaviorFile?: string
  readonly options: SimulatorOptions
}

/**
 * Parses the command line.
 *
 * @param args The arguments after the script's name.
 * @throws {Error} For an unknown flag or a value that is not allowed.
 */
export function parseCommandLine(args: string[]): CommandLine {
  const { values: flags } = parseArgs({ args, options: flagTypes })
  const {
    host,
    latency,
    clock,
    'requests-per-minute': requestsPerMinute,
    'token-lifetime': tokenLifetime,
    'client-id': clientId,
    'client-secret': clientSecret,
  } = flags
  if (clock !== undefined && clock !== 'real' && clock !== 'manual') throw new Error('--clock must be real or manual')
  return {
    shouldShowHelp: flags.help,
    isEmpty: flags.empty,
    ...(flags.behavior !== undefined && { behaviorFile: flags.behavior }),
    options: {
      port: parseWholeNumber('port', flags.port, 65_535),
      ...(host !== undefined && { host }),
      ...(latency !== undefined && { latencyMs: parseWholeNumber('latency', latency, 600_000) }),
      ...(clock !== undefined && { clock }),
      ...(requestsPerMinute !== undefined && { requestsPerMinute: parseWholeNumber('requests-per-minute', requestsPerMinute, 10_000_000) }),
      ...(tokenLifetime !== undefined && { tokenLifetimeSeconds: parseWholeNumber('token-lifetime', tokenLifetime, 172_800) }),
      ...(clientId !== undefined && { clientId }),
      ...(clientSecret !== undefined && { clientSecret }),
    },
  }
}

function parseWholeNumber(flag: string, text: string, max: number): number {
  if (!/^\d+$/.test(text) || Number(text) > max) throw new Error(`--${flag} must be a whole number from 0 to ${max}`)
  return Number(text)
}
