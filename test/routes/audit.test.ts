/** The export of the audit trail: its format, its memory use, and what happens when the client or the ledger stops. */
import { randomUUID } from 'node:crypto'
import { request } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { test } from 'tap'
import { createAuditDraft } from '../../src/ledger/audit/draft.ts'
import type { AuditDraft, AuditEntry } from '../../src/ledger/contract/audit.ts'
import { StoreUnavailable } from '../../src/ledger/contract/errors.ts'
import { operationsKey } from '../support/settings.ts'
import { startTestSystem, type TestSystem } from '../support/test-system.ts'
import { waitFor } from '../support/wait-for.ts'

const createDraft = (index: number): AuditDraft => createAuditDraft(`row_${index}`, { conversationId: randomUUID() })
const createEntry = (seq: number, padding: string): AuditEntry =>
  ({ ...createDraft(seq), seq, timestamp: '2026-03-01T00:00:00.000Z', node: 'n', hash: 'h', detail: { padding } }) as unknown as AuditEntry

/** Starts an export. The test reads the response at its own speed. */
const startExport = (system: TestSystem): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    request(`${system.url}/v1/audit`, { headers: { authorization: `Bearer ${operationsKey}` }, agent: false }, resolve)
      .on('error', reject)
      .end()
  })

test('given an audit trail', async (t) => {
  const system = await startTestSystem(t)
  const { ledger } = system.app
  const { exportAudit } = ledger

  await t.test('when it is exported, then every entry is a line of JSON, in order, and a range of time limits the entries', async (t) => {
    const empty = await system.request<string>('GET', '/v1/audit?until=2020-01-01T00:00:00Z')
    t.strictSame(
      [empty.status, empty.body, empty.headers.get('content-type')],
      [200, '', 'application/x-ndjson; charset=utf-8'],
      'a range without entries is empty',
    )
    const count = 2_300
    await Promise.all(Array.from({ length: count }, (_, index) => ledger.appendAudit(createDraft(index))))
    // The service writes a checkpoint after each 1,000 entries.
    const { body } = await waitFor(async () => {
      const response = await system.request<string>('GET', '/v1/audit')
      return response.body.includes('"status":"checkpoint"') && response
    }, 'the checkpoint')
    t.ok(body.endsWith('}\n'))
    const entries = body
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as AuditEntry)
    t.strictSame(
      entries.filter(({ status }) => status.startsWith('row_')).map(({ status }) => status),
      Array.from({ length: count }, (_, index) => `row_${index}`),
    )
    t.strictSame(
      entries.map(({ seq }) => seq),
      entries.map(({ seq }) => seq).toSorted((a, b) => a - b),
    )
    const [first, last] = [entries[0], entries.at(-1)].map((entry) => entry?.timestamp ?? '')
    t.equal((await system.request<string>('GET', `/v1/audit?since=${first}`)).body, body, 'since is inclusive')
    t.notMatch((await system.request<string>('GET', `/v1/audit?until=${last}`)).body, `"timestamp":"${last}"`, 'until is exclusive')
    t.equal((await system.request<string>('GET', '/v1/audit?since=2026-01-01T00:00:00%2B02:00')).status, 200, 'a time may have an offset')
  })

  await t.test('when it is large, then the ledger is read no faster than the client reads', async (t) => {
    const pages = 600
    const padding = 'x'.repeat(100_000)
    let read = 0
    ledger.exportAudit = async function* endless() {
      for (; read < pages; read++) yield [createEntry(read, padding)]
    }
    t.teardown(() => (ledger.exportAudit = exportAudit))
    const stream = await startExport(system)
    let [bytes, lead, lines] = [0, 0, 0]
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      bytes += chunk.length
      for (let at = chunk.indexOf('\n'); at >= 0; at = chunk.indexOf('\n', at + 1)) lines += 1
      lead = Math.max(lead, read * padding.length - bytes)
    }
    t.equal(lines, pages, 'every line arrived')
    // What is read ahead fills the buffers of streams and sockets. Without a limit it would be nearly everything.
    t.ok(lead < 20_000_000, `at most ${Math.round(lead / 1e6)} MB of ${(pages * padding.length) / 1e6} MB were read ahead`)
  })

  await t.test('when the client disconnects, then reading ends, and no error is logged', async (t) => {
    let hasEnded = false
    ledger.exportAudit = async function* endless() {
      try {
        for (let seq = 0; ; seq++) yield [createEntry(seq, 'x'.repeat(100_000))]
      } finally {
        hasEnded = true
      }
    }
    t.teardown(() => (ledger.exportAudit = exportAudit))
    const linesBefore = system.logLines.length
    const stream = await startExport(system)
    await new Promise((resolve) => stream.once('data', resolve))
    stream.on('error', () => {})
    stream.destroy()
    await waitFor(() => hasEnded, 'the end of reading')
    await waitFor(
      () =>
        system.logLines
          .slice(linesBefore)
          .some((line) => line['message'] === 'request abandoned by the caller' && line['http.response.status_code'] === null),
      'the line of the request',
    )
    t.strictSame(
      system.logLines.slice(linesBefore).filter((line) => line['log.level'] !== 'info'),
      [],
    )
    t.equal((await system.request('GET', '/health')).status, 200)
  })

  await t.test(
    'when the ledger fails at once, then the response is a problem; when it fails later, then the response is cut off, and the error is logged',
    async (t) => {
      t.teardown(() => (ledger.exportAudit = exportAudit))
      // oxlint-disable-next-line require-yield
      ledger.exportAudit = async function* broken() {
        throw new StoreUnavailable('gone')
      }
      const refused = await system.request('GET', '/v1/audit')
      t.match(
        {
          status: refused.status,
          code: refused.body.code,
          type: refused.headers.get('content-type'),
          retry: refused.headers.get('retry-after'),
        },
        { status: 503, code: 'STORE_UNAVAILABLE', type: /^application\/problem\+json/, retry: '5' },
      )
      ledger.exportAudit = async function* breaking() {
        yield [createEntry(1, 'x'.repeat(200_000))]
        throw new StoreUnavailable('gone')
      }
      const linesBefore = system.logLines.length
      await t.rejects(
        async () => {
          for await (const _ of await startExport(system));
        },
        { code: 'ECONNRESET' },
        'the client can tell that the export is incomplete',
      )
      await waitFor(
        () =>
          system.logLines
            .slice(linesBefore)
            .some((line) => line['log.level'] === 'error' && line['message'] === 'the audit export was cut off'),
        'the line of the error',
      )
    },
  )
})

test('given eight exports that their clients do not read, when another one is requested, then it is refused until they are over', async (t) => {
  const system = await startTestSystem(t)
  const { exportAudit } = system.app.ledger
  system.app.ledger.exportAudit = async function* endless() {
    for (;;) yield [createEntry(1, 'x'.repeat(10_000))]
  }
  const exports = await Promise.all(Array.from({ length: 8 }, () => startExport(system)))
  t.match(await system.request('GET', '/v1/audit'), { status: 503, body: { code: 'OVERLOADED', retryable: true } })
  t.equal((await system.request('HEAD', '/v1/audit')).status, 200)
  system.app.ledger.exportAudit = exportAudit
  for (const response of exports) response.destroy()
  await waitFor(async () => (await system.request('GET', '/v1/audit')).status === 200, 'the next export')
})
