/**
 * Which permissions the role of the OAuth client has. Each is tested with a request about a random id that does not exist, so that nothing
 * can change.
 */
import { randomUUID } from 'node:crypto'
import type { ExchangeRequest } from '../genesys/http/exchange.ts'
import { createFailure, createPass, createWarning, type CheckResult } from './check-result.ts'
import type { PlatformAnswer, PlatformConnection } from './platform-connection.ts'

interface Probe {
  check: string
  /** The permission that the role needs; absent if the platform documents none (docs/genesys-cloud.md rules 14 and 54). */
  permission?: string
  /** What is missing without it, if calls can be moved all the same. */
  without?: string
  method: ExchangeRequest['method']
  path: (unknownId: string) => string
  body?: (unknownId: string) => unknown
}

const participantPath = (unknownId: string): string => `/conversations/${unknownId}/participants/${unknownId}`
const blindTransfer = 'conversation:communication:blindTransfer'

/**
 * The platform checks the permission before it looks up the conversation: without the permission the answer is 403, with it 404 or 400
 * (docs/genesys-cloud.md rule 7). The permissions are listed in docs/genesys-cloud.md rule 1.
 */
const probes: readonly Probe[] = [
  {
    check: 'reading conversations',
    permission: 'conversation:communication:view',
    method: 'GET',
    path: (unknownId) => `/conversations/${unknownId}`,
  },
  {
    check: 'transfer to a queue',
    permission: blindTransfer,
    method: 'POST',
    path: (unknownId) => `${participantPath(unknownId)}/replace/queue`,
    body: (unknownId) => ({ transferType: 'Unattended', queueId: unknownId }),
  },
  {
    check: 'transfer to an agent',
    permission: blindTransfer,
    method: 'POST',
    path: (unknownId) => `${participantPath(unknownId)}/replace/agent`,
    body: (unknownId) => ({ transferType: 'Unattended', userId: unknownId }),
  },
  {
    check: 'skills and priority of a call',
    permission: 'routing:conversation:edit',
    method: 'PATCH',
    path: (unknownId) => `/routing/conversations/${unknownId}`,
    body: () => ({ priority: 0 }),
  },
  { check: 'reading queues', permission: 'routing:queue:view', method: 'GET', path: (unknownId) => `/routing/queues/${unknownId}` },
  { check: 'reading skills', permission: 'routing:skill:view', method: 'GET', path: (unknownId) => `/routing/skills/${unknownId}` },
  { check: 'reading agents', method: 'GET', path: (unknownId) => `/users/${unknownId}` },
  {
    check: 'participant attributes',
    method: 'PATCH',
    path: (unknownId) => `${participantPath(unknownId)}/attributes`,
    body: () => ({ attributes: {} }),
  },
]
/** Without these, opening hours cannot be checked, and count as met (docs/architecture.md#conditions). */
const conditionProbes: readonly Probe[] = [
  ['reading schedules', 'routing:schedule:view', 'schedules'],
  ['reading schedule groups', 'routing:scheduleGroup:view', 'schedulegroups'],
  ['reading emergency groups', 'routing:emergencyGroup:view', 'emergencygroups'],
].map(([check = '', permission = '', resource = '']) => ({
  check,
  permission,
  without: 'requests with openHours are served as if it were always open',
  method: 'GET',
  path: (unknownId) => `/architect/${resource}/${unknownId}`,
}))
const callbackProbe: Probe = {
  check: 'callbacks',
  permission: 'conversation:callback:create',
  without: 'requests that lead to a callback are refused',
  method: 'POST',
  path: (unknownId) => `${participantPath(unknownId)}/callbacks`,
  body: (unknownId) => ({ queueId: unknownId, callbackNumbers: ['+15550100'] }),
}
const bulkProbe: Probe = {
  check: 'waiting calls of a queue',
  permission: 'analytics:queueObservation:view',
  without: 'bulk transfers are refused',
  method: 'POST',
  path: () => '/analytics/queues/observations/query',
  body: (unknownId) => ({
    filter: { type: 'and', predicates: [{ type: 'dimension', dimension: 'queueId', operator: 'matches', value: unknownId }] },
    metrics: ['oWaiting'],
  }),
}
/** Only the full `blindTransfer` permission allows numbers (docs/genesys-cloud.md rule 5). */
const numberProbe: Probe = {
  check: 'transfer to a number',
  permission: blindTransfer,
  method: 'POST',
  path: (unknownId) => `${participantPath(unknownId)}/transfer`,
  body: () => ({ transferType: 'Unattended' }),
}

function interpretAnswer({ check, permission, without }: Probe, answer: PlatformAnswer): CheckResult {
  if (answer.status === 403) {
    const missing = permission ?? answer.missingPermissions[0]
    if (missing === undefined)
      return createFailure(
        check,
        `the platform refuses it (403 ${answer.errorCode ?? 'without a code'}).`,
        'check the role and the divisions of the OAuth client.',
      )
    const remedy = `add ${missing} to the role of the OAuth client, in every division of the queues, users and conversations involved.`
    if (without !== undefined) return createWarning(check, `the permission ${missing} is missing: ${without}.`, remedy, [missing])
    return createFailure(check, `the permission ${missing} is missing.`, remedy, [missing])
  }
  if (answer.status === 401)
    return createFailure(
      check,
      'the platform does not accept the token that it has just issued.',
      'check whether the OAuth client is active.',
    )
  if (answer.status === 429) return createWarning(check, 'not checked: the rate limit is used up.', 'wait a minute and try again.')
  if (answer.status === 0 || answer.status >= 500)
    return createFailure(
      check,
      `the platform did not answer properly (${answer.status || (answer.failure ?? 'no answer')}).`,
      'try again; check the status of the region.',
    )
  return createPass(check, permission ? `the role has ${permission}.` : 'allowed.')
}

/** Checks the permission for each operation that Handoff uses. Sends at most fourteen requests, one after another. */
export async function checkPermissions(
  connection: PlatformConnection,
  { hasAllowedNumbers }: { hasAllowedNumbers: boolean },
): Promise<CheckResult[]> {
  const results: CheckResult[] = []
  for (const probe of [...probes, ...conditionProbes, callbackProbe, bulkProbe, ...(hasAllowedNumbers ? [numberProbe] : [])]) {
    const unknownId = randomUUID()
    results.push(interpretAnswer(probe, await connection.request(probe.method, probe.path(unknownId), probe.body?.(unknownId))))
  }
  return results
}
