/** Clients that two other generators make from the OpenAPI document: they type-check, and work with the service. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'tap'
import { projectRoot, runCommand } from '../commands/run-command.ts'
import { setUpIvrCall } from '../support/calls.ts'
import { operationsKey } from '../support/settings.ts'
import { startTestSystem } from '../support/test-system.ts'
import { codegenProgram, heyApiProgram, type ProgramOutput } from './generator-programs.ts'
import { linkPackage, runTsc } from './consumer.ts'

const document = join(projectRoot, 'openapi/transfers.yaml')

interface Generator {
  /** The path of its command in the project. */
  command: string
  args: (output: string) => string[]
  program: string
  moduleType: 'module' | 'commonjs'
  compilerOptions: Record<string, string>
}

const generators: Record<string, Generator> = {
  '@hey-api/openapi-ts': {
    command: 'client/node_modules/@hey-api/openapi-ts/bin/run.js',
    args: (output) => ['--input', document, '--output', output, '--no-log-file', '--silent'],
    program: heyApiProgram,
    moduleType: 'module',
    compilerOptions: { module: 'nodenext', moduleResolution: 'nodenext' },
  },
  'openapi-typescript-codegen': {
    command: 'node_modules/openapi-typescript-codegen/bin/index.js',
    args: (output) => ['--input', document, '--output', output, '--useOptions', '--useUnionTypes'],
    program: codegenProgram,
    moduleType: 'commonjs',
    // Its imports have no extensions.
    compilerOptions: { module: 'commonjs', moduleResolution: 'bundler' },
  },
}

for (const [name, { command, args, program, moduleType, compilerOptions }] of Object.entries(generators)) {
  test(`given the OpenAPI document, when ${name} makes a client of it, then the client type-checks and transfers a call`, async (t) => {
    // Compilers take their time on a busy machine.
    t.setTimeout(300_000)
    const folder = mkdtempSync(join(tmpdir(), 'handoff-'))
    t.teardown(() => rmSync(folder, { recursive: true }))
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: moduleType }))
    writeFileSync(join(folder, 'program.ts'), program)
    mkdirSync(join(folder, 'node_modules'))
    for (const types of ['@types/node', 'undici-types']) linkPackage(types, folder)
    const options = {
      ...compilerOptions,
      target: 'es2022',
      lib: ['es2022', 'dom', 'dom.iterable'],
      types: ['node'],
      strict: true,
      outDir: 'out',
    }
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, include: ['program.ts', 'generated'] }))

    const generated = await runCommand(process.execPath, [join(projectRoot, command), ...args(join(folder, 'generated'))], {}, folder)
    t.equal(generated.exitCode, 0, generated.stderr)
    t.strictSame(await runTsc('typescript', ['--project', folder]), { exitCode: 0, stdout: '', stderr: '' })

    const system = await startTestSystem(t)
    const { conversationId, queueId, userId } = setUpIvrCall(system.control, [{ after: 20, with: 'pickup' }])
    const environment = { URL: system.url, KEY: operationsKey, CONVERSATION: conversationId, QUEUE: queueId }
    const result = await runCommand(process.execPath, [join(folder, 'out/program.js')], environment)
    t.match(result, { exitCode: 0, stderr: '' })
    const expected: ProgramOutput = {
      dryRunMode: 'dryRun',
      requested: 'initiated',
      outcome: 'picked_up',
      agentUserId: userId,
      refusal: 'NOT_FOUND',
      listed: 1,
    }
    t.strictSame(JSON.parse(result.stdout), expected)
  })
}
