/** How a proxy is asked for a connection to a target: with CONNECT (RFC 9110 §9.3.6). */
import { request as requestByHttp } from 'node:http'
import { request as requestByHttps } from 'node:https'
import { isIP, type Socket } from 'node:net'
import { bareHost } from './proxy-selector.ts'

/**
 * The proxy opened no connection, so the target has received nothing. `code` is PROXY_ and the status that the proxy answered or the
 * code of the failure, such as PROXY_407 or PROXY_ECONNREFUSED. The message contains no address.
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
 * Opens a connection through `proxy`, whose user name and password, if any, are sent to it as Basic credentials.
 * `authority`: the host and port that the proxy is asked for.
 * @throws ProxyError, after `timeoutMs` at the latest
 */
export function openTunnel(proxy: URL, authority: string, timeoutMs: number): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>()
  const host = bareHost(proxy.hostname)
  const request = proxy.protocol === 'https:' ? requestByHttps : requestByHttp
  const connecting = request({
    host,
    port: proxy.port || undefined,
    method: 'CONNECT',
    path: authority,
    headers: { host: authority, ...proxyAuthorization(proxy) },
    agent: false,
    // Else it would be taken from the Host header, which names the target.
    servername: isIP(host) === 0 ? host : '',
  })
  const fail = (cause: string): void => {
    clearTimeout(timer)
    connecting.destroy()
    reject(new ProxyError(cause))
  }
  const timer = setTimeout(fail, timeoutMs, 'TIMEOUT')
  connecting
    .on('error', (error: NodeJS.ErrnoException) => fail(error.code ?? error.name))
    // Whatever is answered to a CONNECT arrives as this event.
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

function proxyAuthorization({ username, password }: URL): { 'proxy-authorization'?: string } {
  if (username === '' && password === '') return {}
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return { 'proxy-authorization': `Basic ${Buffer.from(credentials).toString('base64')}` }
}
