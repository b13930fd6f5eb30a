/** A private certificate authority in NODE_EXTRA_CA_CERTS is trusted for the platform and for webhooks. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer } from 'node:tls'
import t from 'tap'
import { runNpmScript } from '../commands/run-command.ts'
import type { TestContext } from '../support/build.ts'
import { setUpIvrCall } from '../support/calls.ts'
import { loopbackCertificate, loopbackKey } from '../support/outbound/loopback-certificate.ts'
import { testSettings } from '../support/settings.ts'
import { startPlatformAndCrm } from '../support/test-system.ts'

t.setTimeout(240_000)

/** Serves what is at `url` over TLS. @returns the https address */
async function serveOverTls(t: TestContext, url: string): Promise<string> {
  const { hostname, port, pathname } = new URL(url)
  const server = createServer({ key: loopbackKey, cert: loopbackCertificate }, (socket) => {
    const target = connect(Number(port), hostname)
    socket.on('error', () => target.destroy()).pipe(target)
    target.on('error', () => socket.destroy()).pipe(socket)
  }).listen(0, '127.0.0.1')
  server.on('tlsClientError', () => {})
  await new Promise((resolve) => server.once('listening', resolve))
  t.teardown(() => server.close())
  return `https://localhost:${(server.address() as AddressInfo).port}${pathname === '/' ? '' : pathname}`
}

t.test('given a platform and a webhook receiver with certificates of a private authority', { timeout: 240_000 }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'handoff-ca-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const authorityFile = join(folder, 'authority.pem')
  writeFileSync(authorityFile, loopbackCertificate)
  const { simulator, crm } = await startPlatformAndCrm(t)
  setUpIvrCall(simulator.control)
  const settings = {
    ...testSettings(await serveOverTls(t, simulator.url), await serveOverTls(t, crm.url)),
    // `localhost` may resolve to either.
    WEBHOOK_ALLOWED_NETWORKS: '127.0.0.0/8,::1/128',
  }
  const outcomes = async (environment: Record<string, string>) => {
    const { stdout } = await runNpmScript('doctor', ['--webhook', '--json'], { ...settings, ...environment })
    const { findings } = JSON.parse(stdout) as { findings: Array<{ check: string; verdict: string; says: string }> }
    const find = (pattern: RegExp) => findings.find(({ check }) => pattern.test(check))
    return { credentials: find(/credentials/), webhook: find(/webhook/i) }
  }

  await t.test('when NODE_EXTRA_CA_CERTS names the authority, then both are reached', async (t) => {
    t.match(await outcomes({ NODE_EXTRA_CA_CERTS: authorityFile }), { credentials: { verdict: 'ok' }, webhook: { verdict: 'ok' } })
    t.equal(crm.accepted.length, 1)
  })
  await t.test('when nothing names it, then neither is trusted, and the message says why', async (t) => {
    t.match(await outcomes({}), {
      credentials: { verdict: 'not ok', says: /certificate|SELF_SIGNED/i },
      webhook: { verdict: 'not ok', says: /certificate|trusted/i },
    })
    t.equal(crm.accepted.length, 1)
  })
})
