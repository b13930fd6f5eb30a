/** The options of `npm run crash-test`. */
import { parseArgs } from 'node:util'
import { campaigns, type CampaignName } from './campaigns.ts'
import type { Backend } from './harness/ledger-storage.ts'

export const usage = `npm run crash-test -- [--runs N] [--only kill|doubt|zombie|keys|soak|bulk|webhooks] [--backend sqlite|postgres|pgbouncer] [--point NAME] [--clusters N]

Kills, stops and disconnects nodes of the real service while callers request transfers. Prints one line for each crash point: how often
it ran, and how much was done twice or lost. The exit code is 1 when there was any of that, or when a point was not reached.

  --runs N       runs of each point (default 1). The other campaigns do a multiple: N x 4 keys with 100 requests at once each,
                 N x 40 transfers of the soak, N bulk transfers of 200 calls, N x 504 events and N kills of their sender for webhooks
  --only NAME    the campaign to run; may be repeated; default: all
                   kill      SIGKILL at a crash point
                   doubt     writes that are committed but reported as failed, or lost
                   zombie    SIGSTOP, takeover by another node, SIGCONT
                   keys      many requests with one key, on two nodes
                   soak      two nodes under load while nodes, database and platform connections fail
                   bulk      the node that moves the calls of a queue is killed three times
                   webhooks  the sender of webhooks is killed while their receivers fail
  --backend NAME sqlite, postgres (embedded, or that of TEST_DATABASE_URL) or pgbouncer (the same behind PgBouncer); may be repeated;
                 default: sqlite and postgres, but only postgres for zombie, keys and soak
  --point NAME   only crash points whose name matches this regular expression
  --clusters N   runs side by side (default 3)
`

export interface CommandLine {
  help: boolean
  runs: number
  clusters: number
  campaigns: readonly CampaignName[]
  /** Undefined: the default backends of each campaign. */
  backends: readonly Backend[] | undefined
  point: RegExp | undefined
}

const isPositiveInteger = (value: number): boolean => Number.isSafeInteger(value) && value > 0
const isBackend = (name: string): name is Backend => ['sqlite', 'postgres', 'pgbouncer'].includes(name)
const isCampaign = (name: string): name is CampaignName => Object.hasOwn(campaigns, name)

/** @param refuse called with the reason when an option is not valid; it must not return */
export function parseCommandLine(refuse: (reason: string) => never): CommandLine {
  try {
    const { values } = parseArgs({
      options: {
        runs: { type: 'string', default: '1' },
        clusters: { type: 'string', default: '3' },
        only: { type: 'string', multiple: true, default: Object.keys(campaigns) },
        backend: { type: 'string', multiple: true },
        point: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    })
    const [runs, clusters] = [Number(values.runs), Number(values.clusters)]
    if (![runs, clusters].every(isPositiveInteger)) throw new Error('--runs and --clusters must be whole numbers from 1')
    if (!values.only.every(isCampaign)) throw new Error(`--only must be one of ${Object.keys(campaigns).join(', ')}`)
    if (values.backend && !values.backend.every(isBackend)) throw new Error('--backend must be sqlite, postgres or pgbouncer')
    return {
      help: values.help,
      runs,
      clusters,
      campaigns: values.only,
      backends: values.backend,
      point: values.point === undefined ? undefined : new RegExp(values.point),
    }
  } catch (error) {
    return refuse((error as Error).message)
  }
}
