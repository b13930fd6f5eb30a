/** How the settings of the CRM's endpoints are parsed. */
import { randomBytes } from 'node:crypto'
import t from 'tap'
import { createEndpoints, parseEndpointEvents, parseEndpointSecrets, wantsEvent } from '../../src/webhooks/endpoints.ts'

const createSecret = () => `whsec_${randomBytes(32).toString('base64')}`
const knownEvents = ['transfer.picked_up', 'transfer.failed']

t.test('given several secrets and one address, then the address gets all of them', async (t) => {
  const [secrets] = parseEndpointSecrets(`${createSecret()}, ${createSecret()}`, 1)
  t.equal(secrets?.length, 2)
})

t.test(
  'given several addresses, then each gets its group of secrets, in the same order, and a single secret is used for all of them',
  async (t) => {
    const [a, b, c] = [createSecret(), createSecret(), createSecret()]
    const decode = (text: string) => Buffer.from(text.slice('whsec_'.length), 'base64')
    t.strictSame(parseEndpointSecrets(`${a},${b};${c}`, 2), [[decode(a), decode(b)], [decode(c)]])
    t.strictSame(parseEndpointSecrets(a, 2), [[decode(a)], [decode(a)]])
  },
)

t.test('given secrets that are ambiguous, too few or too many, then they are refused, and the error contains no secret', async (t) => {
  const [a, b, c] = [createSecret(), createSecret(), createSecret()]
  for (const [text, endpointCount, message] of [
    [`${a},${b}`, 2, /several secrets for 2 addresses/],
    [`${a};${b};${c}`, 2, /3 groups of secrets, separated by semicolons, for 2 addresses/],
    [`${a};${b}`, 1, /2 groups of secrets/],
    [`${a};`, 2, /secret 1 does not start with whsec_/],
  ] as const) {
    t.throws(() => parseEndpointSecrets(text, endpointCount), { message })
    try {
      parseEndpointSecrets(text, endpointCount)
    } catch (error) {
      for (const secret of [a, b, c]) t.notOk((error as Error).message.includes(secret))
    }
  }
})

t.test('given event filters, then an endpoint wants the events that its filter names, or all events if it names none', async (t) => {
  t.strictSame(parseEndpointEvents('*', 2, knownEvents), [['*'], ['*']])
  t.strictSame(parseEndpointEvents('', 1, knownEvents), [['*']])
  t.strictSame(parseEndpointEvents('transfer.failed, transfer.picked_up;*', 2, knownEvents), [
    ['transfer.failed', 'transfer.picked_up'],
    ['*'],
  ])
  t.throws(
    () => parseEndpointEvents('transfer.exploded', 1, knownEvents),
    /"transfer.exploded" is not an event: use transfer.picked_up, transfer.failed/,
  )
  t.throws(() => parseEndpointEvents('*;*;*', 2, knownEvents), /3 groups of events/)
  const [first, second] = createEndpoints(
    ['https://a.example/x', 'https://b.example/x'],
    [],
    parseEndpointEvents('transfer.failed;*', 2, knownEvents),
  )
  t.strictSame(
    [first, second].map((endpoint) => knownEvents.map((type) => endpoint && wantsEvent(endpoint, type))),
    [
      [false, true],
      [true, true],
    ],
  )
})

t.test(
  'given several addresses, then the id of an endpoint depends only on its own address, and its origin has neither path nor query',
  async (t) => {
    const urls = ['https://a.example/hook?token=s3cr3t', 'https://b.example:8443/other/']
    const [first, second] = createEndpoints(urls, [], [])
    const [firstAgain] = createEndpoints(urls.toReversed(), [], []).toReversed()
    t.equal(first?.id, firstAgain?.id)
    t.not(first?.id, second?.id)
    t.match(first?.id, /^ep_[0-9a-f]{12}$/)
    t.strictSame([first?.origin, second?.origin], ['https://a.example', 'https://b.example:8443'])
  },
)
