/** What the commands print with --help, without settings, with wrong arguments or with an old Node.js, and how the Docker image starts the service. */
import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { startCommand } from '../bench/harness/start-command.ts'
import { projectRoot, runCommand, runNpmScript, startCommand as startProcess } from './commands/run-command.ts'
import { waitFor } from './support/wait-for.ts'

t.test('given --help, when the service is started, then it prints its help and does not start', async (t) => {
  const { exitCode, stdout, stderr } = await runNpmScript('start', ['--help'])
  t.strictSame({ exitCode, stderr }, { exitCode: 0, stderr: '' })
  t.match(stdout, /^npm start +start the service/)
  t.ok(
    stdout.split('\n').every((line) => line.length <= 80),
    'the help fits into 80 columns',
  )
})

t.test('given an argument that does not exist, when the service is started, then one line says so, and it does not start', async (t) => {
  for (const argument of ['--port=80', 'now']) {
    const { exitCode, stdout, stderr } = await runNpmScript('start', [argument])
    t.strictSame({ exitCode, stdout }, { exitCode: 1, stdout: '' })
    t.match(stderr, /^handoff: Un[^\n]+\n$/)
  }
})

t.test('given --help or an option that does not exist, then every command prints its help, or fails without a stack trace', async (t) => {
  for (const script of [
    'simulator',
    'demo',
    'keys',
    'doctor',
    'openapi',
    'architect',
    'licenses',
    'sbom',
    'audit:verify',
    'erase',
    'bench',
    'crash-test',
    'fuzz',
  ]) {
    const help = await runNpmScript(script, ['--help'])
    t.match(help, { exitCode: 0, stderr: '', stdout: /\w/ }, `${script} --help`)
    const unknown = await runNpmScript(script, ['--nonsense'])
    t.not(unknown.exitCode, 0, script)
    t.notMatch(unknown.stderr, /\n\s+at /, `${script} prints no stack`)
  }
})

t.test('given no settings at all, when the service is started, then the error names every setting that is missing', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'handoff-start-'))
  const { exitCode, stdout, stderr } = await runCommand(process.execPath, [join(projectRoot, 'src/server.ts')], {}, folder)
  t.strictSame({ exitCode, stdout }, { exitCode: 1, stdout: '' })
  const named = stderr
    .trimEnd()
    .split('\n')
    .map((line) => /^handoff: (\w+): is required/.exec(line)?.[1])
  t.strictSame(named, ['GENESYS_CLIENT_ID', 'GENESYS_CLIENT_SECRET', 'LOOP_TOKEN_SECRET', 'AUDIT_KEY', 'API_KEYS'])
})

t.test('given a Node.js that cannot run TypeScript, when a script is started, then one line says which version it needs', async (t) => {
  const script = "Object.defineProperty(process.features, 'typescript', { value: undefined }); require('./src/check-node.cjs')"
  const { exitCode, stdout, stderr } = await runCommand(process.execPath, ['--input-type=commonjs', '--eval', script])
  t.strictSame({ exitCode, stdout }, { exitCode: 1, stdout: '' })
  t.match(stderr, /^handoff: needs Node\.js 22\.18 or later, and this is v\d+\.\d+\.\d+\. .*npm ci.*\n$/)
  const { scripts } = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as { scripts: Record<string, string> }
  const programs = Object.entries(scripts).filter(([, command]) => /\bnode .*\.ts$/.test(command))
  t.ok(programs.length > 10, 'the scripts that run TypeScript were found')
  t.strictSame(
    programs.filter(([, command]) => !command.includes(' --require=./src/check-node.cjs ')).map(([name]) => name),
    [],
    'every script that runs TypeScript checks the version first',
  )
})

t.test(
  'given a script that runs until it is stopped, when npm gets SIGTERM, then so does the process, and none is left behind',
  { timeout: 240_000 },
  async (t) => {
    const { child, output, result } = startProcess('npm', ['run', '-s', 'simulator', '--', '--port', '0'])
    const url = await waitFor(() => /http:\/\/127\.0\.0\.1:\d+/.exec(output.stdout)?.[0], 'the simulator')
    child.kill('SIGTERM')
    await result
    await t.rejects(fetch(url), { cause: { code: 'ECONNREFUSED' } }, 'the simulator has ended')
    const { scripts } = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as { scripts: Record<string, string> }
    for (const name of ['start', 'simulator', 'demo'])
      t.match(scripts[name], /^(\w+=\S+ )*exec node /, `npm run ${name}: no shell stays between npm and the process`)
  },
)

t.test('given the Docker image, then it starts the service with the flags and the allocator settings of npm start', async (t) => {
  const dockerfile = readFileSync(join(projectRoot, 'Dockerfile'), 'utf8')
  const command = JSON.parse(/^CMD (\[.*"src\/server\.ts"\])$/m.exec(dockerfile)?.[1] ?? '[]') as string[]
  // The image has the right version of Node.js, so it needs no check.
  const flags = startCommand.nodeFlags.filter((flag) => !flag.startsWith('--require'))
  t.strictSame(command, ['node', ...flags, 'src/server.ts'])
  t.equal(/^ARG FLAGS="(.*)"$/m.exec(dockerfile)?.[1], flags.join(' '), 'the compile cache of the image is for these flags')
  const allocatorSettings = Object.entries(startCommand.environment).filter(([name]) => name.startsWith('MALLOC_'))
  t.ok(allocatorSettings.length > 0)
  for (const [name, value] of allocatorSettings) t.match(dockerfile, `${name}=${value}`)
  t.notOk(flags.includes('--single-threaded-gc'), 'marking needs its own thread: on the main thread it ends so late that the heap doubles')
})
