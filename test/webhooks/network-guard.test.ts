/** Which addresses and URLs a webhook may go to. */
import fc from 'fast-check'
import t from 'tap'
import { checkAddress, checkUrl } from '../../src/webhooks/network-guard.ts'
import { parseNetworks } from '../../src/model/formats/networks.ts'
import { metadataServices, nonPublicAddresses, notAddresses, publicAddresses } from './addresses.ts'

t.test(
  `given ${nonPublicAddresses.length} addresses that are not public and ${notAddresses.length} texts that are not addresses, then each is refused, and the reason contains no address`,
  async (t) => {
    for (const address of [...nonPublicAddresses, ...notAddresses]) {
      const check = checkAddress(address, [])
      t.match(check, { isAllowed: false, reason: /^it (is|leads) / }, address)
      if (!check.isAllowed) t.notMatch(check.reason, /\d\.|::/)
    }
  },
)

t.test(`given ${publicAddresses.length} public addresses next to the refused ones, then each is allowed`, async (t) => {
  for (const address of publicAddresses) t.same(checkAddress(address, []), { isAllowed: true }, address)
})

t.test('given any IPv4 address, then its IPv4-mapped IPv6 form has the same result', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(fc.ipV4(), (address) => checkAddress(`::ffff:${address}`, []).isAllowed === checkAddress(address, []).isAllowed),
      { numRuns: 300 },
    ),
  )
})

t.test('given an IPv6 address outside 2000::/3, then it is refused', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(fc.ipV6(), (address) => {
        const firstGroup = Number.parseInt(address.split(':')[0] || '0', 16)
        const mayBeMapped = /^(?:0*:)*:?ffff:[^:]*(:[^:]*)?$/i.test(address) || address.toLowerCase().includes('ffff')
        return mayBeMapped || (firstGroup >= 0x2000 && firstGroup <= 0x3fff) || !checkAddress(address, []).isAllowed
      }),
      { numRuns: 300 },
    ),
  )
})

t.test('given a list of allowed networks, then exactly their addresses are allowed', async (t) => {
  const allowed = parseNetworks('10.1.0.0/16, 127.0.0.2,fd12::/32 , ::1')
  for (const address of ['10.1.0.0', '10.1.255.255', '::ffff:10.1.2.3', '127.0.0.2', 'fd12::9', '::1', '0:0::1'])
    t.ok(checkAddress(address, allowed).isAllowed, address)
  for (const address of ['10.0.255.255', '10.2.0.0', '127.0.0.1', 'fd13::1', '::2', '::ffff:10.2.0.0', 'fe80::1%eth0'])
    t.notOk(checkAddress(address, allowed).isAllowed, address)
})

t.test('given a wide list of allowed networks, then a metadata service is refused until its own address is listed', async (t) => {
  for (const address of metadataServices)
    t.notOk(checkAddress(address, parseNetworks('0.0.0.0/0,::/0,169.254.0.0/16,169.254.169.252/30')).isAllowed, address)
  t.ok(checkAddress('169.254.169.254', parseNetworks('169.254.169.254')).isAllowed)
  t.ok(checkAddress('::ffff:169.254.169.254', parseNetworks('169.254.169.254/32')).isAllowed)
  t.notOk(checkAddress('169.254.170.2', parseNetworks('169.254.169.254')).isAllowed)
})

/** Spellings of this machine and of metadata services. */
const internalHosts = [
  'localhost',
  'LOCALHOST.',
  'crm.localhost',
  '127.0.0.1',
  '127.0.0.1.',
  '127.1',
  '127.0.1',
  '2130706433',
  '0x7f000001',
  '0x7f.0.0.1',
  '0x7F.1',
  '0177.0.0.1',
  '0177.0.0.01',
  '017700000001',
  '00000177.0.0.1',
  '①②⑦.⓪.⓪.①',
  '127。0。0。1',
  '%31%32%37.0.0.1',
  '0',
  '0.0.0.0',
  '0x0',
  '[::1]',
  '[::]',
  '[0:0:0:0:0:0:0:1]',
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
  '[::127.0.0.1]',
  '[64:ff9b::127.0.0.1]',
  '[2002:7f00:1::]',
  '169.254.169.254',
  '0xa9fea9fe',
  '2852039166',
  '0251.0376.0251.0376',
  '[::ffff:a9fe:a9fe]',
  '[fd00:ec2::254]',
  '168.63.129.16',
  '[fe80::1]',
]
t.test(
  `given ${internalHosts.length} spellings of internal hosts, then a URL with one is refused before any name is resolved`,
  async (t) => {
    for (const host of internalHosts)
      for (const url of [`http://${host}/hook`, `https://${host}:8443/hook?token=abc`]) t.notOk(checkUrl(url, []).isAllowed, url)
  },
)

t.test('given the name of this machine, then a URL with it is allowed if one of its addresses is', async (t) => {
  for (const allowed of ['127.0.0.1/32', '127.0.0.0/8', '::1'])
    t.ok(checkUrl('http://localhost:8080/', parseNetworks(allowed)).isAllowed, allowed)
  t.match(checkUrl('http://localhost:8080/', parseNetworks('10.0.0.0/8')), { isAllowed: false, reason: 'it leads back to this machine' })
  t.ok(checkUrl('https://localhost.example/', []).isAllowed)
})

const refusedUrls: Array<[url: string, reason: RegExp]> = [
  ['', /not a URL/],
  ['hook', /not a URL/],
  ['//crm.example/hook', /not a URL/],
  ['http://', /not a URL/],
  ['http://[::1%25lo]/', /not a URL/],
  ['http://[fe80::1%eth0]/', /not a URL/],
  ['http://256.256.256.256/', /not a URL/],
  ['http://crm.example:99999/', /not a URL/],
  ['http://a b/', /not a URL/],
  ['ftp://crm.example/', /neither https nor http/],
  ['file:///etc/passwd', /neither/],
  ['gopher://crm.example/', /neither/],
  ['javascript:alert(1)', /neither/],
  ['data:text/plain,x', /neither/],
  ['ws://crm.example/', /neither/],
  ['unix:/var/run/docker.sock', /neither/],
  ['blob:http://crm.example/', /neither/],
  ['https://user:secret@crm.example/', /user name or password/],
  ['https://user@crm.example/', /user name or password/],
  ['https://:secret@crm.example/', /user name or password/],
  ['https://crm.example@127.0.0.1/', /user name or password/],
  ['http:\\\\127.0.0.1\\hook', /this machine/],
  ['http:127.0.0.1/hook', /this machine/],
  ['HTTP://127.0.0.1', /this machine/],
  [' http://127.0.0.1 ', /this machine/],
  ['http://127.0.0.1#@crm.example/', /this machine/],
]
for (const [url, reason] of refusedUrls)
  t.test(`given the URL ${JSON.stringify(url)}, then it is refused`, async (t) => {
    t.match(checkUrl(url, []), { isAllowed: false, reason })
  })

t.test('given a URL with a host name or a public address, then it is allowed', async (t) => {
  for (const url of [
    'https://crm.example/hook?a=b',
    'http://8.8.8.8:8080/',
    'https://[2606:4700::1111]/',
    'https://xn--bcher-kva.example/',
    'https://crm.example./hook',
  ])
    t.match(checkUrl(url, []), { isAllowed: true, url: { href: url } })
  t.match(checkUrl('http://127.1:3000/hook', parseNetworks('127.0.0.1')), { isAllowed: true, url: { hostname: '127.0.0.1' } })
})
