/** How few audit rows callers without a valid key cause, however many addresses they use, and how the busiest one can be traced. */
import { mkdtempSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import type { AuditEntry } from '../../src/ledger/contract/audit.ts'
import { openLedger } from '../../src/ledger/open.ts'
import { isTrailSound, readWholeAudit } from '../ledger/fixtures.ts'
import { testSettings } from '../support/settings.ts'
import { startTestSystem } from '../support/test-system.ts'

t.setTimeout(240_000)

/** Sends a request without a valid key. @param address the loopback address that it comes from */
const sendFrom = (address: string, url: string): Promise<number> =>
  new Promise((resolve, reject) => {
    request(url, { localAddress: address, agent: false, headers: { authorization: 'Bearer none' } }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode ?? 0))
    })
      .on('error', reject)
      .end()
  })

t.test(
  'given callers without a valid key at hundreds of addresses, when they send requests, then a few audit rows count all of them and name the busiest by the hash that the log names, and the trail is sound',
  { skip: process.platform === 'linux' ? false : 'other systems have one loopback address only' },
  async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'handoff-strangers-'))
    t.teardown(() => rmSync(folder, { recursive: true }))
    const databaseUrl = `sqlite:${join(folder, 'ledger.db')}`
    const system = await startTestSystem(t, { DATABASE_URL: databaseUrl })
    const busyAddress = '127.0.0.2'
    // Each of these requests gets a log line with the hash of its address.
    for (let attempt = 0; attempt < 30; attempt++) t.equal(await sendFrom(busyAddress, `${system.url}/v1/transfers`), 401)
    const addresses = Array.from({ length: 600 }, (_, index) => `127.0.${1 + Math.floor(index / 200)}.${1 + (index % 200)}`)
    for (let from = 0; from < addresses.length; from += 50)
      await Promise.all(
        addresses.slice(from, from + 50).map(async (address) => t.equal(await sendFrom(address, `${system.url}/v1/audit`), 401)),
      )
    t.equal((await system.request('GET', '/v1/transfers')).status, 200, 'callers with a key are served')
    await system.stop()

    const ledger = await openLedger(databaseUrl, { auditKey: String(testSettings('')['AUDIT_KEY']) })
    t.teardown(() => ledger.close())
    const rows: AuditEntry[] = (await readWholeAudit(ledger)).filter(({ status }) => status === 'caller_refused')
    // The first row is written at once, and then one for each minute that the test takes.
    t.ok(rows.length <= 5, `${rows.length} rows`)
    t.equal(
      rows.reduce((sum, { detail }) => sum + Number(detail['count']), 0),
      630,
    )
    const line = system.logLines.find((each) => each['http.response.status_code'] === 401)
    const sourceHash = String(line?.['sourceHash'])
    t.match(sourceHash, /^[0-9a-f]{16}$/)
    const busySources = rows
      .flatMap(({ detail }) => String(detail['sources']).split(', '))
      .filter((source) => source.startsWith(sourceHash))
    t.equal(
      busySources.reduce((sum, source) => sum + Number(source.split(' ')[1]), 0),
      30,
    )
    t.notMatch(JSON.stringify([rows, system.logLines]), busyAddress, 'the address itself is nowhere')
    t.ok(await isTrailSound(ledger, String(testSettings('')['AUDIT_KEY'])))
  },
)
