/** The document about the tools: its examples work, and its tables name every tool and every argument. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { ResultSchema } from '../../src/mcp/result.ts'
import { loadDefaultScenario } from '../../src/simulator/control/default-scenario.ts'
import { projectRoot, runCommand } from '../commands/run-command.ts'
import { operationsKey } from '../support/settings.ts'
import { startTestSystem } from '../support/test-system.ts'
import { connectMcpClient } from './mcp-client.ts'

const document = readFileSync(join(projectRoot, 'docs/mcp.md'), 'utf8')
const hasCurl = spawnSync('curl', ['--version']).status === 0

/** The examples of the document in a language. */
const examples = (language: string): string[] =>
  [...document.matchAll(new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 'gs'))].map(([, code]) => String(code))

/** A service with the calls of the built-in simulator, and the address of the document in an example replaced by its own. */
async function startForExamples(t: Test) {
  const { url, control } = await startTestSystem(t, { MCP: 'on' })
  loadDefaultScenario(control)
  return (code: string) => {
    t.match(code, 'http://127.0.0.1:3000/mcp')
    return code.replaceAll('http://127.0.0.1:3000', url)
  }
}

t.test(
  'given the commands of the document, when they are pasted into a shell as they are, then they list the tools, check and move a call',
  { skip: !hasCurl && 'curl is not installed' },
  async (t) => {
    const toService = await startForExamples(t)
    const folder = t.testdir({ '.env': `API_KEYS=${operationsKey}:transfers:write+transfers:read\n` })
    const [commands, ...others] = examples('sh')
    t.strictSame(others, [])
    const { stdout } = await runCommand('sh', ['-c', toService(String(commands))], {}, folder)
    const answers = stdout.trim().split('\n')
    t.match(
      answers.map((line) => JSON.parse(line)),
      [
        { result: { tools: [{ name: 'check_transfer' }, { name: 'transfer_call' }, { name: 'get_transfer' }] } },
        { result: { isError: false, structuredContent: { ok: true, targetType: 'queue' } } },
        { result: { isError: false, structuredContent: { ok: true, state: 'initiated' } } },
      ],
      stdout,
    )
  },
)

t.test('given the program of the document, when it is run as it is, then it lists the tools, checks, moves and reads', async (t) => {
  const toService = await startForExamples(t)
  const [program, ...others] = examples('ts')
  t.strictSame(others, [])
  const types = ['--input-type=module-typescript', '-e', toService(String(program))]
  const { stdout, stderr, exitCode } = await runCommand(process.execPath, types, { HANDOFF_KEY: operationsKey })
  t.equal(exitCode, 0, stderr)
  t.match(stdout, /'check_transfer'.*can be moved to the queue.*was moved to the queue.*transferId/s)
})

t.test('given the tools, then the document names each of them, its arguments, and the fields of its results', async (t) => {
  const { url } = await startTestSystem(t, { MCP: 'on' })
  const { client } = await connectMcpClient(t, url)
  const { tools } = await client.listTools()
  for (const { name, inputSchema } of tools)
    for (const word of [name, ...Object.keys(inputSchema.properties ?? {})]) t.ok(document.includes(`\`${word}\``), word)
  for (const field of Object.keys(ResultSchema.properties)) t.ok(document.includes(`\`${field}\``), field)
})
