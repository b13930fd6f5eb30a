/** The token endpoint: which requests get a token, how the others are refused, and for how long a token works. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { test } from 'tap'
import { createApiKey } from '../../src/auth/api-key.ts'
import { openLedger } from '../../src/ledger/open.ts'
import { startSimulator } from '../../src/simulator/simulator.ts'
import { build } from '../support/build.ts'
import { testSettings } from '../support/settings.ts'
import { waitFor } from '../support/wait-for.ts'

const form = { 'content-type': 'application/x-www-form-urlencoded' }
const json = { 'content-type': 'application/json' }
const basic = (user: string, password: string) => ({ authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` })
const encodeForm = (fields: Record<string, string>): string => new URLSearchParams(fields).toString()

test('given a key, when a token is requested at /oauth/token', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'handoff-'))
  const simulator = await startSimulator({ requestsPerMinute: 60_000 })
  t.teardown(async () => {
    await simulator.close()
    rmSync(folder, { recursive: true })
  })
  const url = `sqlite:${join(folder, 'handoff.db')}`
  const settings: Record<string, string> = { ...testSettings(simulator.url), DATABASE_URL: url }
  const { text, stored } = createApiKey({ scopes: ['transfers:read'], label: '', queues: null, now: Date.now() })
  const secret = text.split('_').slice(2).join('_')
  const ledger = await openLedger(url, { auditKey: String(settings['AUDIT_KEY']) })
  await ledger.addApiKey(stored)
  await ledger.close()
  const { app, logLines } = await build(t, settings)

  async function requestToken(headers: Record<string, string>, payload: string) {
    const response = await app.inject({ method: 'POST', url: '/oauth/token', headers, payload })
    return { status: response.statusCode, headers: response.headers, text: response.body, body: response.json<Record<string, unknown>>() }
  }
  const listTransfers = async (token: unknown): Promise<number> =>
    (await app.inject({ url: '/v1/transfers', headers: { authorization: `Bearer ${String(token)}` } })).statusCode
  const client = { client_id: stored.id, client_secret: text }
  const valid = { grant_type: 'client_credentials', ...client }

  await t.test('then each valid form of the request gets a token that works, and the response must not be cached', async (t) => {
    for (const [headers, payload] of [
      [form, encodeForm(valid)],
      [json, JSON.stringify(valid)],
      [{ ...form, ...basic(stored.id, text) }, 'grant_type=client_credentials&scope=whatever'],
    ] as Array<[Record<string, string>, string]>) {
      const response = await requestToken(headers, payload)
      t.match(response, { status: 200, headers: { 'cache-control': 'no-store' } })
      t.match(response.body, { token_type: 'Bearer', expires_in: 900, scope: 'transfers:read', access_token: /^eyJ/ })
      t.equal(await listTransfers(response.body['access_token']), 200)
    }
  })

  await t.test('then an invalid request is refused with a code of RFC 6749 §5.2, and an unknown client is audited', async (t) => {
    const cases: Array<[description: string, headers: Record<string, string>, payload: string, status: number, error: string]> = [
      ['an empty form', form, '', 401, 'invalid_client'],
      ['a wrong secret', form, encodeForm({ ...valid, client_secret: `${text}x` }), 401, 'invalid_client'],
      ['another client id', form, encodeForm({ ...valid, client_id: 'ops' }), 401, 'invalid_client'],
      ['a wrong Basic password', { ...form, ...basic(stored.id, 'letmein') }, 'grant_type=client_credentials', 401, 'invalid_client'],
      ['no grant type', form, encodeForm(client), 400, 'invalid_request'],
      ['another grant type', form, encodeForm({ ...valid, grant_type: 'password' }), 400, 'unsupported_grant_type'],
      ['a parameter that appears twice', form, `${encodeForm(valid)}&client_id=x`, 400, 'invalid_request'],
      ['the client in header and body', { ...form, ...basic(stored.id, text) }, encodeForm(valid), 400, 'invalid_request'],
      ['malformed JSON', json, '{', 400, 'invalid_request'],
      ['a number', json, '{"client_id":1}', 400, 'invalid_request'],
      ['plain text', { 'content-type': 'text/plain' }, 'x', 415, 'invalid_request'],
      ['a large form', form, encodeForm({ ...valid, x: 'x'.repeat(70_000) }), 413, 'invalid_request'],
    ]
    for (const [description, headers, payload, status, error] of cases) {
      const response = await requestToken(headers, payload)
      t.strictSame(
        [response.status, response.body['error'], Object.keys(response.body)],
        [status, error, ['error', 'error_description']],
        description,
      )
      const challenge = headers['authorization'] ? 'Basic realm="Handoff"' : 'Bearer'
      t.equal(response.headers['www-authenticate'], status === 401 ? challenge : undefined, description)
      t.equal(response.headers['cache-control'], 'no-store', description)
      t.notMatch(response.text, secret)
      if (status === 413) t.equal(response.body['error_description'], 'The body is larger than 64 KiB.')
    }
    const countAudited = () => logLines.filter((line) => line['message'] === 'audit caller_refused').length
    await waitFor(() => countAudited() >= 1, 'the log line of the first refusal')
    const logged = JSON.stringify(logLines)
    t.equal(countAudited(), 1, 'the other unknown clients are counted')
    t.notMatch(logged, secret)
    t.notMatch(logged, /eyJ/, 'no token is logged')
  })

  await t.test('when a browser sends a wrong secret, then the challenge does not make it open a password dialog', async (t) => {
    const browsers: Record<string, Record<string, string>> = {
      'a page over https or on localhost': { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors' },
      'a page over plain http, which sends no Sec-Fetch headers': { origin: 'http://handoff.internal:3000', accept: '*/*' },
      'a page whose origin is hidden': { origin: 'null' },
      'Swagger UI': { 'x-requested-with': 'XMLHttpRequest', accept: 'application/json, text/plain, */*' },
      'a form': { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' },
      'an old browser': { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:60.0) Gecko/20100101 Firefox/60.0' },
    }
    for (const [name, origin] of Object.entries(browsers)) {
      const { status, headers } = await requestToken({ ...form, ...basic(stored.id, 'wrong'), ...origin }, 'grant_type=client_credentials')
      t.strictSame([status, headers['www-authenticate']], [401, 'Bearer'], name)
    }
  })

  await t.test('and the key is revoked, then the token is refused within seconds', async (t) => {
    const { body } = await requestToken(form, encodeForm(valid))
    await app.ledger.revokeApiKey(stored.id)
    await waitFor(async () => setTimeout(100).then(async () => (await listTransfers(body['access_token'])) === 401), 'the refusal')
    t.equal((await requestToken(form, encodeForm(valid))).status, 401)
  })

  await t.test('and an unknown client keeps trying, then it is refused with 429', async (t) => {
    const responses = []
    // More than `maxRefusalsPerMinute` in src/plugins/auth.ts.
    for (let attempt = 0; attempt < 130; attempt++) responses.push(await requestToken(form, 'grant_type=client_credentials'))
    t.match(responses.at(-1), { status: 429, body: { error: 'temporarily_unavailable' } })
    t.match(responses.at(-1)?.headers['retry-after'], /^\d+$/)
  })
})
