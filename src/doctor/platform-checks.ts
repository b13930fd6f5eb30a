/** Whether the platform lets us in: region, credentials, clocks, allowance, notification channel. */
import { GenesysError } from '../genesys/http/errors.ts'
import { REGIONS } from '../genesys/auth/regions.ts'
import { bad, ok, warning, type Finding } from './finding.ts'
import { openLine, type PlatformLine, type PlatformSettings } from './platform-line.ts'

/** Webhook receivers refuse what is five minutes off; a few seconds harm nobody. */
const skewMs = { warn: 5_000, bad: 60_000 }

/** The region among `others` that accepts this client; the secret is shown to each of them. */
async function regionOf(settings: PlatformSettings, others: readonly PlatformSettings[]): Promise<PlatformSettings | undefined> {
  const tried = await Promise.all(
    others.map(async (other) => {
      const line = openLine({ ...settings, ...other })
      return line.login().then(
        () => line.close().then(() => other),
        () => line.close().then(() => undefined),
      )
    }),
  )
  return tried.find((one) => one !== undefined)
}

export const otherRegions = (settings: PlatformSettings): PlatformSettings[] =>
  Object.values(REGIONS)
    .filter((host) => !settings.environment.includes(host))
    .map((environment) => ({ ...settings, environment, gatewayUrl: undefined }))

/**
 * Logs in. A region answers the same to a client it does not know and to one with another secret, so that only asking the `others`
 * tells them apart; without any the finding names both.
 */
export async function checkLogin(line: PlatformLine, settings: PlatformSettings, others: readonly PlatformSettings[]): Promise<Finding> {
  const check = 'credentials'
  const where = settings.gatewayUrl ? 'the gateway of GENESYS_GATEWAY_URL' : `the region ${settings.environment}`
  try {
    await line.login()
    return ok(check, `${where} accepts the OAuth client.`)
  } catch (error) {
    if (!(error instanceof GenesysError)) throw error
    if (error.reason === 'rate_limited') return bad(check, `${where} holds logins off.`, 'wait a minute and ask again.')
    if (error.reason !== 'login_failed')
      return bad(
        check,
        `${where} cannot be reached or does not answer as it should: ${error.message}.`,
        'see GENESYS_ENV or GENESYS_GATEWAY_URL, name resolution, proxies and firewalls (login and api hosts, port 443).',
      )
    const home = await regionOf(settings, others)
    if (home) return bad(check, `the OAuth client is not of ${where}, but of ${home.environment}.`, `set GENESYS_ENV=${home.environment}.`)
    if (others.length > 0)
      return bad(
        check,
        'no region accepts the OAuth client: the id or the secret is wrong, or it is not for client credentials.',
        'copy GENESYS_CLIENT_ID and GENESYS_CLIENT_SECRET anew from Admin > Integrations > OAuth (grant type Client Credentials).',
      )
    return bad(
      check,
      `${where} does not accept the OAuth client: wrong id, wrong secret, or another region.`,
      'see GENESYS_CLIENT_ID, GENESYS_CLIENT_SECRET and GENESYS_ENV; "npm run doctor -- --find-region" asks the other regions, too.',
    )
  }
}

export function checkClock(line: PlatformLine): Finding {
  const ahead = line.ahead()
  if (ahead === undefined) return warning('clock', "the platform's answers carry no Date.", 'compare the clock of this machine yourself.')
  const seconds = Math.round(Math.abs(ahead) / 1000)
  const says = `this machine's clock is ${seconds} s ${ahead > 0 ? 'behind' : 'ahead of'} the platform's.`
  const cure = 'let the machine follow a time server (NTP).'
  if (Math.abs(ahead) >= skewMs.bad) return bad('clock', says, cure)
  return Math.abs(ahead) >= skewMs.warn ? warning('clock', says, cure) : ok('clock', 'it agrees with the platform.')
}

export function checkAllowance(line: PlatformLine, configured: number): Finding {
  const { count, allowed } = line.allowance() ?? {}
  if (count === undefined || allowed === undefined) return warning('rate limit', 'the platform does not tell it.', 'none is needed.')
  if (allowed < configured)
    return bad(
      'rate limit',
      `the platform allows ${allowed} calls a minute, GENESYS_REQUESTS_PER_MINUTE says ${configured}.`,
      `set GENESYS_REQUESTS_PER_MINUTE=${allowed}.`,
    )
  if (count > allowed / 2)
    return warning('rate limit', `${count} of ${allowed} calls of this minute are used.`, 'see who else uses this token.')
  return ok('rate limit', `${allowed} calls a minute, ${allowed - count} of them left.`)
}

/** Opens a channel that nobody listens to: it lapses by itself, and is the first to go when there are too many (genesys-api §4). Without events pickups are polled. */
export async function checkNotifications(line: PlatformLine, topic: string): Promise<Finding> {
  const check = 'notification channel'
  const polled = 'pickups are polled instead, which costs more calls; see the permissions, or set PICKUP_EVENTS=off.'
  const channel = await line.ask('POST', '/notifications/channels')
  const id = channel.body['id']
  if (channel.status !== 200 || typeof id !== 'string') return warning(check, `none could be opened (${channel.status}).`, polled)
  const path = `/notifications/channels/${encodeURIComponent(id)}/subscriptions?ignoreErrors=true`
  const { status, body } = await line.ask('POST', path, [{ id: topic }])
  const verdict = (Array.isArray(body['entities']) ? (body['entities'] as unknown[]) : [])[0] as
    { state?: unknown; missingPermissions?: unknown } | undefined
  if (verdict?.state === 'Permitted') return ok(check, 'calls of queues can be heard.')
  const missing = Array.isArray(verdict?.missingPermissions)
    ? verdict.missingPermissions.map(String).filter((one) => /^[\w:*]{3,80}$/.test(one))
    : []
  return warning(check, `calls of queues cannot be heard (${missing.join(', ') || status}).`, polled)
}
