import { request } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { test } from 'tap'
import { auditNote } from '../../src/ledger/audit/draft.ts'
import { StoreUnavailable, type AuditDraft, type AuditEntry } from '../../src/ledger/ledger.ts'
import { newId, operationsKey, startWorld, type World } from '../support/service.ts'
import { until } from '../support/until.ts'

const draft = (at: number): AuditDraft => auditNote(`row_${at}`, { conversationId: newId() })
const entry = (seq: number, padding: string): AuditEntry =>
  ({ ...draft(seq), seq, timestamp: '2026-03-01T00:00:00.000Z', node: 'n', hash: 'h', detail: { padding } }) as unknown as AuditEntry

/** The export as a stream that is read only as fast as the test wants. */
const exported = (world: World): Promise<IncomingMessage> =>
  new Promise((answered, failed) => {
    request(`${world.url}/v1/audit`, { headers: { authorization: `Bearer ${operationsKey}` }, agent: false }, answered)
      .on('error', failed)
      .end()
  })

test('given an audit trail', async (t) => {
  const world = await startWorld(t)
  const { ledger } = world.app
  const ownAudit = ledger.audit

  await t.test(
    'when it is exported, then it comes as a JSON object a line, all of it, in order, or the part that was asked for',
    async (t) => {
      const empty = await world.ask<string>('GET', '/v1/audit?until=2020-01-01T00:00:00Z')
      t.strictSame(
        [empty.status, empty.body, empty.headers.get('content-type')],
        [200, '', 'application/x-ndjson; charset=utf-8'],
        'nothing where there was nothing',
      )
      const many = 2_300
      await Promise.all(Array.from({ length: many }, (_, at) => ledger.note(draft(at))))
      const { body } = await world.ask<string>('GET', '/v1/audit')
      t.ok(body.endsWith('}\n'))
      const entries = body
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as AuditEntry)
      t.strictSame(
        entries.filter(({ status }) => status.startsWith('row_')).map(({ status }) => status),
        Array.from({ length: many }, (_, at) => `row_${at}`),
      )
      t.strictSame(
        entries.map(({ seq }) => seq),
        entries.map(({ seq }) => seq).toSorted((a, b) => a - b),
      )
      const [from, to] = [entries[0], entries.at(-1)].map((one) => one?.timestamp ?? '')
      t.equal((await world.ask<string>('GET', `/v1/audit?since=${from}`)).body, body, 'since is inclusive')
      t.notMatch((await world.ask<string>('GET', `/v1/audit?until=${to}`)).body, `"timestamp":"${to}"`, 'until is exclusive')
      t.equal((await world.ask<string>('GET', '/v1/audit?since=2026-01-01T00:00:00%2B02:00')).status, 200, 'offsets are understood')
    },
  )

  await t.test('when it is longer than memory, then no more is read than the client takes', async (t) => {
    const pages = 600
    const padding = 'x'.repeat(100_000)
    let read = 0
    ledger.audit = async function* endless() {
      for (; read < pages; read++) yield [entry(read, padding)]
    }
    t.teardown(() => (ledger.audit = ownAudit))
    const stream = await exported(world)
    let [bytes, lead, lines] = [0, 0, 0]
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      bytes += chunk.length
      for (let at = chunk.indexOf('\n'); at >= 0; at = chunk.indexOf('\n', at + 1)) lines += 1
      lead = Math.max(lead, read * padding.length - bytes)
    }
    t.equal(lines, pages, 'every line came')
    t.ok(lead < 20_000_000, `at most ${Math.round(lead / 1e6)} MB of ${(pages * padding.length) / 1e6} were on the way`)
  })

  await t.test('when the client goes away, then reading ends, and nobody calls it an error', async (t) => {
    let ended = false
    ledger.audit = async function* endless() {
      try {
        for (let at = 0; ; at++) yield [entry(at, 'x'.repeat(100_000))]
      } finally {
        ended = true
      }
    }
    t.teardown(() => (ledger.audit = ownAudit))
    const logged = world.lines.length
    const stream = await exported(world)
    await new Promise((came) => stream.once('data', came))
    stream.on('error', () => {})
    stream.destroy()
    await until(() => ended, 'the end of reading')
    await until(
      () =>
        world.lines
          .slice(logged)
          .some((line) => line['message'] === 'request abandoned by the caller' && line['http.response.status_code'] === null),
      'the line of the request',
    )
    t.strictSame(
      world.lines.slice(logged).filter((line) => line['log.level'] !== 'info'),
      [],
    )
    t.equal((await world.ask('GET', '/health')).status, 200)
  })

  await t.test(
    'when the ledger fails at once, then it is a problem; when it fails on the way, then the answer is cut off and the log tells',
    async (t) => {
      t.teardown(() => (ledger.audit = ownAudit))
      // oxlint-disable-next-line require-yield
      ledger.audit = async function* broken() {
        throw new StoreUnavailable('gone')
      }
      const refused = await world.ask('GET', '/v1/audit')
      t.match(
        {
          status: refused.status,
          code: refused.body.code,
          type: refused.headers.get('content-type'),
          retry: refused.headers.get('retry-after'),
        },
        { status: 503, code: 'STORE_UNAVAILABLE', type: /^application\/problem\+json/, retry: '5' },
      )
      ledger.audit = async function* breaking() {
        yield [entry(1, 'x'.repeat(200_000))]
        throw new StoreUnavailable('gone')
      }
      const logged = world.lines.length
      await t.rejects(
        async () => {
          for await (const _ of await exported(world));
        },
        { code: 'ECONNRESET' },
        'the client sees that it is not all',
      )
      await until(
        () => world.lines.slice(logged).some((line) => line['log.level'] === 'error' && line['message'] === 'the audit export was cut off'),
        'the line that tells',
      )
    },
  )
})
