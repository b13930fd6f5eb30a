/** The first step of a run: permissions, limits, the queues and the agent. Nothing is changed. */
import { checkOrganizationLimits } from '../../doctor/organization-limits.ts'
import { checkPermissions } from '../../doctor/permissions.ts'
import { checkClock, checkRateLimit } from '../../doctor/platform-checks.ts'
import { RunStopped } from '../recording/run-stopped.ts'
import type { RunContext } from './run-context.ts'

/** The checks of the doctor without which no call can be moved to a queue. */
const neededChecks: ReadonlySet<string> = new Set(['reading conversations', 'transfer to a queue'])

/** Reads what the organization allows. @throws RunStopped when the platform fails */
export async function readOrganization({ recorder, settings, print }: RunContext): Promise<{ canTransfer: boolean }> {
  recorder.step = 'organization'
  const { requestsPerMinute, tokenPoolSize, hasAllowedNumbers } = settings
  const results = [
    checkClock(recorder.connection),
    ...(await checkPermissions(recorder.connection, { hasAllowedNumbers })),
    ...(await checkOrganizationLimits(recorder.connection, { requestsPerMinute, tokenPoolSize })),
    checkRateLimit(recorder.connection, requestsPerMinute),
  ]
  for (const { check, outcome, message, missingPermissions } of results) {
    recorder.add({ kind: 'check', check, outcome, message, ...(missingPermissions && { missingPermissions }) })
    if (outcome !== 'ok') print(`  ${check}: ${message}`)
  }
  return { canTransfer: results.every(({ check, outcome }) => outcome !== 'not ok' || !neededChecks.has(check)) }
}

/** Reads the queues and the agent. @throws RunStopped when one of them does not exist, or the platform fails */
export async function readDirectory({ recorder, options }: RunContext): Promise<void> {
  recorder.step = 'directory'
  const { queueId, secondQueueId, agentId } = options
  const named = [
    ['--queue', `/routing/queues/${queueId}`],
    ...(secondQueueId === undefined ? [] : [['--second-queue', `/routing/queues/${secondQueueId}`]]),
    ...(agentId === undefined ? [] : [['--agent', `/users/${agentId}?expand=routingStatus,presence`]]),
  ] as Array<[string, string]>
  for (const [option, path] of named) {
    const { status } = await recorder.read('GET', path)
    if (status === 404) throw new RunStopped('not_moved', `the platform has nothing with the id of ${option}, or does not show it`)
  }
  await recorder.read('GET', `/routing/queues/${queueId}/members?joined=true&routingStatus=IDLE&expand=routingStatus&pageSize=100`)
}
