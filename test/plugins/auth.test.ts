/** Which keys and tokens each route accepts, and what is audited when a caller is refused. */
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { test, type Test } from 'tap'
import { createApiKey, scopes, type NewApiKey, type Scope } from '../../src/auth/api-key.ts'
import { issueToken } from '../../src/auth/access-token.ts'
import type { AuditEntry } from '../../src/ledger/contract/audit.ts'
import type { Ledger } from '../../src/ledger/contract/ledger.ts'
import { openLedger } from '../../src/ledger/open.ts'
import { startSimulator } from '../../src/simulator/simulator.ts'
import { readServedDocument } from '../routes/served-document.ts'
import { sendRaw } from '../routes/raw-request.ts'
import { createInvalidTokens } from './invalid-tokens.ts'
import { operationsKey, testSettings } from '../support/settings.ts'
import { startService } from '../support/service.ts'
import { setUpIvrCall } from '../support/calls.ts'

t.setTimeout(240_000)

/** The scopes of each route, by its operation id: one of them is enough (docs/architecture.md#callers). */
const scopesByOperation: Readonly<Record<string, readonly Scope[]>> = {
  requestTransfer: ['transfers:write'],
  listTransfers: ['transfers:read'],
  getTransfer: ['transfers:read'],
  changeTransfer: ['transfers:write'],
  auditOfTransfer: ['transfers:read', 'audit:read'],
  summariseTransfers: ['transfers:read'],
  listWebhookDeliveries: ['transfers:read'],
  getWebhookDelivery: ['transfers:read'],
  redeliverWebhooks: ['webhooks:write'],
  listWebhookEndpoints: ['transfers:read', 'webhooks:write'],
  testWebhookEndpoint: ['webhooks:write'],
  redeliverWebhook: ['webhooks:write'],
  settleTransfer: ['transfers:settle'],
  requestArchitectTransfer: ['transfers:write'],
  getArchitectTransfer: ['transfers:read'],
  exportAudit: ['audit:read'],
  streamTransfers: ['transfers:read'],
  timelineOfTransfer: ['transfers:read'],
  requestBulkTransfer: ['transfers:write'],
  listBulkTransfers: ['transfers:read'],
  getBulkTransfer: ['transfers:read'],
  pauseBulkTransfer: ['transfers:write'],
  resumeBulkTransfer: ['transfers:write'],
  cancelBulkTransfer: ['transfers:write'],
}

const keys = Object.fromEntries(
  scopes.map((scope) => [scope, createApiKey({ scopes: [scope], label: scope, queues: null, now: Date.now() })]),
) as Record<Scope, NewApiKey>
const revokedKey = createApiKey({ scopes: [...scopes], label: 'revoked', queues: null, now: Date.now() })
const unknownKey = createApiKey({ scopes: [...scopes], label: 'never stored', queues: null, now: Date.now() })

const tokenSecret = String(testSettings('')['LOOP_TOKEN_SECRET'])
const basic = (user: string, password: string): string => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`

async function readAudit(ledger: Ledger): Promise<AuditEntry[]> {
  const entries: AuditEntry[] = []
  for await (const page of ledger.exportAudit({ since: 0, until: Number.MAX_SAFE_INTEGER })) entries.push(...page)
  return entries
}

/** The audit trail of a service that has stopped. */
async function readStoredAudit(settings: Record<string, string>): Promise<AuditEntry[]> {
  const ledger = await openLedger(String(settings['DATABASE_URL']), { auditKey: String(settings['AUDIT_KEY']) })
  try {
    return await readAudit(ledger)
  } finally {
    await ledger.close()
  }
}

/** The number of refused requests that these audit rows count. */
const countRefused = (rows: AuditEntry[]): number => rows.reduce((sum, { detail }) => sum + Number(detail['count']), 0)

/** Creates the id in the path, for the operations whose id is not that of a transfer. */
const createIdByOperation: Readonly<Record<string, () => string>> = {
  redeliverWebhook: () => `evt_${randomUUID()}`,
  getWebhookDelivery: () => `evt_${randomUUID()}`,
  testWebhookEndpoint: () => 'ep_0123456789ab',
}

/** What is wrong with the query of an operation whose response would never end. The key is checked before the query. */
const invalidQueryByOperation: Readonly<Record<string, string>> = { streamTransfers: '?expand=everything' }

/** The routes in the output of Fastify's `printRoutes`, as "GET /v1/transfers/{id}". */
function parseRouteTree(tree: string): string[] {
  const ancestors: string[] = []
  return tree
    .split('\n')
    .filter(Boolean)
    .flatMap((line) => {
      const [, indent = '', segment = '', methods = ''] = /^([│ ]*)[├└]── (\S*) \((.*)\)$/.exec(line) ?? []
      const depth = indent.length / 4
      ancestors.splice(depth, Infinity, segment.replace(/:(\w+)/, '{$1}'))
      return methods.split(', ').map((method) => `${method} ${ancestors.join('')}`)
    })
}

/** Starts a simulator, and creates a ledger file with a key for each scope and a revoked key. @returns settings for a service that uses both */
async function prepare(t: Test, additionalKeys: NewApiKey[] = []) {
  const folder = mkdtempSync(join(tmpdir(), 'handoff-'))
  const simulator = await startSimulator({ requestsPerMinute: 60_000 })
  t.teardown(async () => {
    await simulator.close()
    rmSync(folder, { recursive: true })
  })
  const settings: Record<string, string> = { ...testSettings(simulator.url), DATABASE_URL: `sqlite:${join(folder, 'handoff.db')}` }
  const ledger = await openLedger(`sqlite:${join(folder, 'handoff.db')}`, { auditKey: settings['AUDIT_KEY'] ?? '' })
  for (const { stored } of [...Object.values(keys), revokedKey, ...additionalKeys]) await ledger.addApiKey(stored)
  await ledger.revokeApiKey(revokedKey.stored.id)
  await ledger.close()
  return { settings, simulator }
}

test(
  'given keys with one scope each, when every route is requested, then it accepts only valid keys and tokens with the right scope',
  { timeout: 240_000 },
  async (t) => {
    const { settings } = await prepare(t)
    const firstService = await startService(t, settings)
    const { operations } = await readServedDocument(firstService.url)
    const routes = operations.filter(({ path }) => path.startsWith('/v1/'))
    const registered = parseRouteTree(firstService.app.printRoutes({ commonPrefix: false })).filter((route) => route.includes(' /v1/'))
    t.strictSame(
      registered.toSorted(),
      routes.flatMap(({ method, path }) => (method === 'GET' ? [`GET ${path}`, `HEAD ${path}`] : `${method} ${path}`)).toSorted(),
      'every route under /v1 is in the document, and each GET answers HEAD too',
    )
    for (const { path } of routes.filter(({ method }) => method === 'GET'))
      t.equal((await sendRaw(firstService.url, 'HEAD', path.replace('{id}', randomUUID()))).status, 401, `HEAD ${path} needs a key`)
    t.strictSame(
      routes.map(({ operationId }) => operationId).toSorted(),
      Object.keys(scopesByOperation).toSorted(),
      'every route under /v1 is in this table',
    )
    await firstService.stop()

    for (const { method, path, operationId } of routes) {
      await t.test(
        `given ${method} ${path}, when it is requested with every kind of credential, then wrong ones are refused and audited`,
        async (t) => {
          const service = await startService(t, settings)
          const send = (headers: Record<string, string | string[]>, query = invalidQueryByOperation[operationId] ?? '') =>
            sendRaw(service.url, method, path.replace('{id}', createIdByOperation[operationId]?.() ?? randomUUID()) + query, headers)
          const allowedScopes = scopesByOperation[operationId] ?? []
          const { text: key, stored } = keys[allowedScopes[0] as Scope]
          const token = await issueToken(stored, tokenSecret, Date.now())
          const auditedBefore = (await readAudit(service.app.ledger)).length

          const refusedCredentials: Array<[description: string, headers: Record<string, string | string[]>, query?: string]> = [
            ['no key', {}],
            ['an empty Authorization', { authorization: '' }],
            ['only a scheme', { authorization: 'Bearer' }],
            ['only a scheme and a space', { authorization: 'Bearer ' }],
            ['a key without a scheme', { authorization: key }],
            ['another scheme', { authorization: `Digest ${Buffer.from(`x:${key}`).toString('base64')}` }],
            ['Basic with another password', { authorization: basic('x', `hk_${stored.id}_${'x'.repeat(43)}`) }],
            ['Basic with only the secret', { authorization: basic(stored.id, key.split('_').slice(2).join('_')) }],
            ['Basic with the key as the user', { authorization: basic(key, '') }],
            ['Basic without a colon', { authorization: `Basic ${Buffer.from(key).toString('base64')}` }],
            ['Basic with a revoked key', { authorization: basic('', revokedKey.text) }],
            ['Basic with a token', { authorization: basic('x', token) }],
            ['Basic that is not base64', { authorization: 'Basic !!!' }],
            ...(await createInvalidTokens(stored, tokenSecret)).map(([description, invalidToken]): [string, Record<string, string>] => [
              `a token ${description}`,
              { authorization: `Bearer ${invalidToken}` },
            ]),
            ['the token of a revoked key', { authorization: `Bearer ${await issueToken(revokedKey.stored, tokenSecret, Date.now())}` }],
            ['the token of an unknown key', { authorization: `Bearer ${await issueToken(unknownKey.stored, tokenSecret, Date.now())}` }],
            ['text that is not a key', { authorization: 'Bearer letmein' }],
            ['an unsigned JWT', { authorization: 'Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJvcHMifQ.' }],
            ['a key whose id is a property of every object', { authorization: `Bearer hk_constructor_${'x'.repeat(43)}` }],
            ['an unknown key', { authorization: `Bearer ${unknownKey.text}` }],
            ['an unknown key in X-API-Key', { 'x-api-key': unknownKey.text }],
            ['a known id with another secret', { authorization: `Bearer hk_${stored.id}_${'x'.repeat(43)}` }],
            ['a key with an additional character', { authorization: `Bearer ${key}x` }],
            ['a key without its last character', { authorization: `Bearer ${key.slice(0, -1)}` }],
            ['a key in capitals', { authorization: `Bearer ${key.toUpperCase()}` }],
            ['a key followed by a word', { authorization: `Bearer ${key} please` }],
            ['two keys in one header', { authorization: `Bearer ${key}, Bearer ${key}` }],
            ['a token in X-API-Key', { 'x-api-key': token }],
            ['two X-API-Keys', { 'x-api-key': [key, key] }],
            ['an empty X-API-Key', { 'x-api-key': '' }],
            ['a bearer credential in X-API-Key', { 'x-api-key': `Bearer ${key}` }],
            ['the hash of a key', { 'x-api-key': stored.hash }],
            ['a key in the query', {}, `?api_key=${key}`],
            ['an unknown bearer key beside a valid X-API-Key', { authorization: `Bearer ${unknownKey.text}`, 'x-api-key': key }],
            ['a revoked key', { authorization: `Bearer ${revokedKey.text}` }],
            ['a revoked key in X-API-Key', { 'x-api-key': revokedKey.text }],
          ]
          for (const [description, headers, query] of refusedCredentials) {
            const response = await send(headers, query)
            t.strictSame(
              [response.status, response.body['code'], response.headers['www-authenticate']],
              [401, 'UNAUTHENTICATED', 'Bearer'],
              `${description} is refused`,
            )
          }
          const otherScopes = scopes.filter((scope) => !allowedScopes.includes(scope))
          for (const scope of otherScopes) {
            const other = keys[scope]
            const response = await send({ authorization: `Bearer ${other.text}` })
            t.strictSame([response.status, response.body['code']], [403, 'FORBIDDEN'], `a key for ${scope} is refused`)
            for (const authorization of [basic('x', other.text), `Bearer ${await issueToken(other.stored, tokenSecret, Date.now())}`])
              t.equal((await send({ authorization })).status, 403, `its token and Basic with a key for ${scope} are refused`)
          }

          const acceptedCredentials: Array<[description: string, headers: Record<string, string>]> = [
            ...allowedScopes.map((scope): [string, Record<string, string>] => [
              `a key for ${scope}`,
              { authorization: `Bearer ${keys[scope].text}` },
            ]),
            ['a key whose scheme is in lower case', { authorization: `bearer ${key}` }],
            ['a key whose scheme is in capitals', { authorization: `BEARER ${key}` }],
            ['a key after two spaces', { authorization: `Bearer  ${key}` }],
            ['a key in X-API-Key', { 'x-api-key': key }],
            ['the key in both headers', { authorization: `Bearer ${key}`, 'x-api-key': key }],
            ['a key as the password of Basic', { authorization: basic(stored.id, key) }],
            ['a key as the password of an empty user name', { authorization: basic('', key) }],
            ['a token', { authorization: `Bearer ${token}` }],
            ['a key in X-API-Key beside another scheme', { authorization: 'Basic eDp5', 'x-api-key': key }],
            ['a valid bearer key beside an unknown X-API-Key', { authorization: `Bearer ${key}`, 'x-api-key': unknownKey.text }],
          ]
          for (const [description, headers] of acceptedCredentials)
            t.notOk([401, 403, 429].includes((await send(headers)).status), `${description} is accepted`)

          await service.stop()
          const audited = (await readStoredAudit(settings)).slice(auditedBefore).filter(({ status }) => status === 'caller_refused')
          const route = path.replace('{id}', ':id')
          const [strangerRows, keyRows] = [audited.filter(({ caller }) => caller === null), audited.filter(({ caller }) => caller !== null)]
          t.ok(
            strangerRows.every(
              ({ code, detail }) => code === 'UNAUTHENTICATED' && detail['method'] === method && detail['route'] === route,
            ),
            'the audit trail has the route that callers without a valid key requested',
          )
          t.equal(countRefused(strangerRows), refusedCredentials.length, 'every request without a valid key is counted')
          t.strictSame(
            keyRows.map(({ code, caller, detail }) => ({ code, caller, ...detail })),
            otherScopes
              .flatMap((scope) => [scope, scope, scope])
              .map((scope) => ({ code: 'FORBIDDEN', caller: keys[scope].stored.id, method, route })),
            'the audit trail has one row for each request that was refused for its scope',
          )
          const secrets = [...Object.values(keys), revokedKey, unknownKey].map(({ text }) => text.split('_').slice(2).join('_'))
          const written = JSON.stringify([audited, service.logLines])
          t.notOk(written.includes(token) || written.includes(String(token.split('.')[2])), 'no token is in the audit trail or the log')
          t.notOk(
            secrets.some((secret) => written.includes(secret)),
            'no key is in the audit trail or the log',
          )
        },
      )
    }
  },
)

test('given a key for one queue, when it requests a transfer to another, then the transfer is refused, and the detail names the queue', async (t) => {
  const queueId = randomUUID()
  const queueKey = createApiKey({ scopes: ['transfers:write'], label: 'one queue', queues: [queueId], now: Date.now() })
  const {
    settings,
    simulator: { control },
  } = await prepare(t, [queueKey])
  const { otherQueueId, skillId, conversationId } = setUpIvrCall(control)
  control.addQueue({ id: queueId, name: 'Partner' })
  const service = await startService(t, settings)
  const request = (target: object, fallback: object[] = []) =>
    service.postTransfer({ conversationId, target, fallback, mode: 'dryRun' }, { authorization: `Bearer ${queueKey.text}` })

  for (const [description, target] of [
    ['a queue', { type: 'queue', queueId: otherQueueId }],
    ['a queue in capitals', { type: 'queue', queueId: otherQueueId.toUpperCase() }],
    ['the queue of a skill', { type: 'skill', skillId, queueId: otherQueueId }],
  ] as const) {
    const { status, body } = await request(target)
    t.match(
      { ...body, http: status },
      { http: 422, status: 422, code: 'TARGET_NOT_ALLOWED', stage: 'verification', retryable: false },
      description,
    )
    t.match(body['detail'], otherQueueId)
  }
  const fallback = await request({ type: 'skill', skillId, queueId }, [{ type: 'queue', queueId: otherQueueId }])
  t.match(
    { status: fallback.status, code: fallback.body.code },
    { status: 422, code: 'TARGET_NOT_ALLOWED' },
    'a fallback to another queue is refused, too',
  )
  t.equal((await request({ type: 'queue', queueId: queueId.toUpperCase() })).status, 200, 'its own queue is allowed, in upper case too')
  t.equal(
    (
      await service.postTransfer(
        { conversationId, target: { type: 'queue', queueId: otherQueueId }, mode: 'dryRun' },
        { authorization: `Bearer ${operationsKey}` },
      )
    ).status,
    200,
    'a key without queues may use every queue',
  )
})

test('given a ledger that cannot be written, when a caller without a key sends a request, then the request is refused, and the log says that the refusal was not audited', async (t) => {
  const { settings } = await prepare(t)
  const service = await startService(t, settings)
  service.app.ledger.appendAudit = () => Promise.reject(new Error('the disk is full'))
  t.equal((await sendRaw(service.url, 'GET', '/v1/transfers')).status, 401)
  t.match(
    service.logLines.find((line) => line['log.level'] === 'error'),
    { message: 'a refused caller could not be audited' },
  )
})
