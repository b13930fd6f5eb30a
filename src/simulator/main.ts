/** The process of a simulator that runs alone: starts it, prints its address and ids, and stops on a signal. */
import { readFileSync } from 'node:fs'
import { parseBehavior } from './control/apply-behavior.ts'
import { parseCommandLine, helpText } from './command-line.ts'
import { defaultScenario, loadDefaultScenario } from './control/default-scenario.ts'
import { startSimulator } from './simulator.ts'

function formatIds(kind: string, ids: Readonly<Record<string, string>>): string {
  return Object.entries(ids)
    .map(([name, id]) => `  ${kind.padEnd(6)} ${name.padEnd(13)} ${id}\n`)
    .join('')
}

function formatDefaultScenario(): string {
  const { skills, queues, agents, conversations } = defaultScenario
  const calls = `  calls in the IVR     ${conversations[0]} to …${conversations.at(-1)?.slice(-4)}\n`
  return formatIds('skill', skills) + formatIds('queue', queues) + formatIds('agent', agents) + calls
}

try {
  const { shouldShowHelp, isEmpty, behaviorFile, options } = parseCommandLine(process.argv.slice(2))
  if (shouldShowHelp) {
    process.stdout.write(helpText)
  } else {
    const behavior = behaviorFile === undefined ? {} : parseBehavior(readFileSync(behaviorFile, 'utf8'))
    const simulator = await startSimulator(options)
    process.stdout.write(`Simulator: ${simulator.url}  (control: ${simulator.url}/_simulator)\n`)
    if (!isEmpty) {
      loadDefaultScenario(simulator.control)
      process.stdout.write(formatDefaultScenario())
    }
    simulator.control.behave(behavior)
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void simulator.close())
  }
} catch (error) {
  process.stderr.write(`simulator: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}\n`)
  process.exitCode = 1
}
