/** What a person sees who starts the service for the first time, or in the wrong way. */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { projectRoot, runCommand, runNpmScript } from './commands/run-command.ts'

t.test('given --help, when the service is started, then it prints its help and does not start', async (t) => {
  const { exitCode, stdout, stderr } = await runNpmScript('start', ['--help'])
  t.strictSame({ exitCode, stderr }, { exitCode: 0, stderr: '' })
  t.match(stdout, /^npm start +start the service/)
  t.ok(
    stdout.split('\n').every((line) => line.length <= 80),
    'it fits 80 columns',
  )
})

t.test('given no settings at all, when the service is started, then one run names every setting that is missing', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'handoff-start-'))
  const { exitCode, stdout, stderr } = await runCommand(process.execPath, [join(projectRoot, 'src/server.ts')], {}, folder)
  t.strictSame({ exitCode, stdout }, { exitCode: 1, stdout: '' })
  const named = stderr
    .trimEnd()
    .split('\n')
    .map((line) => /^handoff: (\w+): is required/.exec(line)?.[1])
  t.strictSame(named, ['GENESYS_CLIENT_ID', 'GENESYS_CLIENT_SECRET', 'LOOP_TOKEN_SECRET', 'AUDIT_KEY'])
})

t.test('given a Node.js that cannot run TypeScript, when a script is started, then one line says which version it needs', async (t) => {
  const script = "Object.defineProperty(process.features, 'typescript', { value: undefined }); require('./src/check-node.cjs')"
  const { exitCode, stdout, stderr } = await runCommand(process.execPath, ['--input-type=commonjs', '--eval', script])
  t.strictSame({ exitCode, stdout }, { exitCode: 1, stdout: '' })
  t.match(stderr, /^handoff: needs Node\.js 22\.18 or later, and this is v\d+\.\d+\.\d+\. .*npm ci.*\n$/)
})
