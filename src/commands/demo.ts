/** `npm run demo`: transfers simulated calls with the real service, prints each step, and then keeps running so that the user can try it. */
import type { ReceivedEvent } from '../demo/crm.ts'
import { demoCalls } from '../demo/demo-calls.ts'
import { startDemoSystem, type DemoSystem } from '../demo/demo-system.ts'
import { isAsExpected, runCall, type CallResult } from '../demo/run-call.ts'
import { formatStep } from '../demo/step.ts'
import { formatFigures, formatInstructions, formatTable, type TransferFigures } from '../demo/summary.ts'
import { createPainter, shouldUseColors, truncate } from '../demo/terminal.ts'
import { keepCallsWaiting } from '../demo/waiting-calls.ts'
import { readArguments } from './arguments.ts'
import { reportFailure } from './failure.ts'

const help = `npm run demo             transfer eight calls, then keep running so that you can
                         try it yourself (press Ctrl-C to stop)
npm run demo -- --once   transfer eight calls and exit, with code 0 if all went
                         as expected, otherwise 1

Needs no account and no .env. Listens on PORT (3000), or on any free port if
that one is taken.
`
const print = (line = ''): void => void process.stdout.write(`${line}\n`)
const paint = createPainter(shouldUseColors(process.stdout, process.env))

async function runCalls(system: DemoSystem): Promise<CallResult[]> {
  const since = new Date().toISOString()
  const results: CallResult[] = []
  // One after another, so that a reader can follow them.
  for (const [index, call] of demoCalls.entries()) {
    print(paint('bold', `${index + 1}. ${call.title}`))
    results.push(await runCall(call, system, (step, startedAt, namesById) => print(formatStep(step, startedAt, namesById, paint))))
    print()
  }
  // A rejection does not say which call it is about, so it is reported with the last one.
  for (const rejection of system.crm.rejections) results.at(-1)?.deviations.push(`the CRM rejected a delivery: ${rejection}`)
  const { body: figures } = await system.request('GET', `/v1/transfers/summary?since=${since}`)
  for (const line of [...formatTable(results, paint), ...formatFigures(figures as TransferFigures), '']) print(line)
  return results
}

/** Prints how the user can make transfers, and from then on what the CRM receives and which call to use next. */
function startInteractivePart(system: DemoSystem): void {
  keepCallsWaiting(system, (transferredId, nextId) =>
    print(truncate(`  Call …${transferredId.slice(-4)} was transferred; for another transfer use ${nextId}`)),
  )
  system.crm.onEvent(({ type, conversationId, transferId }: ReceivedEvent) =>
    print(paint('dim', truncate(`  CRM received ${type}, verified: call …${conversationId.slice(-4)}, transfer ${transferId}`))),
  )
  for (const line of formatInstructions(system)) print(line)
}

async function runDemo(shouldExit: boolean): Promise<void> {
  const system = await startDemoSystem(process.env['PORT'] || '3000')
  let isStopping = false
  const stop = async (exitCode: number): Promise<void> => {
    // A Ctrl-C can arrive twice: from the terminal, and from npm, which forwards it.
    if (isStopping) return
    isStopping = true
    await system.close()
    process.exit(exitCode)
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void stop(0))
  try {
    print(`Handoff at ${system.url}, with a Genesys Cloud simulator and a CRM that verifies every webhook.\n`)
    const results = await runCalls(system)
    if (shouldExit) await stop(results.every(isAsExpected) ? 0 : 1)
    else startInteractivePart(system)
  } catch (error) {
    // Stopping makes requests of the demo fail, which is no error.
    if (isStopping) return
    process.stderr.write(`demo: ${(error as Error).message}\n`)
    await stop(1)
  }
}

try {
  const { values } = readArguments({ options: { once: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } } })
  if (values.help) process.stdout.write(help)
  else await runDemo(values.once)
} catch (error) {
  reportFailure('demo', error)
}
