/** The keyed hash that stands for a phone number: the same for every notation of the number, and no part of the number. */
import fc from 'fast-check'
import t from 'tap'
import { numberHash } from '../../src/transfers/number-hash.ts'

const secret = 'loop token secret of the tests'
const digits = fc.stringMatching(/^[1-9][0-9]{6,14}$/)
const addressForms: ReadonlyArray<(number: string) => string> = [
  (number) => `+${number}`,
  (number) => number,
  (number) => `tel:+${number}`,
  (number) => `tel:${number}`,
  (number) => `tel:+${number};ext=5`,
  (number) => `sip:+${number}@example.com`,
  (number) => `sip:+${number}@10.1.2.3:5060;user=phone`,
  (number) => `sips:${number}@example.com`,
  (number) => `tel:+${number.slice(0, 1)}-${number.slice(1, 4)}-${number.slice(4)}`,
  (number) => `+${number.slice(0, 2)}.${number.slice(2, 5)} ${number.slice(5)}`,
  (number) => `+${number.slice(0, 2)} (${number.slice(2, 4)}) ${number.slice(4)}`,
]

t.test('given a number in any form of address, then its hash is the same', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(digits, fc.constantFrom(...addressForms), fc.constantFrom(...addressForms), (number, one, other) => {
        const hash = numberHash(one(number), secret)
        return hash !== undefined && /^[0-9a-f]{16}$/.test(hash) && hash === numberHash(other(number), secret)
      }),
    ),
  )
})

t.test('given two numbers, or two secrets, then the hashes differ', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(digits, digits, fc.constantFrom(...addressForms), fc.constantFrom(...addressForms), (number, another, one, other) => {
        fc.pre(number !== another)
        return numberHash(one(number), secret) !== numberHash(other(another), secret)
      }),
    ),
  )
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(digits, fc.string(), fc.string(), (number, one, other) => {
        fc.pre(one !== other)
        return numberHash(number, one) !== numberHash(number, other)
      }),
    ),
  )
})

t.test('given a number, then its hash contains no seven digits in a row of the number', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(digits, (number) => {
        const hash = String(numberHash(number, secret))
        return !Array.from({ length: number.length - 6 }, (_, at) => number.slice(at, at + 7)).some((part) => hash.includes(part))
      }),
      { numRuns: 1_000 },
    ),
  )
})

t.test('given an address without a phone number, then there is no hash', async (t) => {
  for (const address of [
    '',
    '+',
    'tel:',
    'sip:',
    'anonymous',
    'sip:anonymous@anonymous.invalid',
    'sip:alex@example.com',
    'tel:+49',
    '1234',
    '+1234567890123456',
    '8c2f1a54-3d6b-4f0e-9a71-5b2c8d9e0f13',
    '12345678-3d6b-4f0e-9a71-5b2c8d9e0f13',
    'sip:12345678abc@example.com',
    'mailto:+493012345678@example.com',
    'undefined',
    'null',
  ])
    t.equal(numberHash(address, secret), undefined, `"${address}"`)
  t.doesNotThrow(() => fc.assert(fc.property(fc.stringMatching(/^[^0-9]*$/), (address) => numberHash(address, secret) === undefined)))
  t.doesNotThrow(() => fc.assert(fc.property(fc.uuid(), (address) => numberHash(address, secret) === undefined)))
})
