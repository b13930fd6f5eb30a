/** A service with little memory and few file descriptors, and clients that ask for more than they read. */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { test } from 'tap'
import { createAuditDraft } from '../src/ledger/audit/draft.ts'
import { openLedger } from '../src/ledger/open.ts'
import { startSimulator } from '../src/simulator/simulator.ts'
import { operationsKey, testSettings } from './support/settings.ts'
import { waitFor } from './support/wait-for.ts'

t.setTimeout(240_000)

/** The most that the memory may grow, MB. Without limits on unread responses, the same load can end the process. */
const maxGrowthMb = 300

/** Creates a ledger with `entries` audit entries. */
async function createLedger(url: string, auditKey: string, entries: number): Promise<void> {
  const ledger = await openLedger(url, { auditKey, leaseMs: 10_000, onAudit: () => {} })
  await Promise.all(Array.from({ length: entries }, () => ledger.appendAudit(createAuditDraft('caller_refused', { code: 'FORBIDDEN' }))))
  await ledger.close()
}

const skip = process.platform !== 'linux' && 'it reads the memory of the process from /proc'

test(
  'given 256 MB of heap and 1,024 open files, when clients pipeline and read nothing, then the service still responds, and its memory stays within bounds',
  { skip },
  async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'handoff-'))
    const simulator = await startSimulator({ requestsPerMinute: 60_000 })
    const settings = { ...testSettings(simulator.url), DATABASE_URL: `sqlite:${join(folder, 'ledger.db')}` }
    await createLedger(settings.DATABASE_URL, testSettings('').AUDIT_KEY ?? '', 3_000)
    const command = `ulimit -n 1024; exec "${process.execPath}" --max-old-space-size=256 "${join(import.meta.dirname, '../src/server.ts')}"`
    const child = spawn('/bin/sh', ['-c', command], { cwd: folder, env: { PATH: process.env['PATH'], HOME: folder, ...settings } })
    t.teardown(async () => {
      child.kill('SIGKILL')
      await simulator.close()
      rmSync(folder, { recursive: true })
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()))
    const url = await waitFor(() => /http:\/\/127\.0\.0\.1:\d+/.exec(output)?.[0], 'the service', 60_000)
    const memoryMb = (): number => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]) / 1_024
    const health = async () => (await fetch(`${url}/health`)).status

    t.equal(await health(), 200)
    const memoryBefore = memoryMb()
    const get = (path: string) => `GET ${path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${operationsKey}\r\n\r\n`
    const chunked = 'POST /v1/transfers HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n'
    for (const { description, connections, bytes } of [
      { description: 'documents', connections: 20, bytes: get('/docs/json').repeat(1_600) },
      { description: 'files', connections: 4, bytes: get('/docs/static/swagger-ui-bundle.js').repeat(1_000) },
      { description: 'files by another path', connections: 2, bytes: get('/docs/static/./swagger-ui-bundle.js').repeat(1_000) },
      { description: 'metrics', connections: 20, bytes: get('/metrics').repeat(1_600) },
      { description: 'audit exports', connections: 150, bytes: get('/v1/audit').repeat(10) },
      { description: 'the shortest requests that there are', connections: 200, bytes: 'GET / HTTP/1.1\r\n\r\n'.repeat(3_600) },
      { description: 'chunks of one byte', connections: 200, bytes: chunked + '1\r\nx\r\n'.repeat(10_000) },
    ]) {
      const sockets = Array.from({ length: connections }, () => {
        const socket = connect(Number(new URL(url).port), '127.0.0.1').on('error', () => {})
        socket.write(bytes)
        return socket.pause()
      })
      // The service handles some of the pipelined requests before each of these responses.
      for (let count = 0; count < 10; count++) t.equal(await health(), 200, `the service responds during ${description}`)
      const growthMb = Math.round(memoryMb() - memoryBefore)
      t.ok(growthMb < maxGrowthMb, `${growthMb} MB more after ${description}`)
      for (const socket of sockets) socket.destroy()
    }
    t.equal(child.exitCode, null)
    t.notMatch(output, /EMFILE|"log\.level":"(error|fatal)"/)
  },
)
