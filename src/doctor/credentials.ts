/** Whether the platform accepts the OAuth client and, if it does not, whether another region does. */
import { GenesysError } from '../genesys/http/errors.ts'
import { regionHosts } from '../genesys/auth/regions.ts'
import { createFailure, createPass, type CheckResult } from './check-result.ts'
import { createPlatformConnection, type PlatformConnection, type PlatformSettings } from './platform-connection.ts'

/** Returns the settings for each of the other regions. */
export const listOtherRegions = (settings: PlatformSettings): PlatformSettings[] =>
  Object.values(regionHosts)
    .filter((host) => !settings.environment.includes(host))
    .map((environment) => ({ ...settings, environment, gatewayUrl: undefined }))

/** Logs in at each region, which sends the client's secret there. @returns the region that accepts the client; undefined if none does */
async function findAcceptingRegion(regions: readonly PlatformSettings[]): Promise<PlatformSettings | undefined> {
  const accepting = await Promise.all(
    regions.map(async (region) => {
      const connection = createPlatformConnection(region)
      try {
        await connection.login()
        return region
      } catch {
        return undefined
      } finally {
        await connection.close()
      }
    }),
  )
  return accepting.find((region) => region !== undefined)
}

/**
 * Logs in. A region gives the same answer for an unknown client and for a wrong secret. Only a login at `otherRegions` can distinguish the
 * two; without other regions the result names both causes.
 */
export async function checkCredentials(
  connection: PlatformConnection,
  settings: PlatformSettings,
  otherRegions: readonly PlatformSettings[],
): Promise<CheckResult> {
  const check = 'credentials'
  const platform = settings.gatewayUrl ? 'the gateway of GENESYS_GATEWAY_URL' : `the region ${settings.environment}`
  try {
    await connection.login()
    return createPass(check, `${platform} accepts the OAuth client.`)
  } catch (error) {
    if (!(error instanceof GenesysError)) throw error
    if (error.reason === 'rate_limited') return createFailure(check, `${platform} limits logins.`, 'wait a minute and try again.')
    if (error.certificateCode)
      return createFailure(
        check,
        `${error.message}.`,
        'do what the message says; "openssl s_client -connect host:443" shows the certificate.',
      )
    if (error.reason !== 'login_failed')
      return createFailure(
        check,
        `${platform} cannot be reached or does not answer properly: ${error.message}.`,
        'check GENESYS_ENV or GENESYS_GATEWAY_URL, DNS, proxies and firewalls (login and api hosts, port 443).',
      )
    const region = await findAcceptingRegion(otherRegions)
    if (region)
      return createFailure(
        check,
        `the OAuth client does not belong to ${platform} but to ${region.environment}.`,
        `set GENESYS_ENV=${region.environment}.`,
      )
    if (otherRegions.length > 0)
      return createFailure(
        check,
        'no region accepts the OAuth client: the id or the secret is wrong, or its grant type is not Client Credentials.',
        'copy GENESYS_CLIENT_ID and GENESYS_CLIENT_SECRET again from Admin > Integrations > OAuth (grant type Client Credentials).',
      )
    return createFailure(
      check,
      `${platform} does not accept the OAuth client: wrong id, wrong secret, or another region.`,
      'check GENESYS_CLIENT_ID, GENESYS_CLIENT_SECRET and GENESYS_ENV; "npm run doctor -- --find-region" tries the other regions.',
    )
  }
}
