/** What a 429 pauses, by the limit that its body names. */
import fc from 'fast-check'
import t from 'tap'
import { readErrorBody } from '../../../../src/genesys/http/error-body.ts'
import { families, familyOf } from '../../../../src/genesys/http/rate-limit/families.ts'
import { limitScopeOf } from '../../../../src/genesys/http/rate-limit/limit-scope.ts'

const scopeOfBody = (body: unknown) => limitScopeOf(readErrorBody(typeof body === 'string' ? body : JSON.stringify(body)).limitKey)

t.test('given a 429 whose body names a token limit or none, then it is about the token', async (t) => {
  for (const body of [
    '',
    '<html>429</html>',
    { code: 'too.many.requests' },
    { code: 'too.many.requests', limit: null },
    { code: 'too.many.requests', limit: {} },
    { code: 'too.many.requests', limit: { key: '', namespace: 'routing' } },
    { code: 'too.many.requests', limit: { key: 7 } },
    { code: 'too.many.requests', limit: { key: 'client.credentials.token.rate.per.minute', namespace: 'platform.api', value: 300 } },
    { code: 'too.many.requests', limit: { key: 'implicit.token.rate.per.minute' } },
  ])
    t.equal(scopeOfBody(body), 'token', JSON.stringify(body))
})

t.test('given a 429 whose body names any other limit, then it is about the family of the operation', async (t) => {
  const segment = fc.stringMatching(/^[a-z]{1,12}$/).filter((text) => text !== 'token')
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(fc.array(segment, { minLength: 1, maxLength: 6 }), (segments) => {
        return scopeOfBody({ code: 'too.many.requests', limit: { key: segments.join('.'), value: 60 } }) === 'family'
      }),
    ),
  )
  t.equal(scopeOfBody({ limit: { key: 'tokens.per.minute' } }), 'family', 'only a whole word counts')
})

t.test('given any operation, then it is in exactly one family, and no family holds both a command and a read', async (t) => {
  const commands = ['replaceWithQueue', 'replaceWithAgent', 'transferToNumber', 'setRouting', 'setAttributes']
  const reads = ['getConversation', 'getRoutingQueue', 'getRoutingQueueMembers', 'getRoutingSkill', 'getUser']
  const familiesOfReads = new Set(reads.map(familyOf))
  for (const command of commands) t.notOk(familiesOfReads.has(familyOf(command)), command)
  t.equal(familyOf('anything else'), 'other')
  t.ok([...commands, ...reads].every((operation) => families.includes(familyOf(operation)) && familyOf(operation) !== 'other'))
})
