/** Which reads are cached, for how long, and how concurrent reads share a request. */
import t from 'tap'
import type { CallOptions } from '../../src/genesys/client.ts'
import { createDirectory, type CachedReads } from '../../src/genesys/directory.ts'
import { GenesysError, type GenesysReason } from '../../src/genesys/http/errors.ts'
import { connectToFakePlatform, dueIn, rejection } from './support/connect.ts'
import { replyJson } from './support/fake-platform.ts'

const createError = (reason: GenesysReason) => new GenesysError({ operation: 'getRoutingSkill', reason, effect: 'none' })

/** A directory over a client that records its reads. `respond` may throw, or return a result instead of the usual one. */
function createTestDirectory(respond: (options: CallOptions, count: number) => unknown = () => undefined) {
  let now = Date.now()
  const reads: string[] = []
  const createRead = (name: string, createResult: (id: string) => unknown) => async (id: string, options: CallOptions) => {
    reads.push(`${name} ${id}`)
    return (await respond(options, reads.length)) ?? createResult(id)
  }
  const client = {
    skill: createRead('skill', (id) => ({ id, name: id, state: 'active' })),
    queue: createRead('queue', (id) => ({ id, name: id })),
    user: createRead('user', (id) => ({ id, state: 'active', routingStatus: 'IDLE', presence: 'ON_QUEUE' })),
    idleMembers: createRead('idleMembers', () => [{ userId: 'u1', skillIds: [] }]),
  } as unknown as CachedReads
  return {
    reads,
    directory: createDirectory(client, { clock: () => now }),
    advance: (ms: number) => void (now += ms),
    options: (ms = 5000): CallOptions => ({ deadline: now + ms }),
  }
}

t.test('given a cached result, then its age is known; without one there is no age', async (t) => {
  const { directory, advance, options } = createTestDirectory()
  await directory.idleMembers('a', options())
  advance(400)
  t.equal(directory.ageMs('idleMembers', 'a'), 400)
  t.equal(directory.ageMs('idleMembers', 'b'), undefined)
  t.equal(directory.ageMs('user', 'a'), undefined)
})

t.test('given repeated reads, then a definition is read once in five minutes, and availability once in a second', async (t) => {
  for (const [name, cachedMs] of [
    ['skill', 300_000],
    ['queue', 300_000],
    ['userDefinition', 300_000],
    ['user', 1000],
    ['idleMembers', 1000],
  ] as const) {
    const { reads, directory, advance, options } = createTestDirectory()
    const first = await directory[name]('a', options())
    advance(cachedMs - 1)
    t.same(await directory[name]('a', options()), first)
    t.equal(reads.length, 1, name)
    await directory[name]('b', options())
    t.equal(reads.length, 2, `${name}: another id`)
    advance(1)
    await directory[name]('a', options())
    t.equal(reads.length, 3, `${name}: after it expired`)
  }
})

t.test('given 50 concurrent reads of the same skill, then the platform receives one request', async (t) => {
  const { genesys, platform } = await connectToFakePlatform(t)
  platform.replyWith(replyJson(200, { id: 's1', name: 'Billing', state: 'active' }))
  const directory = createDirectory(genesys)
  const skills = await Promise.all(Array.from({ length: 50 }, () => directory.skill('s1', dueIn(20_000))))
  t.equal(platform.requests.length, 1)
  t.same(new Set(skills.map(({ name }) => name)), new Set(['Billing']))
})

t.test('given a read that fails with not_found, then the failure is cached for ten seconds', async (t) => {
  const { reads, directory, advance, options } = createTestDirectory(() => {
    throw createError('not_found')
  })
  for (let count = 0; count < 3; count++) t.match(await rejection(directory.skill('missing', options())), { reason: 'not_found' })
  t.equal(reads.length, 1)
  advance(10_000)
  await rejection(directory.skill('missing', options()))
  t.equal(reads.length, 2)
})

t.test('given a read that fails for any other reason, then the failure is not cached', async (t) => {
  for (const reason of ['unavailable', 'malformed', 'forbidden', 'rate_limited', 'overloaded', 'login_failed', 'expired'] as const) {
    const { reads, directory, options } = createTestDirectory((_, count) => {
      if (count === 1) throw createError(reason)
    })
    t.match(await rejection(directory.skill('s1', options())), { reason })
    t.match(await directory.skill('s1', options()), { id: 's1' })
    t.equal(reads.length, 2)
  }
})

t.test('given a shared request that fails for the deadline of its first caller, then a caller with more time reads again', async (t) => {
  const { reads, directory, options } = createTestDirectory(async (_, count) => {
    await Promise.resolve()
    if (count === 1) throw createError('rate_limited')
  })
  const [short, long] = await Promise.allSettled([directory.skill('s1', options(5)), directory.skill('s1', options(5000))])
  t.equal(short.status, 'rejected')
  t.equal(long.status, 'fulfilled')
  t.equal(reads.length, 2)
})

t.test('given a first caller that aborts, then the others still get the result of its request', async (t) => {
  const { genesys, platform } = await connectToFakePlatform(t)
  const aborting = new AbortController()
  platform.replyWith((response, request) => {
    aborting.abort()
    replyJson(200, { id: 's1', name: 'Billing', state: 'active' })(response, request)
  })
  const directory = createDirectory(genesys)
  const [aborted, other] = await Promise.allSettled([
    directory.skill('s1', dueIn(20_000, { signal: aborting.signal })),
    directory.skill('s1', dueIn(20_000)),
  ])
  t.match(aborted, { status: 'rejected', reason: { reason: 'expired' } })
  t.match(other, { status: 'fulfilled', value: { name: 'Billing' } })
  t.equal(platform.requests.length, 1)
})

t.test('given more ids than the cache holds (200 for idle members), then the oldest are dropped', async (t) => {
  const { reads, directory, options } = createTestDirectory()
  for (let index = 0; index < 201; index++) await directory.idleMembers(`q${index}`, options())
  await directory.idleMembers('q200', options())
  t.equal(reads.length, 201)
  await directory.idleMembers('q0', options())
  t.equal(reads.length, 202)
})
