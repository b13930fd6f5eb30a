/** `npm run doctor`: whether this installation and its Genesys Cloud organization are ready to transfer calls. */
import { formatResults, isHealthy, toJson } from '../doctor/check-result.ts'
import { runChecks } from '../doctor/run-checks.ts'
import { loadEnvFile } from '../environment/env-file.ts'
import { readEnvironment } from '../environment.ts'
import { readArguments } from './arguments.ts'
import { endWithReader } from './closed-output.ts'
import { reportFailure } from './failure.ts'

const help = `npm run doctor -- [options]   check credentials, region, clock, permissions,
                              queues, limits, ledger and webhooks;
                              no call is changed

  --queue ID      a queue that must exist (may be repeated); DEFAULT_QUEUE_ID
                  and FALLBACK_QUEUE_ID are checked in any case
  --skill ID      a skill that must exist and be active (may be repeated)
  --schedule-group ID
                  a schedule group that must exist; says whether it is open
                  now (may be repeated)
  --webhook       send a test event to each webhook endpoint
  --find-region   if the region does not accept the client, try its credentials
                  at the other regions and report which one accepts them
  --json          print the results as JSON
Exit code 0: ready; 1: not ready.
`
const list = { type: 'string', multiple: true, default: [] as string[] } as const
const flag = { type: 'boolean', default: false } as const

endWithReader()
try {
  const options = { queue: list, skill: list, 'schedule-group': list, webhook: flag, 'find-region': flag, json: flag, help: flag }
  const { values } = readArguments({ options })
  if (values.help) process.stdout.write(help)
  else {
    loadEnvFile()
    const results = await runChecks(readEnvironment(process.env, { needsApiKey: true }), {
      queues: values.queue,
      skills: values.skill,
      scheduleGroups: values['schedule-group'],
      shouldTestWebhooks: values.webhook,
      shouldFindRegion: values['find-region'],
    })
    process.stdout.write(values.json ? `${toJson(results)}\n` : formatResults(results))
    process.exitCode = isHealthy(results) ? 0 : 1
  }
} catch (error) {
  reportFailure('doctor', error)
}
