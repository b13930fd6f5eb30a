/** Where the platform is: the login and API addresses of a region of Genesys Cloud, or of a gateway in front of it. */

/** Every region with its domain, as the SDK lists them (PureCloudRegionHosts 262.0.0; docs/genesys-cloud.md rule 65). Tokens go to no other host. */
export const regionHosts: Readonly<Record<string, string>> = {
  us_east_1: 'mypurecloud.com',
  us_west_2: 'usw2.pure.cloud',
  us_east_2: 'use2.us-gov-pure.cloud',
  ca_central_1: 'cac1.pure.cloud',
  mx_central_1: 'mxc1.pure.cloud',
  sa_east_1: 'sae1.pure.cloud',
  eu_west_1: 'mypurecloud.ie',
  eu_west_2: 'euw2.pure.cloud',
  eu_central_1: 'mypurecloud.de',
  eu_central_2: 'euc2.pure.cloud',
  eusc_de_east_1: 'edee1.eusc-pure.cloud',
  me_central_1: 'mec1.pure.cloud',
  ap_south_1: 'aps1.pure.cloud',
  ap_southeast_1: 'apse1.pure.cloud',
  ap_southeast_2: 'mypurecloud.com.au',
  ap_northeast_1: 'mypurecloud.jp',
  ap_northeast_2: 'apne2.pure.cloud',
  ap_northeast_3: 'apne3.pure.cloud',
}

export interface Endpoints {
  /** Full URL of the token endpoint. */
  loginUrl: string
  /** Prefix of `/api/v2/…`, without a trailing slash. */
  apiUrl: string
}

/**
 * Resolves `GENESYS_ENV`, which may be a domain (`mypurecloud.ie`), a host (`api.usw2.pure.cloud`) or a region name (`eu-west-1`);
 * or `GENESYS_GATEWAY_URL`, whose path is kept. @throws Error that names the setting
 */
export function resolveEndpoints(environment: string, gatewayUrl?: string): Endpoints {
  if (gatewayUrl) {
    const gateway = normalizeGateway(gatewayUrl)
    return { loginUrl: `${gateway}/oauth/token`, apiUrl: gateway }
  }
  const name = environment
    .trim()
    .toLowerCase()
    .replace(/^https?:\/\//, '')
    .replace(/\/+$/, '')
    .replace(/^(api|login|apps)\./, '')
  const host = Object.entries(regionHosts).find(([region, known]) => known === name || region === name.replaceAll('-', '_'))?.[1]
  if (!host) throw new Error(`GENESYS_ENV: not a Genesys Cloud region (known: ${Object.values(regionHosts).join(', ')})`)
  return { loginUrl: `https://login.${host}/oauth/token`, apiUrl: `https://api.${host}` }
}

function normalizeGateway(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || !/^https?:$/.test(url.protocol)) throw new Error('GENESYS_GATEWAY_URL: must be an http or https URL')
  if (url.username || url.password || url.search || url.hash)
    throw new Error('GENESYS_GATEWAY_URL: must have no credentials, query or fragment')
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`
}
