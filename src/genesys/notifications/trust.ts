const ONLY_SOCKETS: Readonly<Record<string, string>> = { 'https:': 'wss:', 'http:': 'ws:' }

/**
 * Whether a channel's `connectUri` may be followed. `api` is where the platform is called (`regions.ts`). In a region: `wss:` on the
 * usual port, below the region's own domain, as `streaming.mypurecloud.ie` is below that of `api.mypurecloud.ie`. Behind a gateway: the
 * gateway's own host and port, and in the clear only where the gateway is. Nothing else: an answer must not lead a client elsewhere.
 */
export function isTrustedConnectUri(connectUri: string, api: string, isGateway: boolean): boolean {
  if (!URL.canParse(connectUri)) return false
  const { protocol, host, hostname, port, username, password, hash } = new URL(connectUri)
  if (username || password || hash) return false
  const own = new URL(api)
  if (protocol !== ONLY_SOCKETS[own.protocol]) return false
  if (isGateway) return host === own.host
  return port === '' && hostname.endsWith(own.hostname.replace(/^api\./, '.'))
}
