/** Whether the client may connect to the address that the platform gives for a channel. */

const socketProtocols: Readonly<Record<string, string>> = { 'https:': 'wss:', 'http:': 'ws:' }

/**
 * A response must not lead the client to another host. In a region, `connectUri` must be `wss:` on the default port, at a host of the
 * region's own domain: `streaming.mypurecloud.ie` for `api.mypurecloud.ie`. Behind a gateway it must have the gateway's host and
 * port, and may be unencrypted only if the gateway is.
 * @param apiUrl the address of the API (`regions.ts`), which is that of the gateway if `isGateway`
 */
export function isTrustedConnectUri(connectUri: string, { apiUrl, isGateway }: { apiUrl: string; isGateway: boolean }): boolean {
  if (!URL.canParse(connectUri)) return false
  const { protocol, host, hostname, port, username, password, hash } = new URL(connectUri)
  if (username || password || hash) return false
  const api = new URL(apiUrl)
  if (protocol !== socketProtocols[api.protocol]) return false
  if (isGateway) return host === api.host
  return port === '' && hostname.endsWith(api.hostname.replace(/^api\./, '.'))
}
