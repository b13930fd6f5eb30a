/** `npm run doctor`: whether this installation and its Genesys Cloud organisation are fit to transfer calls. */
import { parseArgs } from 'node:util'
import { config } from 'dotenv'
import { examine } from '../doctor/examination.ts'
import { healthy, told } from '../doctor/finding.ts'
import { readEnvironment } from '../environment.ts'

const help = `npm run doctor -- [flags]   check credentials, region, clock, permissions, queues, limits, ledger and webhooks; no call is touched

  --queue ID      a queue that must be there (again for more); DEFAULT_QUEUE_ID and FALLBACK_QUEUE_ID are looked at anyway
  --skill ID      a skill that must be there and active
  --webhook       send each webhook endpoint a test event
  --find-region   where the region does not accept the client, show its credentials to Genesys' other regions and say which does
  --json          the findings as JSON
Exit code 0: fit; 1: not.
`
const list = { type: 'string', multiple: true, default: [] as string[] } as const
const flag = { type: 'boolean', default: false } as const

try {
  config({ quiet: true })
  const options = { queue: list, skill: list, webhook: flag, 'find-region': flag, json: flag, help: flag }
  const { values } = parseArgs({ options })
  if (values.help) process.stdout.write(help)
  else {
    const wishes = { queues: values.queue, skills: values.skill, webhook: values.webhook, findRegion: values['find-region'] }
    const findings = await examine(readEnvironment(process.env), wishes)
    process.stdout.write(values.json ? `${JSON.stringify({ healthy: healthy(findings), findings }, null, 2)}\n` : told(findings))
    process.exitCode = healthy(findings) ? 0 : 1
  }
} catch (error) {
  process.stderr.write(`doctor: ${(error as Error).message}\n`)
  process.exitCode = 1
}
