/** Whether the clock, the rate limit and the notification channel are as Handoff needs them. */
import { asObject } from '../model/json-fields.ts'
import { createFailure, createPass, createWarning, type CheckResult } from './check-result.ts'
import type { PlatformConnection } from './platform-connection.ts'

/** Webhook receivers reject timestamps that are five minutes off; a few seconds do no harm. */
const clockLimitsMs = { warning: 5_000, failure: 60_000 }

/** Whether this machine's clock agrees with the platform's, from the Date header of the last answer. */
export function checkClock(connection: PlatformConnection): CheckResult {
  const leadMs = connection.measureClockLead()
  if (leadMs === undefined)
    return createWarning('clock', "the platform's answers have no Date.", 'check the clock of this machine yourself.')
  const seconds = Math.round(Math.abs(leadMs) / 1000)
  const message = `this machine's clock is ${seconds} s ${leadMs > 0 ? 'behind' : 'ahead of'} the platform's.`
  const remedy = 'synchronize the clock with a time server (NTP).'
  if (Math.abs(leadMs) >= clockLimitsMs.failure) return createFailure('clock', message, remedy)
  return Math.abs(leadMs) >= clockLimitsMs.warning
    ? createWarning('clock', message, remedy)
    : createPass('clock', 'it agrees with the platform.')
}

/** Whether the platform allows the configured number of requests a minute, and whether enough of them are left. */
export function checkRateLimit(connection: PlatformConnection, configured: number): CheckResult {
  const { count, allowed } = connection.rateLimit() ?? {}
  if (count === undefined || allowed === undefined) return createWarning('rate limit', 'the platform does not report it.', 'nothing to do.')
  if (allowed < configured)
    return createFailure(
      'rate limit',
      `the platform allows ${allowed} calls a minute, GENESYS_REQUESTS_PER_MINUTE says ${configured}.`,
      `set GENESYS_REQUESTS_PER_MINUTE=${allowed}.`,
    )
  if (count > allowed / 2)
    return createWarning('rate limit', `${count} of ${allowed} calls of this minute are used.`, 'find out what else uses this token.')
  return createPass('rate limit', `${allowed} calls a minute, ${allowed - count} of them left.`)
}

/**
 * Opens a notification channel and subscribes it to `topic`. The channel is never connected, so it lapses by itself and is the first to be
 * removed when there are too many (docs/genesys-cloud.md rule 58). Without events pickups are polled, so a failure is only a warning.
 */
export async function checkNotifications(connection: PlatformConnection, topic: string): Promise<CheckResult> {
  const check = 'notification channel'
  const remedy = 'pickups are polled instead, which costs more calls; check the permissions, or set PICKUP_EVENTS=off.'
  const channel = await connection.request('POST', '/notifications/channels')
  const id = channel.body['id']
  if (channel.status !== 200 || typeof id !== 'string') return createWarning(check, `none could be opened (${channel.status}).`, remedy)
  const path = `/notifications/channels/${encodeURIComponent(id)}/subscriptions?ignoreErrors=true`
  const { status, body } = await connection.request('POST', path, [{ id: topic }])
  const [first] = Array.isArray(body['entities']) ? (body['entities'] as unknown[]) : []
  const { state, missingPermissions } = asObject(first) ?? {}
  if (state === 'Permitted') return createPass(check, 'it can receive events about the calls of queues.')
  const missing = Array.isArray(missingPermissions)
    ? missingPermissions.map(String).filter((permission) => /^[\w:*]{3,80}$/.test(permission))
    : []
  return createWarning(check, `it cannot receive events about the calls of queues (${missing.join(', ') || status}).`, remedy)
}
