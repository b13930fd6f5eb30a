import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { test, type Test } from 'tap'
import { makeKey, type Scope, scopes } from '../../src/auth/api-key.ts'
import { issueToken } from '../../src/auth/access-token.ts'
import type { AuditEntry, Ledger } from '../../src/ledger/ledger.ts'
import { openSqliteLedger } from '../../src/ledger/sqlite/sqlite-ledger.ts'
import { startSimulator } from '../../src/simulator/simulator.ts'
import { servedDocument } from '../routes/document.ts'
import { raw } from '../routes/raw.ts'
import { badTokens } from './bad-tokens.ts'
import { newId, operationsKey, settingsFor, startService, usualScene } from '../support/service.ts'

t.setTimeout(90_000)

/** Who may do what: one of the scopes is enough (design §10). */
const wanted: Readonly<Record<string, readonly Scope[]>> = {
  requestTransfer: ['transfers:write'],
  listTransfers: ['transfers:read'],
  getTransfer: ['transfers:read'],
  auditOfTransfer: ['transfers:read', 'audit:read'],
  summariseTransfers: ['transfers:read'],
  listWebhookDeliveries: ['transfers:read', 'webhooks:write'],
  getWebhookDelivery: ['transfers:read', 'webhooks:write'],
  redeliverWebhooks: ['webhooks:write'],
  listWebhookEndpoints: ['transfers:read', 'webhooks:write'],
  testWebhookEndpoint: ['webhooks:write'],
  redeliverWebhook: ['webhooks:write'],
  settleTransfer: ['transfers:settle'],
  requestArchitectTransfer: ['transfers:write'],
  getArchitectTransfer: ['transfers:read'],
  exportAudit: ['audit:read'],
}

const made = Object.fromEntries(scopes.map((scope) => [scope, makeKey([scope], scope, null, Date.now())])) as Record<
  Scope,
  ReturnType<typeof makeKey>
>
const revoked = makeKey([...scopes], 'revoked', null, Date.now())
const unknown = makeKey([...scopes], 'never kept', null, Date.now())

/** LOOP_TOKEN_SECRET of the tests. */
const tokenSecret = String(settingsFor('')['LOOP_TOKEN_SECRET'])
const basic = (user: string, password: string): string => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`

async function auditOf(ledger: Ledger): Promise<AuditEntry[]> {
  const entries: AuditEntry[] = []
  for await (const page of ledger.audit({ since: 0, until: Number.MAX_SAFE_INTEGER })) entries.push(...page)
  return entries
}

/** What an id looks like where it is none of a transfer. */
const idOf: Readonly<Record<string, () => string>> = {
  redeliverWebhook: () => `evt_${newId()}`,
  getWebhookDelivery: () => `evt_${newId()}`,
  testWebhookEndpoint: () => 'ep_0123456789ab',
}

/** The routes of Fastify's own tree, as "GET /v1/transfers/{id}". */
function routesOf(tree: string): string[] {
  const above: string[] = []
  return tree
    .split('\n')
    .filter(Boolean)
    .flatMap((line) => {
      const [, indent = '', part = '', methods = ''] = /^([│ ]*)[├└]── (\S*) \((.*)\)$/.exec(line) ?? []
      const depth = indent.length / 4
      above.splice(depth, Infinity, part.replace(/:(\w+)/, '{$1}'))
      return methods.split(', ').map((method) => `${method} ${above.join('')}`)
    })
}

/** A simulator, and a ledger file with a key for each scope and one that was taken back. */
async function prepared(t: Test, more: Array<ReturnType<typeof makeKey>> = []) {
  const folder = mkdtempSync(join(tmpdir(), 'handoff-'))
  const simulator = await startSimulator({ requestsPerMinute: 60_000 })
  t.teardown(async () => {
    await simulator.close()
    rmSync(folder, { recursive: true })
  })
  const settings: Record<string, string> = { ...settingsFor(simulator.url), DATABASE_URL: `sqlite:${join(folder, 'handoff.db')}` }
  const ledger = await openSqliteLedger(join(folder, 'handoff.db'), { auditKey: settings['AUDIT_KEY'] ?? '' })
  for (const { kept } of [...Object.values(made), revoked, ...more]) await ledger.addKey(kept)
  await ledger.revokeKey(revoked.kept.id)
  await ledger.close()
  return { settings, simulator }
}

test('given keys with a scope each, when every route is asked with every kind of key', { timeout: 60_000 }, async (t) => {
  const { settings } = await prepared(t)
  const first = await startService(t, settings)
  const { operations } = await servedDocument(first.url)
  const routes = operations.filter(({ path }) => path.startsWith('/v1/'))
  const registered = routesOf(first.app.printRoutes({ commonPrefix: false })).filter((route) => route.includes(' /v1/'))
  t.strictSame(
    registered.toSorted(),
    routes.map(({ method, path }) => `${method} ${path}`).toSorted(),
    'there is no route under /v1 that the document does not know',
  )
  t.strictSame(
    routes.map(({ operationId }) => operationId).toSorted(),
    Object.keys(wanted).toSorted(),
    'every route under /v1 is in this table',
  )
  await first.stop()

  for (const { method, path, operationId } of routes) {
    await t.test(`at ${method} ${path}`, async (t) => {
      const service = await startService(t, settings)
      const ask = (headers: Record<string, string | string[]>, query = '') =>
        raw(service.url, method, path.replace('{id}', idOf[operationId]?.() ?? newId()) + query, headers)
      const allowed = wanted[operationId] ?? []
      const granted = allowed[0] as Scope
      const key = made[granted].text
      const token = await issueToken(made[granted].kept, tokenSecret, Date.now())
      const before = (await auditOf(service.app.ledger)).length

      const strangers: Array<[string, Record<string, string | string[]>, string?]> = [
        ['no key', {}],
        ['an empty Authorization', { authorization: '' }],
        ['a scheme alone', { authorization: 'Bearer' }],
        ['a scheme and a space', { authorization: 'Bearer ' }],
        ['a key without its scheme', { authorization: key }],
        ['another scheme', { authorization: `Digest ${Buffer.from(`x:${key}`).toString('base64')}` }],
        ['Basic with another password', { authorization: basic('x', `hk_${made[granted].kept.id}_${'x'.repeat(43)}`) }],
        ['Basic with the secret alone', { authorization: basic(made[granted].kept.id, key.split('_').slice(2).join('_')) }],
        ['Basic with the key as the user', { authorization: basic(key, '') }],
        ['Basic without a colon', { authorization: `Basic ${Buffer.from(key).toString('base64')}` }],
        ['Basic with a key that was taken back', { authorization: basic('', revoked.text) }],
        ['Basic with a token', { authorization: basic('x', token) }],
        ['Basic that is not base64', { authorization: 'Basic !!!' }],
        ...(await badTokens(made[granted].kept, tokenSecret)).map(([what, bad]): [string, Record<string, string>] => [
          `a token ${what}`,
          { authorization: `Bearer ${bad}` },
        ]),
        ['the token of a key that was taken back', { authorization: `Bearer ${await issueToken(revoked.kept, tokenSecret, Date.now())}` }],
        ['the token of an unknown key', { authorization: `Bearer ${await issueToken(unknown.kept, tokenSecret, Date.now())}` }],
        ['what is no key', { authorization: 'Bearer letmein' }],
        ['a JWT', { authorization: 'Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJvcHMifQ.' }],
        ['a key with the id of an object’s own', { authorization: `Bearer hk_constructor_${'x'.repeat(43)}` }],
        ['an unknown key', { authorization: `Bearer ${unknown.text}` }],
        ['an unknown key in X-API-Key', { 'x-api-key': unknown.text }],
        ['a known id with another secret', { authorization: `Bearer hk_${made[granted].kept.id}_${'x'.repeat(43)}` }],
        ['a key with one character more', { authorization: `Bearer ${key}x` }],
        ['a key with one character less', { authorization: `Bearer ${key.slice(0, -1)}` }],
        ['a key in capitals', { authorization: `Bearer ${key.toUpperCase()}` }],
        ['a key and a word', { authorization: `Bearer ${key} please` }],
        ['two keys in one header', { authorization: `Bearer ${key}, Bearer ${key}` }],
        ['a token in X-API-Key', { 'x-api-key': token }],
        ['two X-API-Keys', { 'x-api-key': [key, key] }],
        ['an empty X-API-Key', { 'x-api-key': '' }],
        ['a bearer in X-API-Key', { 'x-api-key': `Bearer ${key}` }],
        ['the hash of a key', { 'x-api-key': made[granted].kept.hash }],
        ['a key in the query', {}, `?api_key=${key}`],
        ['an unknown bearer, although X-API-Key is right', { authorization: `Bearer ${unknown.text}`, 'x-api-key': key }],
        ['a key that was taken back', { authorization: `Bearer ${revoked.text}` }],
        ['a key that was taken back, in X-API-Key', { 'x-api-key': revoked.text }],
      ]
      for (const [what, headers, query] of strangers) {
        const answer = await ask(headers, query)
        t.strictSame(
          [answer.status, answer.body['code'], answer.headers['www-authenticate']],
          [401, 'UNAUTHENTICATED', 'Bearer'],
          `${what} is not accepted`,
        )
      }
      const wrong = scopes.filter((scope) => !allowed.includes(scope))
      for (const scope of wrong) {
        const answer = await ask({ authorization: `Bearer ${made[scope].text}` })
        t.strictSame([answer.status, answer.body['code']], [403, 'FORBIDDEN'], `a key for ${scope} may not`)
        const { text, kept } = made[scope]
        for (const authorization of [basic('x', text), `Bearer ${await issueToken(kept, tokenSecret, Date.now())}`])
          t.equal((await ask({ authorization })).status, 403, `nor its token, nor Basic with it`)
      }

      const good: Array<[string, Record<string, string>]> = [
        ...allowed.map((scope): [string, Record<string, string>] => [
          `a key for ${scope}`,
          { authorization: `Bearer ${made[scope].text}` },
        ]),
        ['a key whose scheme is in lower case', { authorization: `bearer ${key}` }],
        ['a key whose scheme is in capitals', { authorization: `BEARER ${key}` }],
        ['a key after two spaces', { authorization: `Bearer  ${key}` }],
        ['a key in X-API-Key', { 'x-api-key': key }],
        ['the key in both headers', { authorization: `Bearer ${key}`, 'x-api-key': key }],
        ['a key as the password of Basic', { authorization: basic(made[granted].kept.id, key) }],
        ['a key as the password of nobody', { authorization: basic('', key) }],
        ['a token', { authorization: `Bearer ${token}` }],
        ['a key in X-API-Key beside another scheme', { authorization: 'Basic eDp5', 'x-api-key': key }],
        ['a right bearer, whatever is in X-API-Key', { authorization: `Bearer ${key}`, 'x-api-key': unknown.text }],
      ]
      for (const [what, headers] of good) t.notOk([401, 403, 429].includes((await ask(headers)).status), `${what} is accepted`)

      const noted = (await auditOf(service.app.ledger)).slice(before)
      t.strictSame(
        noted.map(({ status, code, caller, detail }) => ({ status, code, caller, ...detail })),
        [
          ...strangers.map(() => ({
            status: 'caller_refused',
            code: 'UNAUTHENTICATED',
            caller: null,
            method,
            route: path.replace('{id}', ':id'),
          })),
          ...wrong
            .flatMap((scope) => [scope, scope, scope])
            .map((scope) => ({
              status: 'caller_refused',
              code: 'FORBIDDEN',
              caller: made[scope].kept.id,
              method,
              route: path.replace('{id}', ':id'),
            })),
        ],
        'everybody who was turned away is in the audit trail, and nobody else',
      )
      const secrets = [...Object.values(made), revoked, unknown].map(({ text }) => text.split('_').slice(2).join('_'))
      const written = JSON.stringify([noted, service.lines])
      t.notOk(written.includes(token) || written.includes(String(token.split('.')[2])), 'nor a token')
      t.notOk(
        secrets.some((secret) => written.includes(secret)),
        'no key is in the audit trail or the log',
      )
      await service.stop()
    })
  }
})

test('given a key for one queue, when it asks for another, then it is refused by the queue’s name and nothing else', async (t) => {
  const queueId = newId()
  const bound = makeKey(['transfers:write'], 'one queue', [queueId], Date.now())
  const {
    settings,
    simulator: { scene },
  } = await prepared(t, [bound])
  const { otherQueueId, skillId, conversationId } = usualScene(scene)
  scene.addQueue({ id: queueId, name: 'Theirs' })
  const service = await startService(t, settings)
  const ask = (target: object, fallback: object[] = []) =>
    service.transfer({ conversationId, target, fallback, mode: 'dryRun' }, { authorization: `Bearer ${bound.text}` })

  for (const [what, target] of [
    ['a queue', { type: 'queue', queueId: otherQueueId }],
    ['a queue in capitals', { type: 'queue', queueId: otherQueueId.toUpperCase() }],
    ['a skill’s queue', { type: 'skill', skillId, queueId: otherQueueId }],
  ] as const) {
    const { status, body } = await ask(target)
    t.match(
      { ...body, http: status },
      { http: 422, status: 422, code: 'TARGET_NOT_ALLOWED', stage: 'verification', retryable: false },
      what,
    )
    t.match(body['detail'], otherQueueId)
  }
  const fallen = await ask({ type: 'skill', skillId, queueId }, [{ type: 'queue', queueId: otherQueueId }])
  t.match({ status: fallen.status, code: fallen.body.code }, { status: 422, code: 'TARGET_NOT_ALLOWED' }, 'nor as a fallback')
  t.equal((await ask({ type: 'queue', queueId: queueId.toUpperCase() })).status, 200, 'its own queue is allowed, however it is written')
  t.equal(
    (
      await service.transfer(
        { conversationId, target: { type: 'queue', queueId: otherQueueId }, mode: 'dryRun' },
        { authorization: `Bearer ${operationsKey}` },
      )
    ).status,
    200,
    'a key without queues may use all',
  )
})

test('given that refusals cannot be written down, when a stranger asks, then they are refused all the same, and the log tells', async (t) => {
  const { settings } = await prepared(t)
  const service = await startService(t, settings)
  service.app.ledger.note = () => Promise.reject(new Error('the disk is full'))
  t.equal((await raw(service.url, 'GET', '/v1/transfers')).status, 401)
  t.match(
    service.lines.find((line) => line['log.level'] === 'error'),
    { message: 'a refused caller could not be noted' },
  )
})
