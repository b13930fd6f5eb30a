/** The version is that of package.json in the log, the metrics, /version, the OpenAPI document and on the command line. */
import { readFileSync } from 'node:fs'
import t from 'tap'
import { parse } from 'yaml'
import { runCommand } from '../commands/run-command.ts'
import { startTestSystem } from '../support/test-system.ts'

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }

t.test('given a running service, then everyone can read its version, and it is in every log line', async (t) => {
  const system = await startTestSystem(t)
  const response = await system.request('GET', '/version', undefined, { authorization: '' })
  t.equal(response.status, 200)
  t.strictSame(response.body, { version, nodeVersion: process.versions.node })
  const { body: metrics } = await system.request<string>('GET', '/metrics')
  t.ok(metrics.includes(`\nhandoff_build_info{version="${version}",node_version="${process.versions.node}",ledger="sqlite"} 1\n`))
  const { body: document } = await system.request<string>('GET', '/openapi.yaml')
  t.equal((parse(document) as { info: { version: string } }).info.version, version)
  t.ok(system.logLines.length > 0)
  for (const line of system.logLines) t.equal(line['service.version'], version)
})

t.test('given --version, when the service is started, then it prints its version and does not start', async (t) => {
  t.strictSame(await runCommand(process.execPath, ['src/server.ts', '--version']), {
    exitCode: 0,
    stdout: `handoff ${version} (Node.js ${process.version})\n`,
    stderr: '',
  })
})
