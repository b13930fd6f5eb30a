/** Webhooks through an outbound proxy: private networks stay out of reach although the proxy makes the connection. */
import { createServer } from 'node:https'
import t, { type Test } from 'tap'
import { createProxySelector } from '../../src/outbound/proxy-selector.ts'
import { parseNetworks } from '../../src/model/formats/networks.ts'
import { createWebhookSender, type WebhookSenderOptions } from '../../src/webhooks/webhook-sender.ts'
import { listenOnLoopback } from '../genesys/support/raw-server.ts'
import { startConnectProxy, type ConnectProxy } from '../support/outbound/connect-proxy.ts'
import { loopbackCertificate, loopbackKey, trustLoopbackCertificate } from '../support/outbound/loopback-certificate.ts'
import { respondWith, startReceiver } from './receiver.ts'

trustLoopbackCertificate()

/** Creates a resolver that answers every name with these addresses. */
const resolvingTo =
  (...addresses: string[]): NonNullable<WebhookSenderOptions['lookup']> =>
  (_name, _options, callback) =>
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    )

function createSender(t: Test, proxy: Pick<ConnectProxy, 'url'>, options: Partial<WebhookSenderOptions> = {}) {
  const selectProxy = createProxySelector({ HTTPS_PROXY: proxy.url, HTTP_PROXY: proxy.url })
  const sender = createWebhookSender({ allowedNetworks: parseNetworks('127.0.0.1'), selectProxy, ...options })
  t.teardown(() => sender.close())
  return sender
}

t.test('given a host name, then the sender resolves it and asks the proxy for one allowed address after the other', async (t) => {
  const crm = await startReceiver(t, respondWith('200 OK'))
  const proxy = await startConnectProxy(t, { answer: (authority) => (authority.startsWith('127.') ? 200 : 502) })
  const lookup = resolvingTo('10.0.0.1', '2001:4860:4860::8888', '127.0.0.1')
  const url = `http://crm.test:${crm.port}/hook`
  t.match(await createSender(t, proxy, { lookup }).send(url, {}, '{}'), { outcome: 'delivered', status: 200 })
  t.same(proxy.authorities, [`[2001:4860:4860::8888]:${crm.port}`, `127.0.0.1:${crm.port}`])
  t.match(crm.requests[0]?.toLowerCase(), `host: crm.test:${crm.port}`)
})

t.test('given a URL that leads to a private network, then the webhook is refused and the proxy is not asked', async (t) => {
  const proxy = await startConnectProxy(t)
  for (const address of ['10.0.0.1', '169.254.169.254', '127.0.0.2', '::1', '::ffff:10.0.0.1'])
    t.match(await createSender(t, proxy, { lookup: resolvingTo(address) }).send('http://crm.test/hook', {}, '{}'), {
      outcome: 'refused',
      error: /^the name leads to a refused address: /,
    })
  for (const url of ['http://10.0.0.1/', 'https://[::1]/', 'http://169.254.169.254/latest/meta-data', 'http://2130706434/'])
    t.match(await createSender(t, proxy).send(url, {}, '{}'), { outcome: 'refused' }, url)
  t.same(proxy.authorities, [])
})

t.test(
  'given a TLS receiver, when the proxy connects to its address, then its certificate is still checked against its name',
  async (t) => {
    const server = createServer({ key: loopbackKey, cert: loopbackCertificate }, (_, response) => response.writeHead(204).end())
    const port = await listenOnLoopback(server)
    t.teardown(() => server.close())
    const proxy = await startConnectProxy(t)
    const sender = createSender(t, proxy, { lookup: resolvingTo('127.0.0.1') })
    t.match(await sender.send(`https://crm.test:${port}/hook`, {}, '{}'), { outcome: 'delivered', status: 204 })
    t.match(await sender.send(`https://other.test:${port}/hook`, {}, '{}'), {
      outcome: 'retry',
      error: /^the certificate of the receiver is for another host name: .* \(ERR_TLS_CERT_ALTNAME_INVALID\)$/,
      certificateCode: 'ERR_TLS_CERT_ALTNAME_INVALID',
    })
    t.same(proxy.authorities, [`127.0.0.1:${port}`, `127.0.0.1:${port}`])
  },
)

t.test('given a proxy that refuses or is down, then the outcome is retry, and the error names the proxy', async (t) => {
  const crm = await startReceiver(t, respondWith('200 OK'))
  for (const status of [403, 407, 502]) {
    const proxy = await startConnectProxy(t, { answer: () => status })
    t.match(await createSender(t, proxy).send(crm.url, {}, '{}'), { outcome: 'retry', error: `the outbound proxy answered ${status}` })
  }
  const proxy = await startConnectProxy(t)
  await proxy.stop()
  t.match(await createSender(t, proxy).send(crm.url, {}, '{}'), {
    outcome: 'retry',
    error: 'the outbound proxy cannot be reached or does not answer',
  })
  t.equal(crm.connections, 0)
})
