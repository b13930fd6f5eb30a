/** Every region of Genesys Cloud, as the SDK lists them (PureCloudRegionHosts 262.0.0; genesys-api §6). Tokens go to no other host. */
export const REGIONS: Readonly<Record<string, string>> = {
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

/** Where to log in (full URL), and what `/api/v2/…` is appended to (no trailing slash). */
export interface Endpoints {
  login: string
  api: string
}

/**
 * The two addresses for `GENESYS_ENV` (`mypurecloud.ie`, `api.usw2.pure.cloud` and `eu-west-1` are all understood), or for
 * `GENESYS_GATEWAY_URL`, whose path is kept. Throws a plain Error that names the setting.
 */
export function endpoints(environment: string, gatewayUrl?: string): Endpoints {
  if (gatewayUrl) {
    const gateway = gatewayOf(gatewayUrl)
    return { login: `${gateway}/oauth/token`, api: gateway }
  }
  const host = environment
    .trim()
    .toLowerCase()
    .replace(/^https?:\/\//, '')
    .replace(/\/+$/, '')
    .replace(/^(api|login|apps)\./, '')
  const region = Object.entries(REGIONS).find(([name, known]) => known === host || name === host.replaceAll('-', '_'))?.[1]
  if (!region) throw new Error(`GENESYS_ENV: not a Genesys Cloud region (known: ${Object.values(REGIONS).join(', ')})`)
  return { login: `https://login.${region}/oauth/token`, api: `https://api.${region}` }
}

function gatewayOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || !/^https?:$/.test(url.protocol)) throw new Error('GENESYS_GATEWAY_URL: must be an http or https URL')
  if (url.username || url.password || url.search || url.hash)
    throw new Error('GENESYS_GATEWAY_URL: must have no credentials, query or fragment')
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`
}
