import { getDefaultAutoSelectFamily, setDefaultAutoSelectFamily } from 'node:net'
import type { LookupFunction } from 'node:net'
import fc from 'fast-check'
import t from 'tap'
import type { Test } from 'tap'
import { Agent, request } from 'undici'
import { RefusedAddress, guardedConnect, judgeAddress, judgeUrl, parseNetworks } from '../../src/webhooks/network-guard.ts'
import { answering, receiver } from './receiver.ts'

const metadata = [
  '169.254.169.254',
  '169.254.170.2',
  '168.63.129.16',
  '100.100.100.200',
  '192.0.0.192',
  'fd00:ec2::254',
  'fd20:ce::254',
  '::ffff:169.254.169.254',
  '::ffff:a9fe:a9fe',
  '::ffff:168.63.129.16',
]
const inside = [
  ...metadata,
  '0.0.0.0',
  '0.1.2.3',
  '127.0.0.1',
  '127.0.0.2',
  '127.255.255.255',
  '10.0.0.0',
  '10.255.255.255',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.0.1',
  '192.168.255.255',
  '169.254.0.1',
  '169.254.255.255',
  '100.64.0.1',
  '100.127.255.255',
  '192.0.0.1',
  '192.0.0.170',
  '192.0.2.1',
  '198.51.100.7',
  '203.0.113.255',
  '198.18.0.1',
  '198.19.255.255',
  '192.31.196.1',
  '192.52.193.1',
  '192.88.99.1',
  '192.175.48.1',
  '224.0.0.1',
  '239.255.255.255',
  '240.0.0.1',
  '255.255.255.254',
  '255.255.255.255',
  '::',
  '::1',
  '0:0:0:0:0:0:0:1',
  '0000:0000:0000:0000:0000:0000:0000:0001',
  '::127.0.0.1',
  '::8.8.8.8',
  '::ffff:127.0.0.1',
  '::FFFF:127.0.0.1',
  '::ffff:7f00:1',
  '0:0:0:0:0:ffff:7f00:0001',
  '::ffff:10.0.0.1',
  '::ffff:192.168.1.1',
  '::ffff:0.0.0.0',
  '::ffff:0:127.0.0.1',
  '::ffff:0:808:808',
  '64:ff9b::1',
  '64:ff9b::127.0.0.1',
  '64:ff9b::8.8.8.8',
  '64:ff9b:1::1',
  '64:ff9b:1:ffff::a00:1',
  '2002::1',
  '2002:7f00:1::',
  '2002:808:808::1',
  '2001::1',
  '2001:0:4136:e378:8000:63bf:3fff:fdd2',
  '2001:2::1',
  '2001:10::1',
  '2001:20::1',
  '2001:1ff::1',
  '2001:db8::1',
  '2001:db8:ffff::',
  '3fff::1',
  '3fff:fff::1',
  '2620:4f:8000::1',
  '5f00::1',
  '100::1',
  '100:0:0:1::1',
  'fc00::1',
  'fd00::1',
  'fdff:ffff::1',
  'fe80::1',
  'febf::1',
  'fec0::1',
  'feff::1',
  'ff00::1',
  'ff02::1',
  'ffff::1',
  '4000::1',
  '1::1',
  '8000::1',
  'e000::1',
  'fe80::1%eth0',
  '2606:4700::1%lo',
  '::1%25lo',
]
const outside = [
  '1.1.1.1',
  '8.8.8.8',
  '9.255.255.255',
  '11.0.0.0',
  '100.63.255.255',
  '100.128.0.0',
  '126.255.255.255',
  '128.0.0.0',
  '168.63.129.15',
  '168.63.129.17',
  '169.253.255.255',
  '169.255.0.0',
  '172.15.255.255',
  '172.32.0.0',
  '192.0.1.0',
  '192.167.255.255',
  '192.169.0.0',
  '198.17.255.255',
  '198.20.0.0',
  '223.255.255.255',
  '::ffff:8.8.8.8',
  '::ffff:808:808',
  '2000::1',
  '2001:200::1',
  '2001:4860:4860::8888',
  '2003::1',
  '2606:4700:4700::1111',
  '2620:4f:7fff::1',
  '2620:4f:8001::1',
  '2a00:1450::1',
  '3ffe::1',
  '3ffe:ffff::1',
]
const none = [
  '',
  'localhost',
  '127.1',
  '2130706433',
  '0x7f.1',
  '0177.0.0.1',
  '1.2.3',
  '1.2.3.4.5',
  '256.1.1.1',
  '127.0.0.1.',
  '[::1]',
  '::g',
  ':::',
  '1.1.1.1/8',
  ' 8.8.8.8',
  '8.8.8.8\n',
  '①②⑦.⓪.⓪.①',
]

t.test(
  `given ${inside.length} addresses that are not public and ${none.length} that are none, then each is refused with a reason that does not repeat it`,
  async (t) => {
    for (const address of [...inside, ...none]) {
      const judgement = judgeAddress(address, [])
      t.match(judgement, { allowed: false, why: /^it (is|leads) / }, address)
      if (!judgement.allowed) t.notMatch(judgement.why, /\d\.|::/)
    }
  },
)

t.test(`given ${outside.length} public addresses next to the refused ones, then each is allowed`, async (t) => {
  for (const address of outside) t.same(judgeAddress(address, []), { allowed: true }, address)
})

t.test('given any address, then its mapped twin is judged the same', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(fc.ipV4(), (address) => judgeAddress(`::ffff:${address}`, []).allowed === judgeAddress(address, []).allowed),
      { numRuns: 300 },
    ),
  )
})

t.test('given an IPv6 address outside 2000::/3, then it is refused', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(fc.ipV6(), (address) => {
        const first = Number.parseInt(address.split(':')[0] || '0', 16)
        const mapped = /^(?:0*:)*:?ffff:[^:]*(:[^:]*)?$/i.test(address) || address.toLowerCase().includes('ffff')
        return mapped || (first >= 0x2000 && first <= 0x3fff) || !judgeAddress(address, []).allowed
      }),
      { numRuns: 300 },
    ),
  )
})

t.test('given an allow list, then exactly its networks open', async (t) => {
  const allowed = parseNetworks('10.1.0.0/16, 127.0.0.2,fd12::/32 , ::1')
  for (const address of ['10.1.0.0', '10.1.255.255', '::ffff:10.1.2.3', '127.0.0.2', 'fd12::9', '::1', '0:0::1'])
    t.ok(judgeAddress(address, allowed).allowed, address)
  for (const address of ['10.0.255.255', '10.2.0.0', '127.0.0.1', 'fd13::1', '::2', '::ffff:10.2.0.0', 'fe80::1%eth0'])
    t.notOk(judgeAddress(address, allowed).allowed, address)
})

t.test('given a wide allow list, then a metadata service stays closed until it is named itself', async (t) => {
  for (const address of metadata)
    t.notOk(judgeAddress(address, parseNetworks('0.0.0.0/0,::/0,169.254.0.0/16,169.254.169.252/30')).allowed, address)
  t.ok(judgeAddress('169.254.169.254', parseNetworks('169.254.169.254')).allowed)
  t.ok(judgeAddress('::ffff:169.254.169.254', parseNetworks('169.254.169.254/32')).allowed)
  t.notOk(judgeAddress('169.254.170.2', parseNetworks('169.254.169.254')).allowed)
})

t.test('networks are read, and a bad one is named', async (t) => {
  t.same(parseNetworks('  '), [])
  t.same(parseNetworks('10.0.0.0/8, ::1'), [
    { address: '10.0.0.0', prefix: 8, family: 'ipv4' },
    { address: '::1', prefix: 128, family: 'ipv6' },
  ])
  for (const entry of [
    '10.0.0.0/33',
    'fd00::/129',
    '10.0.0/8',
    'localhost',
    '10.0.0.0/',
    '10.0.0.0/x',
    '10.0.0.0/-1',
    'fe80::%lo/10',
    '010.0.0.1',
    '*',
    '::ffff:10.0.0.0/104',
  ]) {
    t.throws(() => parseNetworks(`127.0.0.1,${entry}`), { message: `"${entry}"` }, entry)
  }
  t.throws(() => parseNetworks('10.0.0.0/8,,::1'), /"" is not a network/)
})

const hostsOfThisMachine = [
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
  `given ${hostsOfThisMachine.length} spellings of inner hosts, then a URL with one is refused before anything is resolved`,
  async (t) => {
    for (const host of hostsOfThisMachine)
      for (const url of [`http://${host}/hook`, `https://${host}:8443/hook?token=abc`]) t.notOk(judgeUrl(url, []).allowed, url)
  },
)

const urls: Array<[url: string, why: RegExp]> = [
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
for (const [url, why] of urls)
  t.test(`given the URL ${JSON.stringify(url)}, then it is refused`, async (t) => {
    t.match(judgeUrl(url, []), { allowed: false, why })
  })

t.test('given a name or a public address, then the URL is allowed as far as its text tells', async (t) => {
  for (const url of [
    'https://crm.example/hook?a=b',
    'http://8.8.8.8:8080/',
    'https://[2606:4700::1111]/',
    'https://xn--bcher-kva.example/',
    'https://crm.example./hook',
  ])
    t.match(judgeUrl(url, []), { allowed: true, url: { href: url } })
  t.match(judgeUrl('http://127.1:3000/hook', parseNetworks('127.0.0.1')), { allowed: true, url: { hostname: '127.0.0.1' } })
})

// From here on 127.0.0.2 stands for a public address (the allow list opens it) and 127.0.0.1 for an inner one.
const publicOnly = parseNetworks('127.0.0.2')
const leadingTo =
  (...answers: string[][]): LookupFunction =>
  (_name, options, callback) => {
    const found = (answers.length > 1 ? answers.shift() : answers[0]) ?? []
    const addresses = found.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
    if (options.all === true) callback(null, addresses)
    else callback(null, addresses[0]?.address ?? '', addresses[0]?.family ?? 4)
  }

/** A server at each of the two addresses, on one port, which may be taken at the second although it is free at the first. */
async function outerAndInner(t: Test, answer: Parameters<typeof receiver>[1]) {
  for (;;) {
    const outer = await receiver(t, answer, '127.0.0.2')
    try {
      return { outer, inner: await receiver(t, answering('200 OK'), '127.0.0.1', outer.port) }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    }
  }
}

t.test('given a name that leads to a public address first and to an inner one later, then the inner server is never reached', async (t) => {
  const { outer, inner } = await outerAndInner(t, answering('200 OK', 'connection: close\r\n'))
  const dispatcher = new Agent({ connect: guardedConnect(publicOnly, { lookup: leadingTo(['127.0.0.2'], ['127.0.0.1']) }) })
  t.teardown(() => dispatcher.close())
  const url = `http://rebinding.test:${outer.port}/`
  const first = await request(url, { dispatcher })
  await first.body.dump()
  t.equal(first.statusCode, 200)
  await t.rejects(request(url, { dispatcher }), RefusedAddress)
  t.equal(outer.requests.length, 1)
  t.equal(inner.connections, 0)
})

t.test('given a name with inner and public addresses, then only the public one is connected to', async (t) => {
  const { outer, inner } = await outerAndInner(t, answering('200 OK'))
  const dispatcher = new Agent({
    connect: guardedConnect(publicOnly, { lookup: leadingTo(['::1', '127.0.0.1', '127.0.0.2', '10.0.0.1']) }),
  })
  t.teardown(() => dispatcher.close())
  const answer = await request(`http://both.test:${outer.port}/`, { dispatcher })
  await answer.body.dump()
  t.same([outer.requests.length, inner.connections], [1, 0])
})

t.test("given inner hosts in every spelling and the system's own resolver, then nothing is connected to", async (t) => {
  const inner = await receiver(t, answering('200 OK'))
  const dispatcher = new Agent({ connect: guardedConnect([]) })
  t.teardown(() => dispatcher.close())
  for (const host of ['127.0.0.1', '127.1', '2130706433', '0x7f.1', '0', 'localhost', '[::1]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]']) {
    await t.rejects(request(`http://${host}:${inner.port}/`, { dispatcher }), RefusedAddress, host)
  }
  t.equal(inner.connections, 0)
})

t.test('given a name without an address, or a resolver that fails, then the connection fails', async (t) => {
  const empty = new Agent({ connect: guardedConnect([], { lookup: leadingTo([]) }) })
  const broken = new Agent({
    connect: guardedConnect([], {
      lookup: (_name, _options, callback) => {
        callback(Object.assign(new Error('no'), { code: 'ENOTFOUND' }), [])
      },
    }),
  })
  t.teardown(() => Promise.all([empty.close(), broken.close()]))
  await t.rejects(request('http://empty.test:9/', { dispatcher: empty }), RefusedAddress)
  await t.rejects(request('http://broken.test:9/', { dispatcher: broken }), { code: 'ENOTFOUND' })
})

t.test('given an address that stops being allowed between its resolution and the connection, then nothing is sent to it', async (t) => {
  const outer = await receiver(t, answering('200 OK'), '127.0.0.2')
  const allowed = [...publicOnly]
  const narrowing: LookupFunction = (name, options, callback) => {
    leadingTo(['127.0.0.2'])(name, options, callback)
    allowed.length = 0
  }
  const dispatcher = new Agent({ connect: guardedConnect(allowed, { lookup: narrowing }) })
  t.teardown(() => dispatcher.close())
  await t.rejects(request(`http://narrowed.test:${outer.port}/`, { dispatcher }), RefusedAddress)
  t.same(outer.requests, [])
})

t.test('given a caller of the resolver who wants one address, then he gets an allowed one', async (t) => {
  const outer = await receiver(t, answering('200 OK'), '127.0.0.2')
  const before = getDefaultAutoSelectFamily()
  setDefaultAutoSelectFamily(false)
  t.teardown(() => setDefaultAutoSelectFamily(before))
  const dispatcher = new Agent({ connect: guardedConnect(publicOnly, { lookup: leadingTo(['127.0.0.1', '127.0.0.2']) }) })
  t.teardown(() => dispatcher.close())
  const answer = await request(`http://one.test:${outer.port}/`, { dispatcher })
  await answer.body.dump()
  t.equal(outer.requests.length, 1)
})
