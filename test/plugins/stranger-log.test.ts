/** What requests without a valid key can write to the log: no error, no stack trace, and a limited number of lines. */
import { connect } from 'node:net'
import t from 'tap'
import { createLineLimit } from '../../src/telemetry/line-limit.ts'
import { sendBytes } from '../routes/raw-request.ts'
import { operationsKey } from '../support/settings.ts'
import { startTestSystem, type TestSystem } from '../support/test-system.ts'
import { waitFor } from '../support/wait-for.ts'

/** Sends bytes and closes the connection, orderly or with a reset, once the service has seen them. */
async function sendAndHangUp({ url, app }: TestSystem, bytes: string | Buffer, isReset: boolean): Promise<void> {
  const { hostname, port } = new URL(url)
  const seen = new Promise<void>((resolve) => app.server.once('connection', (socket) => socket.once('data', () => resolve())))
  const socket = connect(Number(port), hostname, () => socket.write(bytes)).on('error', () => {})
  await seen
  if (isReset) socket.resetAndDestroy()
  else socket.destroy()
  await waitFor(async () => (await openConnections(app.server)) === 0, 'the closed connection')
}
const openConnections = (server: TestSystem['app']['server']): Promise<number> =>
  new Promise((resolve, reject) => server.getConnections((error, count) => (error ? reject(error) : resolve(count))))

const levelsOf = (lines: TestSystem['logLines']): unknown[] => [...new Set(lines.map((line) => line['log.level']))]
/** A TLS ClientHello, as a browser sends it to an https address. */
const tlsHello = Buffer.from('16030100a5010000a10303' + '5a'.repeat(100), 'hex')
const partOfBody = (path: string, headers: string): string =>
  `POST ${path} HTTP/1.1\r\nhost: x\r\n${headers}content-type: application/json\r\ncontent-length: 1000\r\n\r\n{"target`

t.test('given a client that hangs up at any point, or does not speak HTTP, then nothing is logged as an error', async (t) => {
  const system = await startTestSystem(t, { PICKUP_EVENTS: 'off' })
  const start = system.logLines.length
  const authorization = `authorization: Bearer ${operationsKey}\r\n`
  for (const [description, bytes] of [
    ['in the request line', 'POST /oauth/tok'],
    ['in a header', 'POST /oauth/token HTTP/1.1\r\nhost: x\r\nx-pad'],
    ['in the body of a token request', partOfBody('/oauth/token', '')],
    ['in the form of a token request', partOfBody('/oauth/token', '').replace('application/json', 'application/x-www-form-urlencoded')],
    ['in the body of a request to an unknown address', partOfBody('/v1/nothing', '')],
    ['in the body of a request with another method', partOfBody('/health', '')],
    ['in the body of a transfer request without a key', partOfBody('/v1/transfers', '')],
    ['in the body of a transfer request with a key', partOfBody('/v1/transfers', authorization)],
    ['in the body of a flat request with a key', partOfBody('/v1/architect/transfers', authorization)],
    ['in a chunk', partOfBody('/oauth/token', '').replace('content-length: 1000\r\n\r\n{', 'transfer-encoding: chunked\r\n\r\nff\r\n{')],
    ['after a request for a document', 'GET /docs/json HTTP/1.1\r\nhost: x\r\n\r\n'],
    ['after a TLS handshake', tlsHello],
  ] as const)
    for (const isReset of [false, true]) {
      const linesBefore = system.logLines.length
      await sendAndHangUp(system, bytes, isReset)
      t.strictSame(
        system.logLines.slice(linesBefore).filter((line) => line['log.level'] !== 'info' || 'error.stack_trace' in line),
        [],
        `${description}, ${isReset ? 'with a reset' : 'orderly'}`,
      )
    }
  t.strictSame((await sendBytes(system.url, tlsHello)).status, 400)
  t.strictSame((await sendBytes(system.url, `GET / HTTP/1.1\r\nhost: x\r\nx-padding: ${'x'.repeat(20_000)}\r\n\r\n`)).status, 431)
  t.match(
    system.logLines.findLast(({ message }) => message === 'request could not be read'),
    { 'http.response.status_code': 431, code: 'INVALID_REQUEST', reason: 'HPE_HEADER_OVERFLOW' },
    'the request that is too long is logged',
  )
  t.strictSame(levelsOf(system.logLines.slice(start)), ['info'])
})

t.test('given a flood of requests without a valid key, then the log stays small, and unlogged requests are counted', async (t) => {
  const system = await startTestSystem(t, { PICKUP_EVENTS: 'off' })
  const start = system.logLines.length
  const flood = async (work: () => Promise<unknown>): Promise<void> => {
    for (let round = 0; round < 20; round++) await Promise.all(Array.from({ length: 10 }, work))
  }
  const sendUnkeyed = (path: string) => () => system.request('GET', path, undefined, { authorization: 'Bearer nobody' })
  await flood(sendUnkeyed('/v1/nothing'))
  await flood(sendUnkeyed('/v1/transfers'))
  await flood(sendUnkeyed('/docs/json'))
  await flood(() => sendBytes(system.url, 'hello?\r\n\r\n'))
  await flood(() => sendBytes(system.url, 'GET /%zz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n'))
  const strangerLines = () => system.logLines.slice(start).filter((line) => !line['audit'] && !line['user.id'] && !line['byStatus'])

  await t.test(
    'given a flood of requests without a valid key, then only 120 lines are logged, and the other requests are counted',
    async (t) => {
      // Of the 1,000 requests, 120 have a line. The line of a request is written after its response.
      await waitFor(
        async () => /^handoff_requests_unlogged_total 880$/m.test((await system.request<string>('GET', '/metrics')).body),
        'the count of the requests that have no line',
      )
      t.equal(strangerLines().length, 120)
      t.strictSame(levelsOf(strangerLines()), ['info'])
    },
  )

  await t.test(
    'given a flood of requests without a valid key, when a known caller sends a request, then it is logged as always',
    async (t) => {
      await system.request('GET', '/v1/transfers?limit=1')
      await waitFor(() => system.logLines.slice(start).some((line) => line['user.id'] === 'ops'), 'the line of a known caller')
      t.equal(strangerLines().length, 120)
    },
  )

  await t.test(
    'given a flood of requests without a valid key, when the service stops, then one line counts the unlogged requests by status',
    async (t) => {
      await system.stop()
      const lines = system.logLines.slice(start).filter((line) => line['byStatus'])
      t.equal(lines.length, 1)
      const counts = lines[0]?.['byStatus'] as Record<string, number>
      t.match(lines[0], { 'log.level': 'info', message: /^requests without a valid key/ })
      const total = Object.values(counts).reduce((sum, count) => sum + count, 0)
      t.equal(total, 880)
      // The 120 lines are those of the first flood, whose requests were answered 404.
      t.match(counts, { 200: 200, 400: 400, 404: 80 })
    },
  )
})

t.test(
  'given a limit of log lines, when its interval ends, then the lines that were not admitted are counted, and new lines are admitted',
  async (t) => {
    const reports: object[] = []
    const limit = createLineLimit((counts) => void reports.push(counts), { lines: 2, intervalMs: 50 })
    t.strictSame(
      ['401', '401', '404', '401', '404', '404'].map((label) => limit.admits(label)),
      [true, true, false, false, false, false],
    )
    await waitFor(() => reports.length > 0, 'the report')
    t.strictSame(reports, [{ 401: 1, 404: 3 }])
    t.ok(limit.admits('401'))
    limit.close()
    t.equal(reports.length, 1, 'an interval in which everything was admitted has no report')
    t.equal(limit.suppressed, 4)
  },
)
