/** How a proxy is asked for a connection to a target: with CONNECT (RFC 9110 §9.3.6). */
import { request as requestByHttps } from 'node:https'
import { isIP, type Socket } from 'node:net'
import { toBareHost } from './proxy-selector.ts'

// Not by `import`: that reads every export of the module, among them some that load Node's own copy of undici, 9 MB.
const { request: requestByHttp } = process.getBuiltinModule('node:http')

/**
 * The proxy opened no connection, so the target has received nothing. `code` is PROXY_ followed by the proxy's status or the code of the
 * failure, such as PROXY_407 or PROXY_ECONNREFUSED. The message contains no address.
 */
export class ProxyError extends Error {
  override name = 'ProxyError'
  readonly code: string
  constructor(cause: string) {
    super(/^\d+$/.test(cause) ? `the outbound proxy answered ${cause}` : 'the outbound proxy cannot be reached or does not answer')
    this.code = `PROXY_${cause}`
  }
}

/**
 * Opens a connection through `proxy`. A user name and password in its URL are sent to it as Basic credentials.
 * @param authority the host and port that the proxy is asked to connect to
 * @throws ProxyError, after `timeoutMs` at the latest
 */
export function openTunnel(proxy: URL, authority: string, timeoutMs: number): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>()
  const host = toBareHost(proxy.hostname)
  const request = proxy.protocol === 'https:' ? requestByHttps : requestByHttp
  const connectRequest = request({
    host,
    port: proxy.port || undefined,
    method: 'CONNECT',
    path: authority,
    headers: { host: authority, ...createAuthorization(proxy) },
    agent: false,
    // By default Node would take the server name from the Host header, which names the target and not the proxy.
    servername: isIP(host) === 0 ? host : '',
  })
  const fail = (cause: string): void => {
    clearTimeout(timer)
    connectRequest.destroy()
    reject(new ProxyError(cause))
  }
  const timer = setTimeout(fail, timeoutMs, 'TIMEOUT')
  connectRequest
    .on('error', (error: NodeJS.ErrnoException) => fail(error.code ?? error.name))
    // Node emits this event for every answer to a CONNECT, whatever its status.
    .once('connect', ({ statusCode = 0 }, socket: Socket, head) => {
      socket.on('error', () => {})
      if (statusCode < 200 || statusCode > 299) {
        socket.destroy()
        return fail(String(statusCode))
      }
      clearTimeout(timer)
      if (head.length > 0) socket.unshift(head)
      resolve(socket)
    })
    .end()
  return promise
}

function createAuthorization({ username, password }: URL): { 'proxy-authorization'?: string } {
  if (username === '' && password === '') return {}
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return { 'proxy-authorization': `Basic ${Buffer.from(credentials).toString('base64')}` }
}
