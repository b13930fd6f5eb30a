/** npm run crash-test: the crash proof at any count. */
import { parseArgs } from 'node:util'
import { campaigns, type Campaign } from './campaigns.ts'
import { storesOf, type Backend, type Stores } from './harness/stores.ts'
import { failed, printed, type Tally } from './harness/tally.ts'

const usage = `npm run crash-test -- [--runs N] [--only kill|doubt|zombie|keys|soak|webhooks] [--backend sqlite|postgres] [--point NAME] [--worlds N]

Nodes of the real service are killed, stopped and cut off from their ledger while callers ask for transfers; one line for each point
tells how often, and what was done twice or lost. Ends with 1 when anything was, or when a point was not reached.

  --runs N     runs of each point (1); N x 4 keys with 100 requests at once each; N x 40 transfers in the soak;
               N x 504 events and N kills of their sender for webhooks
  --only WHAT  kill: SIGKILL at named points; doubt: writes that the ledger kept or lost without saying so; zombie: SIGSTOP, takeover,
               SIGCONT; keys: one key, many requests, two nodes; soak: all of it at once; webhooks: the sender of events is killed
               while their receivers fail. May be repeated. Without it: all
  --backend B  sqlite or postgres (embedded, or TEST_DATABASE_URL). May be repeated. Without it: both, and zombie, keys and soak on postgres
  --point NAME only points whose name fits this regular expression
  --worlds N   runs side by side (3)
`
/** Where a campaign runs when nobody says: two nodes are PostgreSQL's. */
const usualBackends: Readonly<Record<Campaign, readonly Backend[]>> = {
  kill: ['sqlite', 'postgres'],
  doubt: ['sqlite', 'postgres'],
  zombie: ['postgres'],
  keys: ['postgres'],
  soak: ['postgres'],
  webhooks: ['sqlite', 'postgres'],
}

function refuse(why: string): never {
  process.stderr.write(`crash-test: ${why}\n\n${usage}`)
  process.exit(2)
}

function options() {
  try {
    return parseArgs({
      options: {
        runs: { type: 'string', default: '1' },
        only: { type: 'string', multiple: true },
        backend: { type: 'string', multiple: true },
        point: { type: 'string' },
        worlds: { type: 'string', default: '3' },
        help: { type: 'boolean' },
      },
    }).values
  } catch (error) {
    return refuse((error as Error).message)
  }
}

const { runs, worlds, only = Object.keys(campaigns), backend, point, help } = options()
if (help) {
  process.stdout.write(usage)
  process.exit(0)
}
const counts = { runs: Number(runs), worlds: Number(worlds) }
if (!Object.values(counts).every((count) => Number.isSafeInteger(count) && count > 0))
  refuse('--runs and --worlds must be whole numbers from 1')
if (!only.every((one) => Object.hasOwn(campaigns, one))) refuse(`--only must be one of ${Object.keys(campaigns).join(', ')}`)
if (!(backend ?? []).every((one) => one === 'sqlite' || one === 'postgres')) refuse('--backend must be sqlite or postgres')

const tallies: Tally[] = []
let begun: Tally[] = []
let stores: Stores | undefined
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    process.stdout.write(`\r${printed(begun)}\n\ncut short\n`)
    Promise.resolve(stores?.close()).finally(() => process.exit(1))
  })
for (const name of only as Campaign[]) {
  for (const where of (backend as Backend[] | undefined) ?? usualBackends[name]) {
    const opened = await storesOf(where)
    if (typeof opened === 'string') refuse(opened)
    stores = opened
    const progress = (text: string): void => void (process.stderr.isTTY && process.stderr.write(`\r${name}, ${where}: ${text}    `))
    const found = await campaigns[name](opened, {
      ...counts,
      ...(point && { point: new RegExp(point) }),
      progress,
      begun: (some) => void (begun = some),
    }).finally(() => opened.close())
    tallies.push(...found)
    process.stdout.write(`\r${printed(found)}\n\n`)
  }
}
process.exit(failed(tallies) ? 1 : 0)
