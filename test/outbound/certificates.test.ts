/** A certificate that is not accepted, of the platform, a webhook receiver or the database: one error in the log that says what to do, a code, and a count. */
import { createServer as createHttpsServer } from 'node:https'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { TLSSocket } from 'node:tls'
import t from 'tap'
import { checkCredentials } from '../../src/doctor/credentials.ts'
import { createPlatformConnection } from '../../src/doctor/platform-connection.ts'
import { openLedger } from '../../src/ledger/open.ts'
import { describeCertificateError } from '../../src/outbound/certificate-errors.ts'
import { setUpIvrCall } from '../support/calls.ts'
import { expiredCertificate, loopbackCertificate, loopbackKey, trustLoopbackCertificate } from '../support/outbound/loopback-certificate.ts'
import { startTestSystem, type TestSystem } from '../support/test-system.ts'
import { waitFor } from '../support/wait-for.ts'

// Some platforms have no 127.0.0.2.
const skip = process.platform !== 'linux' && 'only Linux has every address of 127.0.0.0/8'

async function listen(t: { teardown(work: () => unknown): void }, server: Server, host = '127.0.0.1'): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, host, resolve))
  t.teardown(() => server.close())
  return `${host}:${(server.address() as AddressInfo).port}`
}
const startTlsServer = async (t: Parameters<typeof listen>[0], cert: string, host?: string): Promise<string> =>
  `https://${await listen(
    t,
    createHttpsServer({ key: loopbackKey, cert }, (_request, response) => response.end()),
    host,
  )}`
const alarms = ({ logLines }: TestSystem) => logLines.filter((line) => ['warn', 'error'].includes(String(line['log.level'])))
const countFailures = async (system: TestSystem, peer: string): Promise<number> => {
  const { body } = await system.request<string>('GET', '/metrics')
  return Number(new RegExp(`^handoff_certificate_failures_total{peer="${peer}"} (.*)$`, 'm').exec(body)?.[1])
}

/** The certificate, the address of the server, the code, and what the reason says. The first is not trusted yet. */
const cases: Array<[name: string, cert: string, host: string, code: string, reason: RegExp]> = [
  ['self-signed', loopbackCertificate, '127.0.0.1', 'DEPTH_ZERO_SELF_SIGNED_CERT', /is self-signed: name its file in NODE_EXTRA_CA_CERTS/],
  ['expired', expiredCertificate, '127.0.0.1', 'CERT_HAS_EXPIRED', /has expired: renew it/],
  ['for another host', loopbackCertificate, '127.0.0.2', 'ERR_TLS_CERT_ALTNAME_INVALID', /is for another host name: check the address/],
]
for (const [name, cert, host, code, reason] of cases) {
  t.test(
    `given a certificate that is ${name}, then the log has one error for the platform and one warning for a receiver`,
    { skip },
    async (t) => {
      const url = await startTlsServer(t, cert, host)
      if (name !== 'self-signed') trustLoopbackCertificate()

      const platform = await startTestSystem(t, { GENESYS_GATEWAY_URL: url })
      for (let count = 0; count < 2; count++) {
        const { conversationId, queueId } = setUpIvrCall(platform.control)
        t.equal((await platform.postTransfer({ conversationId, target: { type: 'queue', queueId } })).status, 503)
      }
      t.equal((await platform.request('GET', '/ready')).status, 503)
      t.equal(alarms(platform).length, 1)
      t.match(alarms(platform), [
        { 'log.level': 'error', message: /^the certificate of the platform.*is not accepted/, 'error.code': code, reason },
      ])
      t.ok((await countFailures(platform, 'platform')) > 0)
      await platform.stop()
      const settings = { clientId: 'client', clientSecret: 'secret of the tests', environment: 'mypurecloud.com', gatewayUrl: url }
      const connection = createPlatformConnection(settings)
      t.teardown(() => connection.close())
      t.match(await checkCredentials(connection, settings, []), { outcome: 'not ok', message: reason, remedy: /openssl/ })

      const receiver = await startTestSystem(t, { CRM_WEBHOOK_URL: url, PICKUP_EVENTS: 'off' })
      for (let count = 0; count < 2; count++) {
        const { conversationId, queueId } = setUpIvrCall(receiver.control)
        t.equal((await receiver.postTransfer({ conversationId, target: { type: 'queue', queueId } })).status, 202)
      }
      await waitFor(async () => (await countFailures(receiver, 'webhook')) >= 2, 'two failed attempts')
      await waitFor(() => alarms(receiver).length > 0, 'the warning')
      t.equal(alarms(receiver).length, 1)
      t.match(alarms(receiver), [
        { 'log.level': 'warn', message: /^an endpoint does not accept webhooks/, origin: url, reason, 'error.code': code },
      ])
    },
  )
}

t.test(
  'given a database whose certificate is not accepted, when the ledger is opened, then the error says so, with the code',
  async (t) => {
    const server = createServer((socket) => {
      socket.on('error', () => {})
      // PostgreSQL agrees to TLS with one letter (PostgreSQL protocol, SSLRequest).
      socket.once('data', () => {
        socket.write('S')
        new TLSSocket(socket, { isServer: true, key: loopbackKey, cert: expiredCertificate }).on('error', () => {})
      })
    })
    const address = await listen(t, server)
    trustLoopbackCertificate()
    const url = `postgres://user:secret@${address}/handoff?sslmode=verify-full`
    await t.rejects(openLedger(url, { auditKey: 'audit key of the tests' }), {
      message: /^the ledger is not available: the certificate of the database has expired: .* \(CERT_HAS_EXPIRED\)$/,
      certificateCode: 'CERT_HAS_EXPIRED',
    })
  },
)

t.test('given other error codes, then only those about certificates are described', async (t) => {
  for (const code of ['CERT_SIGNATURE_FAILURE', 'UNABLE_TO_DECRYPT_CERT_SIGNATURE', 'ERR_TLS_CERT_ALTNAME_FORMAT'])
    t.equal(describeCertificateError(code, 'the receiver'), 'the certificate of the receiver is not accepted')
  t.match(describeCertificateError('PROXY_CERT_HAS_EXPIRED', 'the receiver'), /^the certificate of the outbound proxy has expired/)
  for (const code of ['ECONNREFUSED', 'PROXY_407', 'ERR_SSL_WRONG_VERSION_NUMBER', undefined])
    t.equal(describeCertificateError(code, 'the receiver'), undefined, String(code))
})
