/** The document about the tools: its commands work, and its tables name every tool and every argument. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { ResultSchema } from '../../src/mcp/result.ts'
import { loadDefaultScenario } from '../../src/simulator/control/default-scenario.ts'
import { projectRoot, runCommand } from '../commands/run-command.ts'
import { operationsKey } from '../support/settings.ts'
import { startTestSystem } from '../support/test-system.ts'
import { connectMcpClient } from './mcp-client.ts'

const document = readFileSync(join(projectRoot, 'docs/mcp.md'), 'utf8')
const hasCurl = spawnSync('curl', ['--version']).status === 0

t.test(
  'given the commands of the document, when they are run, then each gets the result of a tool',
  { skip: !hasCurl && 'curl is not installed' },
  async (t) => {
    const { url, control } = await startTestSystem(t, { MCP: 'on' })
    loadDefaultScenario(control)
    const commands = [...document.matchAll(/```sh\n(.*?)```/gs)].map(([, code]) => String(code))
    t.equal(commands.length, 1)
    for (const command of commands) {
      const { stdout } = await runCommand('sh', ['-c', command.replaceAll('http://127.0.0.1:3000', url)], { KEY: operationsKey })
      t.match(JSON.parse(stdout), { jsonrpc: '2.0', result: { isError: false, structuredContent: { ok: true, targetType: 'queue' } } })
    }
  },
)

t.test('given the tools, then the document names each of them, its arguments, and the fields of its results', async (t) => {
  const { url } = await startTestSystem(t, { MCP: 'on' })
  const { client } = await connectMcpClient(t, url)
  const { tools } = await client.listTools()
  for (const { name, inputSchema } of tools)
    for (const word of [name, ...Object.keys(inputSchema.properties ?? {})]) t.ok(document.includes(`\`${word}\``), word)
  for (const field of Object.keys(ResultSchema.properties)) t.ok(document.includes(`\`${field}\``), field)
})
