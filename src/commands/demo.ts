/** `npm run demo`: eight calls through the real service against the simulator, told step by step; then it is yours to try. */
import { parseArgs } from 'node:util'
import { demoCalls } from '../demo/calls.ts'
import { figures, invitation, table, type Figures } from '../demo/closing.ts'
import type { Heard } from '../demo/crm.ts'
import { asExpected, play, type Played } from '../demo/playing.ts'
import { setStage, type Stage } from '../demo/stage.ts'
import { fit, line, painter, wantsColours } from '../demo/telling.ts'
import { keepCallsWaiting } from '../demo/waiting-calls.ts'

const help = `npm run demo             play eight calls, then keep running for you to try it (Ctrl-C ends it)
npm run demo -- --once   play them and end: 0 when all went as it should, 1 when not

Needs no account and no .env. Listens on PORT (3000), or on any free port where that is taken.
`
const say = (text = ''): void => void process.stdout.write(`${text}\n`)
const paint = painter(wantsColours(process.stdout, process.env))

async function playAll(stage: Stage): Promise<Played[]> {
  const since = new Date().toISOString()
  const played: Played[] = []
  for (const [index, call] of demoCalls.entries()) {
    say(paint('bold', `${index + 1}. ${call.title}`))
    // One after the other, so that they can be read.
    played.push(await play(call, stage, (moment, began, names) => say(line(moment, began, names, paint))))
    say()
  }
  for (const why of stage.crm.refused) played.at(-1)?.faults.push(`the CRM turned a delivery away: ${why}`)
  const { body } = await stage.ask<Figures>('GET', `/v1/transfers/summary?since=${since}`)
  for (const text of [...table(played, paint), ...figures(body), '']) say(text)
  return played
}

/** From here on the user acts: what the CRM hears is told, and which call to take next. */
function handOver(stage: Stage): void {
  keepCallsWaiting(stage, (moved, next) => say(fit(`  Call …${moved.slice(-4)} was moved; for another transfer take ${next}`)))
  stage.crm.onHeard(({ type, conversationId, transferId }: Heard) =>
    say(paint('dim', fit(`  CRM heard ${type}, verified: call …${conversationId.slice(-4)}, transfer ${transferId}`))),
  )
  for (const text of invitation(stage)) say(text)
}

async function demo(once: boolean): Promise<void> {
  const stage = await setStage(process.env['PORT'] || '3000')
  let leaving = false
  const leave = async (code: number): Promise<void> => {
    // npm passes a Ctrl-C on that the terminal has sent already.
    if (leaving) return
    leaving = true
    await stage.clear()
    process.exit(code)
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void leave(0))
  try {
    say(`Handoff at ${stage.url}, with a Genesys Cloud simulator and a CRM that verifies what it hears.\n`)
    const wrong = (await playAll(stage)).filter((played) => !asExpected(played))
    if (once) await leave(wrong.length > 0 ? 1 : 0)
    else handOver(stage)
  } catch (error) {
    if (leaving) return
    process.stderr.write(`demo: ${(error as Error).message}\n`)
    await leave(1)
  }
}

try {
  const { values } = parseArgs({ options: { once: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } } })
  if (values.help) process.stdout.write(help)
  else await demo(values.once)
} catch (error) {
  process.stderr.write(`demo: ${(error as Error).message}\n`)
  process.exitCode = 1
}
