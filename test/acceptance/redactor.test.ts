/** What a recording may contain: nothing of the original, and the same replacement for the same original. */
import fc from 'fast-check'
import t from 'tap'
import { createRedactor } from '../../src/acceptance/recording/redactor.ts'

/** Syllables that no field name and no replacement contains, so that a name of them can be found wherever it is left. */
const name = fc.stringMatching(/^[QWZ][qwzv]{4,8}( [QWZ][qwzv]{4,8})?$/)
const digits = fc.stringMatching(/^[2-9]\d{8,13}$/)
/** Not one that looks like a replacement. */
const uuid = fc.uuid({ version: 4 }).filter((id) => !id.startsWith('00000000-0000-4000'))

/** The ways in which a platform writes the same number. */
const writings: Array<(digits: string) => string> = [
  (number) => `tel:+${number}`,
  (number) => `+${number}`,
  (number) => number,
  (number) => `+${number.slice(0, 2)} (${number.slice(2, 5)}) ${number.slice(5)}`,
  (number) => `sip:+${number}@trunk.example;user=phone`,
]

/** A conversation with these people, numbers and ids in every place that the platform has for them. */
const createConversation = (ids: string[], people: string[], numbers: string[]): unknown => ({
  id: ids[0],
  address: numbers[0],
  participants: people.map((person, index) => ({
    id: ids[index % ids.length],
    name: person,
    purpose: 'agent',
    queueName: person,
    ani: numbers[index % numbers.length],
    address: `sip:${ids[index % ids.length]}@127.0.0.1;user=agent`,
    attributes: { [person]: person, [String(numbers[0])]: numbers[0], 'Customer Name': person, transferDepth: person },
    user: { id: ids[0], name: person, email: `${person.replaceAll(' ', '.')}@example.com`, selfUri: `/api/v2/users/${ids[0]}` },
    calls: [{ id: ids[0], self: { name: person, addressRaw: numbers[0] }, other: { addressRaw: numbers.at(-1) }, state: 'connected' }],
    callbacks: [{ callbackNumbers: numbers, callbackUserName: person, notes: `call ${person} at ${numbers[0]}` }],
    wrapup: { notes: person, code: ids[0], name: person },
  })),
  messageParams: { '0': people[0], '1': numbers[0] },
  unknownField: { [`x${ids[0]}`]: [person(people), { deep: numbers }] },
  connectUri: `wss://streaming.example/channels/${ids[0]}?token=${people[0]}`,
})
const person = (people: string[]): string => String(people[0])

const inputs = fc.record({
  ids: fc.uniqueArray(uuid, { minLength: 1, maxLength: 4 }),
  people: fc.uniqueArray(name, { minLength: 1, maxLength: 4 }),
  numbers: fc.uniqueArray(digits, { minLength: 1, maxLength: 3 }),
  writing: fc.nat(writings.length - 1),
})

t.test('given any conversation, when it is redacted, then no id, name or number of the original is left', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(inputs, ({ ids, people, numbers, writing }) => {
        const write = writings[writing] ?? String
        const redacted = JSON.stringify(createRedactor().value(createConversation(ids, people, numbers.map(write))))
        const onlyDigits = redacted.replaceAll(/[^\d"]/g, '')
        const left = [
          ...ids.filter((id) => redacted.toLowerCase().includes(id)),
          ...people.flatMap((each) => each.split(' ')).filter((word) => redacted.toLowerCase().includes(word.toLowerCase())),
          ...numbers.filter((number) => redacted.includes(number) || onlyDigits.includes(number)),
        ]
        return left.length === 0
      }),
    ),
  )
})

t.test('given the same id, number or name in several places, when they are redacted, then the replacement is the same', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(uuid, digits, name, fc.array(fc.nat(writings.length - 1), { minLength: 2, maxLength: 5 }), (id, number, person, ways) => {
        const redactor = createRedactor()
        const redactedId = redactor.id(id)
        const numbers = ways.map((way) =>
          String(redactor.value((writings[way] ?? String)(number)))
            .replace(/^(tel|sip):|@.*$/g, '')
            .replace(/@.*$/, ''),
        )
        const { a, b, address } = redactor.value({ a: { id }, b: id.toUpperCase(), address: `sip:${id}@127.0.0.1;user=acd` }) as Record<
          string,
          unknown
        >
        const names = redactor.value([{ name: person }, { queueName: person }]) as Array<Record<string, string>>
        return (
          new Set(numbers).size === 1 &&
          (a as { id: string }).id === redactedId &&
          b === redactedId &&
          address === `sip:${redactedId}@host.invalid;user=acd` &&
          redactor.path(`/conversations/${id}/participants/x`) === `/conversations/${redactedId}/participants/x` &&
          names[0]?.['name'] === names[1]?.['queueName']
        )
      }),
    ),
  )
})

t.test('given two different ids, numbers or names, when they are redacted, then their replacements differ', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(
        fc.uniqueArray(uuid, { minLength: 2, maxLength: 20 }),
        fc.uniqueArray(name, { minLength: 2, maxLength: 20 }),
        (ids, people) => {
          const redactor = createRedactor()
          const names = people.map((each) => JSON.stringify(redactor.value({ name: each })))
          return new Set(ids.map(redactor.id)).size === ids.length && new Set(names).size === people.length
        },
      ),
    ),
  )
})

t.test('given any JSON, when it is redacted, then it keeps its shape, and every string of it', async (t) => {
  const shapeOf = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(shapeOf)
    if (typeof value === 'object' && value !== null) return Object.values(value).map(shapeOf)
    return value === null ? 'null' : typeof value
  }
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const redacted = createRedactor().value(value)
        return JSON.stringify(shapeOf(redacted)) === JSON.stringify(shapeOf(value))
      }),
    ),
  )
})

t.test('given the words, times and small numbers of the platform, when they are redacted, then they stay', async (t) => {
  const value = {
    state: 'connected',
    disconnectType: 'transfer.noanswer',
    purpose: 'botflow',
    code: 'conversations.error.transfer.not.connected',
    startTime: '2026-11-29T03:00:38.871Z',
    eventTime: 1_796_000_000_000,
    alertingTimeoutMs: 8_000,
    held: false,
    endTime: null,
    missingPermissions: ['conversation:call:view'],
    attributes: { transferDepth: '', handoffSummary1: '' },
  }
  t.strictSame(createRedactor().value(value), value)
})

t.test('given a channel whose id is no UUID, when a path is redacted, then the id is replaced', async (t) => {
  const redactor = createRedactor()
  const path = redactor.path('/notifications/channels/streaming-5-abc/subscriptions?ignoreErrors=true')
  t.equal(path, `/notifications/channels/${redactor.id('streaming-5-abc')}/subscriptions?ignoreErrors=true`)
  t.equal(redactor.path('/organizations/limits/namespaces/platform.api'), '/organizations/limits/namespaces/platform.api')
})
