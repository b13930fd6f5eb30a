/** How the HTTP client is kept from connecting to addresses that are not allowed. */
import { getDefaultAutoSelectFamily, setDefaultAutoSelectFamily } from 'node:net'
import type { LookupFunction } from 'node:net'
import t from 'tap'
import type { Test } from 'tap'
import { Agent, request } from 'undici'
import { RefusedAddress, createGuardedConnector } from '../../src/webhooks/guarded-connector.ts'
import { parseNetworks } from '../../src/model/formats/networks.ts'
import { respondWith, startReceiver } from './receiver.ts'

// In this file 127.0.0.2 stands for a public address, since it is on the allow list, and 127.0.0.1 for an internal one.
const publicOnly = parseNetworks('127.0.0.2')
/** Creates a resolver that answers each call with the next list of addresses, and repeats the last list. */
const resolvingTo =
  (...answers: string[][]): LookupFunction =>
  (_name, options, callback) => {
    const found = (answers.length > 1 ? answers.shift() : answers[0]) ?? []
    const addresses = found.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
    if (options.all === true) callback(null, addresses)
    else callback(null, addresses[0]?.address ?? '', addresses[0]?.family ?? 4)
  }

/** Starts a server at each of the two addresses on the same port. If the port is taken at the second address, tries another port. */
async function startPublicAndInternal(t: Test, answer: Parameters<typeof startReceiver>[1]) {
  for (;;) {
    const publicServer = await startReceiver(t, answer, '127.0.0.2')
    try {
      return { publicServer, internalServer: await startReceiver(t, respondWith('200 OK'), '127.0.0.1', publicServer.port) }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    }
  }
}

t.test(
  'given a name that resolves to a public address first and to an internal one later, then the internal server is never reached',
  async (t) => {
    const { publicServer, internalServer } = await startPublicAndInternal(t, respondWith('200 OK', 'connection: close\r\n'))
    const dispatcher = new Agent({ connect: createGuardedConnector(publicOnly, { lookup: resolvingTo(['127.0.0.2'], ['127.0.0.1']) }) })
    t.teardown(() => dispatcher.close())
    const url = `http://rebinding.test:${publicServer.port}/`
    const response = await request(url, { dispatcher })
    await response.body.dump()
    t.equal(response.statusCode, 200)
    await t.rejects(request(url, { dispatcher }), RefusedAddress)
    t.equal(publicServer.requests.length, 1)
    t.equal(internalServer.connections, 0)
  },
)

t.test('given a name with internal and public addresses, then only the public one is connected to', async (t) => {
  const { publicServer, internalServer } = await startPublicAndInternal(t, respondWith('200 OK'))
  const dispatcher = new Agent({
    connect: createGuardedConnector(publicOnly, { lookup: resolvingTo(['::1', '127.0.0.1', '127.0.0.2', '10.0.0.1']) }),
  })
  t.teardown(() => dispatcher.close())
  const response = await request(`http://both.test:${publicServer.port}/`, { dispatcher })
  await response.body.dump()
  t.same([publicServer.requests.length, internalServer.connections], [1, 0])
})

t.test('given internal hosts in many spellings, when the system resolves them, then no connection is made', async (t) => {
  const internalServer = await startReceiver(t, respondWith('200 OK'))
  const dispatcher = new Agent({ connect: createGuardedConnector([]) })
  t.teardown(() => dispatcher.close())
  for (const host of ['127.0.0.1', '127.1', '2130706433', '0x7f.1', '0', 'localhost', '[::1]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]']) {
    await t.rejects(request(`http://${host}:${internalServer.port}/`, { dispatcher }), RefusedAddress, host)
  }
  t.equal(internalServer.connections, 0)
})

t.test('given a name without an address, or a resolver that fails, then the connection fails', async (t) => {
  const withoutAddress = new Agent({ connect: createGuardedConnector([], { lookup: resolvingTo([]) }) })
  const withFailingResolver = new Agent({
    connect: createGuardedConnector([], {
      lookup: (_name, _options, callback) => {
        callback(Object.assign(new Error('not found'), { code: 'ENOTFOUND' }), [])
      },
    }),
  })
  t.teardown(() => Promise.all([withoutAddress.close(), withFailingResolver.close()]))
  await t.rejects(request('http://empty.test:9/', { dispatcher: withoutAddress }), new RefusedAddress('the name has no address'))
  await t.rejects(request('http://broken.test:9/', { dispatcher: withFailingResolver }), { code: 'ENOTFOUND' })
})

t.test(
  'given an address that stops being allowed between its lookup and the connection to it, then no request is sent to it',
  async (t) => {
    const publicServer = await startReceiver(t, respondWith('200 OK'), '127.0.0.2')
    const allowed = [...publicOnly]
    const lookupThatDisallows: LookupFunction = (name, options, callback) => {
      resolvingTo(['127.0.0.2'])(name, options, callback)
      allowed.length = 0
    }
    const dispatcher = new Agent({ connect: createGuardedConnector(allowed, { lookup: lookupThatDisallows }) })
    t.teardown(() => dispatcher.close())
    await t.rejects(request(`http://disallowed.test:${publicServer.port}/`, { dispatcher }), RefusedAddress)
    t.same(publicServer.requests, [])
  },
)

t.test('given a client that asks the resolver for one address, then it gets an allowed one', async (t) => {
  const publicServer = await startReceiver(t, respondWith('200 OK'), '127.0.0.2')
  const previousDefault = getDefaultAutoSelectFamily()
  setDefaultAutoSelectFamily(false)
  t.teardown(() => setDefaultAutoSelectFamily(previousDefault))
  const dispatcher = new Agent({ connect: createGuardedConnector(publicOnly, { lookup: resolvingTo(['127.0.0.1', '127.0.0.2']) }) })
  t.teardown(() => dispatcher.close())
  const response = await request(`http://one.test:${publicServer.port}/`, { dispatcher })
  await response.body.dump()
  t.equal(publicServer.requests.length, 1)
})
