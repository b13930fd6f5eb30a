import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import t from 'tap'
import { endpointsOf, eventsOf, secretsOf, wants } from '../../src/webhooks/endpoints.ts'
import { createTokenBucket } from '../../src/webhooks/pace.ts'

const secret = () => `whsec_${randomBytes(32).toString('base64')}`
const known = ['transfer.picked_up', 'transfer.failed']

t.test('given secrets of one address, then all of them are its own, the newest first', async (t) => {
  const [one] = secretsOf(`${secret()}, ${secret()}`, 1)
  t.equal(one?.length, 2)
})

t.test('given secrets of several addresses, then each has its own group, in their order; one for all is taken for all', async (t) => {
  const [a, b, c] = [secret(), secret(), secret()]
  const bytes = (text: string) => Buffer.from(text.slice('whsec_'.length), 'base64')
  t.strictSame(secretsOf(`${a},${b};${c}`, 2), [[bytes(a), bytes(b)], [bytes(c)]])
  t.strictSame(secretsOf(a, 2), [[bytes(a)], [bytes(a)]])
})

t.test('given secrets that may be meant either way, or too few or too many, then that is refused and no secret repeated', async (t) => {
  const [a, b, c] = [secret(), secret(), secret()]
  for (const [text, many, message] of [
    [`${a},${b}`, 2, /several secrets for 2 addresses/],
    [`${a};${b};${c}`, 2, /3 groups of secrets, separated by semicolons, for 2 addresses/],
    [`${a};${b}`, 1, /2 groups of secrets/],
    [`${a};`, 2, /secret 1 does not start with whsec_/],
  ] as const) {
    t.throws(() => secretsOf(text, many), { message })
    try {
      secretsOf(text, many)
    } catch (error) {
      for (const one of [a, b, c]) t.notOk((error as Error).message.includes(one))
    }
  }
})

t.test('given event filters, then an endpoint is told of what it names, and of everything where it names nothing', async (t) => {
  t.strictSame(eventsOf('*', 2, known), [['*'], ['*']])
  t.strictSame(eventsOf('', 1, known), [['*']])
  t.strictSame(eventsOf('transfer.failed, transfer.picked_up;*', 2, known), [['transfer.failed', 'transfer.picked_up'], ['*']])
  t.throws(() => eventsOf('transfer.exploded', 1, known), /"transfer.exploded" is no event: there are transfer.picked_up, transfer.failed/)
  t.throws(() => eventsOf('*;*;*', 2, known), /3 groups of events/)
  const [first, second] = endpointsOf(['https://a.example/x', 'https://b.example/x'], [], eventsOf('transfer.failed;*', 2, known))
  t.strictSame(
    [first, second].map((endpoint) => known.map((type) => endpoint && wants(endpoint, type))),
    [
      [false, true],
      [true, true],
    ],
  )
})

t.test('given addresses, then an id follows from each alone, and what is shown of it holds neither path nor query', async (t) => {
  const urls = ['https://a.example/hook?token=s3cr3t', 'https://b.example:8443/other/']
  const [first, second] = endpointsOf(urls, [], [])
  const [again] = endpointsOf(urls.toReversed(), [], []).toReversed()
  t.equal(first?.id, again?.id)
  t.not(first?.id, second?.id)
  t.match(first?.id, /^ep_[0-9a-f]{12}$/)
  t.strictSame([first?.origin, second?.origin], ['https://a.example', 'https://b.example:8443'])
})

t.test('given any moments at which a backlog asks, then no more goes than the rate and one burst allow', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(400), fc.nat(20)), { maxLength: 200 }), (asks) => {
        let now = 0
        const pace = createTokenBucket(() => now, 50)
        let spent = 0
        for (const [pause, wanted] of asks) {
          now += pause
          const many = Math.min(wanted, pace.room())
          pace.spend(many)
          spent += many
          if (spent > 10 + (now * 50) / 1000) throw new Error(`${spent} in ${now} ms`)
          now += pace.wait()
          if (pace.room() < 9) throw new Error('there is room after the wait')
        }
      }),
    ),
  )
})

t.test('given a clock that is set back, then the pace neither stops for long nor runs away', async (t) => {
  let now = 1e12
  const pace = createTokenBucket(() => now, 50)
  pace.spend(pace.room())
  now -= 3_600_000
  t.equal(pace.room(), 0)
  now += 200
  t.equal(pace.room(), 10)
})
