/** `npm run crash-test`: runs the crash campaigns that the command line asks for, and prints a table for each. */
import { campaigns, type CampaignName } from './campaigns.ts'
import { parseCommandLine, usage } from './command-line.ts'
import { hasFailed, type CampaignResult } from './harness/campaign-result.ts'
import { openLedgerStorage, type Backend, type LedgerStorage } from './harness/ledger-storage.ts'
import { formatResults } from './harness/results-table.ts'

/** Campaigns with two nodes at the same time need PostgreSQL. */
const defaultBackends: Readonly<Record<CampaignName, readonly Backend[]>> = {
  kill: ['sqlite', 'postgres'],
  doubt: ['sqlite', 'postgres'],
  zombie: ['postgres'],
  keys: ['postgres'],
  soak: ['postgres'],
  bulk: ['sqlite', 'postgres'],
  webhooks: ['sqlite', 'postgres'],
}

function refuse(reason: string): never {
  process.stderr.write(`crash-test: ${reason}\n\n${usage}`)
  process.exit(2)
}

const options = parseCommandLine(refuse)
if (options.help) {
  process.stdout.write(usage)
  process.exit(0)
}

/** The results of the campaign that is running, for the table that an interruption prints. */
let unfinished: CampaignResult[] = []
let storage: LedgerStorage | undefined
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    process.stdout.write(`\r${formatResults(unfinished)}\n\ninterrupted\n`)
    Promise.resolve(storage?.close()).finally(() => process.exit(1))
  })

const results: CampaignResult[] = []
for (const name of options.campaigns) {
  for (const backend of options.backends ?? defaultBackends[name]) {
    const opened = await openLedgerStorage(backend)
    if (typeof opened === 'string') refuse(opened)
    storage = opened
    const campaignResults = await campaigns[name](opened, {
      runs: options.runs,
      clusters: options.clusters,
      ...(options.point && { point: options.point }),
      onProgress: (text) => void (process.stderr.isTTY && process.stderr.write(`\r${name}, ${backend}: ${text}    `)),
      onStart: (started) => void (unfinished = started),
    }).finally(() => opened.close())
    results.push(...campaignResults)
    process.stdout.write(`\r${formatResults(campaignResults)}\n\n`)
  }
}
process.exit(hasFailed(results) ? 1 : 0)
