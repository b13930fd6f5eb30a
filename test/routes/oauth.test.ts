import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { test } from 'tap'
import { makeKey } from '../../src/auth/api-key.ts'
import { openSqliteLedger } from '../../src/ledger/sqlite/sqlite-ledger.ts'
import { raw } from '../routes/raw.ts'
import { settingsFor, startService } from '../support/service.ts'
import { startSimulator } from '../../src/simulator/simulator.ts'
import { until } from '../support/until.ts'

const form = { 'content-type': 'application/x-www-form-urlencoded' }
const basic = (user: string, password: string) => ({ authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` })

test('given a key, when a token is asked for at /oauth/token', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'handoff-'))
  const simulator = await startSimulator({ requestsPerMinute: 60_000 })
  t.teardown(async () => {
    await simulator.close()
    rmSync(folder, { recursive: true })
  })
  const path = join(folder, 'handoff.db')
  const settings: Record<string, string> = { ...settingsFor(simulator.url), DATABASE_URL: `sqlite:${path}` }
  const { text, kept } = makeKey(['transfers:read'], '', null, Date.now())
  const ledger = await openSqliteLedger(path, { auditKey: String(settings['AUDIT_KEY']) })
  await ledger.addKey(kept)
  await ledger.close()
  const service = await startService(t, settings)
  const ask = (headers: Record<string, string>, body: string) => raw(service.url, 'POST', '/oauth/token', headers, body)
  const client = { client_id: kept.id, client_secret: text }
  const asked = { grant_type: 'client_credentials', ...client }
  const listed = (token: unknown) => raw(service.url, 'GET', '/v1/transfers', { authorization: `Bearer ${String(token)}` })

  await t.test('then it is given in each form, is not to be stored, and works', async (t) => {
    for (const [headers, body] of [
      [form, new URLSearchParams(asked).toString()],
      [{ 'content-type': 'application/json' }, JSON.stringify(asked)],
      [{ ...form, ...basic(kept.id, text) }, 'grant_type=client_credentials&scope=whatever'],
    ] as Array<[Record<string, string>, string]>) {
      const answer = await ask(headers, body)
      t.match(answer, { status: 200, headers: { 'cache-control': 'no-store' } })
      t.match(answer.body, { token_type: 'Bearer', expires_in: 900, scope: 'transfers:read', access_token: /^eyJ/ })
      t.equal((await listed(answer.body['access_token'])).status, 200)
    }
  })

  await t.test('then what does not fit is refused by RFC 6749 §5.2, and a client that is none is noted', async (t) => {
    const rows: Array<[string, Record<string, string>, string, number, string]> = [
      ['nothing', form, '', 401, 'invalid_client'],
      ['a wrong secret', form, new URLSearchParams({ ...asked, client_secret: `${text}x` }).toString(), 401, 'invalid_client'],
      ['another id', form, new URLSearchParams({ ...asked, client_id: 'ops' }).toString(), 401, 'invalid_client'],
      ['a wrong Basic', { ...form, ...basic(kept.id, 'letmein') }, 'grant_type=client_credentials', 401, 'invalid_client'],
      ['no grant', form, new URLSearchParams(client).toString(), 400, 'invalid_request'],
      ['another grant', form, new URLSearchParams({ ...asked, grant_type: 'password' }).toString(), 400, 'unsupported_grant_type'],
      ['a parameter twice', form, `${new URLSearchParams(asked).toString()}&client_id=x`, 400, 'invalid_request'],
      ['both methods', { ...form, ...basic(kept.id, text) }, new URLSearchParams(asked).toString(), 400, 'invalid_request'],
      ['broken JSON', { 'content-type': 'application/json' }, '{', 400, 'invalid_request'],
      ['a number', { 'content-type': 'application/json' }, '{"client_id":1}', 400, 'invalid_request'],
      ['text', { 'content-type': 'text/plain' }, 'x', 415, 'invalid_request'],
    ]
    for (const [what, headers, body, status, error] of rows) {
      const answer = await ask(headers, body)
      t.strictSame([answer.status, answer.body['error'], Object.keys(answer.body)], [status, error, ['error', 'error_description']], what)
      t.equal(answer.headers['www-authenticate'], status === 401 ? 'Basic realm="Handoff"' : undefined, what)
      t.equal(answer.headers['cache-control'], 'no-store', what)
      t.notMatch(answer.text, text.split('_').slice(2).join('_'))
    }
    const refused = () => service.lines.filter((line) => line['message'] === 'audit caller_refused').length
    await until(() => refused() >= 4, 'the lines of the refusals')
    const noted = JSON.stringify(service.lines)
    t.equal(refused(), 4, 'each client that is none')
    t.notMatch(noted, text.split('_').slice(2).join('_'))
    t.notMatch(noted, /eyJ/)
  })

  await t.test('and when the key is taken back, then the token ends within seconds', async (t) => {
    const { body } = await ask(form, new URLSearchParams(asked).toString())
    await service.app.ledger.revokeKey(kept.id)
    await until(async () => setTimeout(100).then(async () => (await listed(body['access_token'])).status === 401), 'the refusal')
    t.equal((await ask(form, new URLSearchParams(asked).toString())).status, 401)
  })

  await t.test('and strangers who keep asking are held off', async (t) => {
    const answers = []
    for (let n = 0; n < 130; n++) answers.push(await ask(form, 'grant_type=client_credentials'))
    t.match(answers.at(-1), { status: 429, body: { error: 'temporarily_unavailable' } })
    t.match(answers.at(-1)?.headers['retry-after'], /^\d+$/)
  })
})
