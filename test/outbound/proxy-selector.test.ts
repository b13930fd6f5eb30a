/** Which targets go through the outbound proxy. */
import t from 'tap'
import { readEnvironment } from '../../src/environment.ts'
import { createProxySelector } from '../../src/outbound/proxy-selector.ts'

const secret = 'sixteen characters'
const environmentOf = (settings: Record<string, string>) =>
  readEnvironment({ GENESYS_CLIENT_ID: 'c', GENESYS_CLIENT_SECRET: secret, LOOP_TOKEN_SECRET: secret, AUDIT_KEY: secret, ...settings })
/** The host of the proxy that a URL goes through under these settings; undefined for none. */
const proxyFor = (settings: Record<string, string>, url: string) => createProxySelector(environmentOf(settings))(new URL(url))?.host

t.test(
  'given proxies for http and https, then each scheme has its own; https without one uses that of http, but not the other way round',
  async (t) => {
    const both = { HTTPS_PROXY: 'http://secure:3128', HTTP_PROXY: 'http://plain:8080' }
    t.equal(proxyFor(both, 'https://api.mypurecloud.ie/'), 'secure:3128')
    t.equal(proxyFor(both, 'http://gateway:8000/'), 'plain:8080')
    t.equal(proxyFor({ HTTP_PROXY: 'http://plain:8080' }, 'https://api.mypurecloud.ie/'), 'plain:8080')
    t.equal(proxyFor({ HTTPS_PROXY: 'http://secure:3128' }, 'http://gateway:8000/'), undefined)
    t.equal(proxyFor({}, 'https://api.mypurecloud.ie/'), undefined)
  },
)

t.test('given settings in lower case, then they take precedence unless they are blank, and an address needs no scheme', async (t) => {
  t.equal(proxyFor({ https_proxy: 'lower:3128', HTTPS_PROXY: 'upper:3128' }, 'https://x.test/'), 'lower:3128')
  t.equal(proxyFor({ http_proxy: 'lower:3128', no_proxy: 'x.test' }, 'http://x.test/'), undefined)
  t.equal(proxyFor({ https_proxy: ' ', HTTPS_PROXY: 'https://upper' }, 'https://x.test/'), 'upper')
})

/** NO_PROXY, the targets that go directly, and those that do not. */
const exceptions: Array<[noProxy: string, direct: string[], proxied: string[]]> = [
  ['*', ['http://a.test/', 'http://[::1]/'], []],
  [
    'example.com',
    ['http://example.com/', 'http://api.example.com:8080/', 'http://EXAMPLE.com./'],
    ['http://badexample.com/', 'http://example.com.evil.test/'],
  ],
  ['.example.com', ['http://example.com/', 'http://a.b.example.com/'], ['http://example.org/']],
  // Unlike `.example.com`, this does not match the name itself.
  ['*.example.com', ['http://a.example.com/'], ['http://example.com/']],
  ['Example.COM:8080', ['http://example.com:8080/'], ['http://example.com/']],
  ['example.com:80', ['http://example.com/'], ['http://example.com:8080/']],
  ['localhost, 127.0.0.1 ::1', ['http://localhost:1/', 'http://127.0.0.1:1/', 'http://[::1]:1/'], ['http://127.0.0.2/']],
  ['[::1]:8080', ['http://[::1]:8080/'], ['http://[::1]/']],
  ['10.0.0.0/8,fd00::/8', ['http://10.200.3.4/', 'http://[fd12::1]/'], ['http://11.0.0.1/', 'http://[fe80::1]/', 'http://10.test/']],
  // No network, because IPv4 has 32 bits: the entry matches nothing.
  ['10.0.0.0/99', [], ['http://10.0.0.0/']],
  // The end of an IP address is not compared, as that of a name is.
  ['1', [], ['http://127.0.0.1/']],
]
for (const [noProxy, direct, proxied] of exceptions)
  t.test(`given NO_PROXY=${noProxy}, then exactly what it names is connected to directly`, async (t) => {
    const settings = { HTTP_PROXY: 'http://proxy:3128', NO_PROXY: noProxy }
    for (const url of direct) t.equal(proxyFor(settings, url), undefined, url)
    for (const url of proxied) t.equal(proxyFor(settings, url), 'proxy:3128', url)
  })
