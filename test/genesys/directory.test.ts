import t from 'tap'
import { createDirectory } from '../../src/genesys/directory.ts'
import type { Lookups } from '../../src/genesys/directory.ts'
import type { CallOptions } from '../../src/genesys/client.ts'
import { GenesysError } from '../../src/genesys/http/errors.ts'
import type { GenesysReason } from '../../src/genesys/http/errors.ts'
import { connected, failure, inMs, json } from './platform.ts'

const START = Date.now()
const fails = (reason: GenesysReason) => new GenesysError({ operation: 'getRoutingSkill', reason, effect: 'none' })

/** A client that counts, and answers with what `answer` says. */
function counting(answer: (options: CallOptions, count: number) => unknown = () => undefined) {
  let now = START
  const asked: string[] = []
  const lookup = (what: string, otherwise: (id: string) => unknown) => async (id: string, options: CallOptions) => {
    asked.push(`${what} ${id}`)
    return (await answer(options, asked.length)) ?? otherwise(id)
  }
  const client = {
    skill: lookup('skill', (id) => ({ id, name: id, state: 'active' })),
    queue: lookup('queue', (id) => ({ id, name: id })),
    user: lookup('user', (id) => ({ id, state: 'active', routingStatus: 'IDLE', presence: 'ON_QUEUE' })),
    idleMembers: lookup('idleMembers', () => [{ userId: 'u1', skillIds: [] }]),
  } as unknown as Lookups
  return {
    asked,
    directory: createDirectory(client, { clock: () => now }),
    pass: (ms: number) => void (now += ms),
    options: (ms = 5000): CallOptions => ({ deadline: now + ms }),
  }
}

t.test('given what is remembered, it tells how old that is; of what was never asked, nothing', async (t) => {
  const { directory, pass, options } = counting()
  await directory.idleMembers('a', options())
  pass(400)
  t.equal(directory.age('idleMembers', 'a'), 400)
  t.equal(directory.age('idleMembers', 'b'), undefined)
  t.equal(directory.age('user', 'a'), undefined)
})

t.test('given a skill or a queue, it is asked for once in five minutes; availability once in a second', async (t) => {
  for (const [what, keptMs] of [
    ['skill', 300_000],
    ['queue', 300_000],
    ['user', 1000],
    ['idleMembers', 1000],
  ] as const) {
    const { asked, directory, pass, options } = counting()
    const first = await directory[what]('a', options())
    pass(keptMs - 1)
    t.same(await directory[what]('a', options()), first)
    t.equal(asked.length, 1, what)
    await directory[what]('b', options())
    t.equal(asked.length, 2, `${what}: another one`)
    pass(1)
    await directory[what]('a', options())
    t.equal(asked.length, 3, `${what}: after its time`)
  }
})

t.test('given 50 who ask at once, the platform is asked once', async (t) => {
  const { genesys, at } = await connected(t)
  at.answers(json(200, { id: 's1', name: 'Billing', state: 'active' }))
  const directory = createDirectory(genesys)
  const skills = await Promise.all(Array.from({ length: 50 }, () => directory.skill('s1', inMs(5000))))
  t.equal(at.calls.length, 1)
  t.same(new Set(skills.map(({ name }) => name)), new Set(['Billing']))
})

t.test('given "not found", it is remembered for ten seconds', async (t) => {
  const { asked, directory, pass, options } = counting(() => {
    throw fails('not_found')
  })
  for (let i = 0; i < 3; i++) t.match(await failure(directory.skill('gone', options())), { reason: 'not_found' })
  t.equal(asked.length, 1)
  pass(10_000)
  await failure(directory.skill('gone', options()))
  t.equal(asked.length, 2)
})

t.test('given any other failure, it is never remembered', async (t) => {
  for (const reason of ['unavailable', 'malformed', 'forbidden', 'rate_limited', 'overloaded', 'login_failed', 'expired'] as const) {
    const { asked, directory, options } = counting((_, count) => {
      if (count === 1) throw fails(reason)
    })
    t.match(await failure(directory.skill('s1', options())), { reason })
    t.match(await directory.skill('s1', options()), { id: 's1' })
    t.equal(asked.length, 2)
  }
})

t.test('given a first asker in a hurry, a patient second one does not fail with it', async (t) => {
  const { asked, directory, options } = counting(async (_, count) => {
    await Promise.resolve()
    if (count === 1) throw fails('rate_limited')
  })
  const [hasty, patient] = await Promise.allSettled([directory.skill('s1', options(5)), directory.skill('s1', options(5000))])
  t.equal(hasty.status, 'rejected')
  t.equal(patient.status, 'fulfilled')
  t.equal(asked.length, 2)
})

t.test('given a first asker who leaves, the others get their answer', async (t) => {
  const { genesys, at } = await connected(t)
  const leaving = new AbortController()
  at.answers((response, seen) => {
    leaving.abort()
    json(200, { id: 's1', name: 'Billing', state: 'active' })(response, seen)
  })
  const directory = createDirectory(genesys)
  const [left, stayed] = await Promise.allSettled([
    directory.skill('s1', inMs(5000, { signal: leaving.signal })),
    directory.skill('s1', inMs(5000)),
  ])
  t.match(left, { status: 'rejected', reason: { reason: 'expired' } })
  t.match(stayed, { status: 'fulfilled', value: { name: 'Billing' } })
  t.equal(at.calls.length, 1)
})

t.test('given more ids than are kept, the oldest go', async (t) => {
  const { asked, directory, options } = counting()
  for (let i = 0; i < 201; i++) await directory.idleMembers(`q${i}`, options())
  await directory.idleMembers('q200', options())
  t.equal(asked.length, 201)
  await directory.idleMembers('q0', options())
  t.equal(asked.length, 202)
})
