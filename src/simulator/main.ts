import { parseArgs } from 'node:util'
import { DEFAULT_SCENE, setDefaultScene } from './control/default-scene.ts'
import { startSimulator, type SimulatorOptions } from './simulator.ts'

const HELP = `Starts the Genesys Cloud stand-in alone.

  npm run simulator -- [flags]

  --host <address>              127.0.0.1
  --port <n>                    3999; 0 takes any free port
  --latency <ms>                added to every platform answer; 0
  --clock real|manual           real; manual moves only by POST /_simulator/clock/advance
  --requests-per-minute <n>     per token; 300
  --token-lifetime <seconds>    86400
  --client-id <id>              handoff-demo
  --client-secret <secret>      handoff-demo-secret
  --empty                       begin without the default scene
  --help
`

const FLAGS = {
  host: { type: 'string' },
  port: { type: 'string', default: '3999' },
  latency: { type: 'string' },
  clock: { type: 'string' },
  'requests-per-minute': { type: 'string' },
  'token-lifetime': { type: 'string' },
  'client-id': { type: 'string' },
  'client-secret': { type: 'string' },
  empty: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const

type Flags = ReturnType<typeof readFlags>

function readFlags(argv: string[]) {
  return parseArgs({ args: argv, options: FLAGS }).values
}

function wholeNumber(flag: string, text: string, most: number): number {
  if (!/^\d+$/.test(text) || Number(text) > most) throw new Error(`--${flag} must be a whole number from 0 to ${most}`)
  return Number(text)
}

function optionsFrom(flags: Flags): SimulatorOptions {
  const {
    host,
    latency,
    clock,
    'requests-per-minute': rate,
    'token-lifetime': lifetime,
    'client-id': clientId,
    'client-secret': clientSecret,
  } = flags
  if (clock !== undefined && clock !== 'real' && clock !== 'manual') throw new Error('--clock must be real or manual')
  return {
    port: wholeNumber('port', flags.port, 65_535),
    ...(host !== undefined && { host }),
    ...(latency !== undefined && { latencyMs: wholeNumber('latency', latency, 600_000) }),
    ...(clock !== undefined && { clock }),
    ...(rate !== undefined && { requestsPerMinute: wholeNumber('requests-per-minute', rate, 10_000_000) }),
    ...(lifetime !== undefined && { tokenLifetimeSeconds: wholeNumber('token-lifetime', lifetime, 172_800) }),
    ...(clientId !== undefined && { clientId }),
    ...(clientSecret !== undefined && { clientSecret }),
  }
}

function table(kind: string, ids: Readonly<Record<string, string>>): string {
  return Object.entries(ids)
    .map(([name, id]) => `  ${kind.padEnd(6)} ${name.padEnd(13)} ${id}`)
    .join('\n')
}

try {
  const flags = readFlags(process.argv.slice(2))
  if (flags.help) {
    process.stdout.write(HELP)
  } else {
    const simulator = await startSimulator(optionsFrom(flags))
    process.stdout.write(`Simulator: ${simulator.url}  (control: ${simulator.url}/_simulator)\n`)
    if (!flags.empty) {
      setDefaultScene(simulator.scene)
      const { skills, queues, agents, conversations } = DEFAULT_SCENE
      process.stdout.write(
        `${[table('skill', skills), table('queue', queues), table('agent', agents)].join('\n')}\n  calls in the IVR     ${conversations[0]} to …${conversations.at(-1)?.slice(-4)}\n`,
      )
    }
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void simulator.close())
  }
} catch (error) {
  process.stderr.write(`simulator: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}\n`)
  process.exitCode = 1
}
