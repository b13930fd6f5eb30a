/** The package that `npm pack` makes: what is in it, and that a user can run and type-check against it, on the oldest Node.js that it is for. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { test } from 'tap'
import { projectRoot, runCommand } from '../commands/run-command.ts'
import { setUpIvrCall } from '../support/calls.ts'
import { operationsKey } from '../support/settings.ts'
import { crmSecret } from '../support/test-crm.ts'
import { startTestSystem } from '../support/test-system.ts'
import { waitFor } from '../support/wait-for.ts'
import { linkPackage, runTsc } from './consumer.ts'

const oldestMajor = 20

/** The Node.js that runs the tests, and any other one on the PATH that is recent enough: the path of each by its version. */
function findNodes(): Map<string, string> {
  const others = (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, 'node'))
  const nodes = new Map([[process.version, process.execPath]])
  for (const node of others.filter((file) => existsSync(file))) {
    const version = execFileSync(node, ['--version'], { encoding: 'utf8' }).trim()
    if (Number.parseInt(version.slice(1), 10) >= oldestMajor && !nodes.has(version)) nodes.set(version, node)
  }
  return nodes
}

/** Transfers a call, waits for the pickup, and verifies the webhook that is in its environment. */
const program = `
import { createClient, HandoffError, verifyWebhook } from '@handoff/client'
const { BASE_URL: baseUrl, KEY: apiKey, CONVERSATION: conversationId, QUEUE: queueId, HEADERS, BODY: body, SECRET: secrets } = process.env
const handoff = createClient({ baseUrl, apiKey })
const transfer = await handoff.transfer({ conversationId, target: { type: 'queue', queueId } })
const { state } = await handoff.waitForPickup(transfer)
const { event } = await verifyWebhook({ headers: JSON.parse(HEADERS), body, secrets })
const error = await handoff.get(conversationId).catch((caught) => caught)
console.log(JSON.stringify({ state, event: event.type, code: error.code, isHandoffError: error instanceof HandoffError }))
`

test('given the package as npm pack makes it, and an empty folder that it is installed in', async (t) => {
  // Compilers take their time on a busy machine.
  t.setTimeout(300_000)
  const folder = mkdtempSync(join(tmpdir(), 'handoff-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const { version: projectVersion } = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as { version: string }
  const archive = `handoff-client-${projectVersion}.tgz`
  const pack = async (destination: string): Promise<void> => {
    const packed = await runCommand('npm', ['pack', '--workspace', 'client', '--pack-destination', destination, '--json', '--silent'])
    t.equal(packed.exitCode, 0, packed.stderr)
  }
  await pack(folder)
  const installed = join(folder, 'node_modules/@handoff/client')
  mkdirSync(installed, { recursive: true })
  execFileSync('tar', ['-xzf', join(folder, archive), '-C', installed, '--strip-components=1'])
  for (const name of ['openapi-fetch', 'openapi-typescript-helpers', '@types/node', 'undici-types']) linkPackage(name, folder)
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')

  await t.test('then packing it again makes the same bytes', async (t) => {
    const otherFolder = join(folder, 'again')
    mkdirSync(otherFolder)
    await pack(otherFolder)
    t.ok(readFileSync(join(folder, archive)).equals(readFileSync(join(otherFolder, archive))))
  })

  await t.test('then it has the compiled files, and nothing else', async (t) => {
    const files = execFileSync('tar', ['-tzf', join(folder, archive)], { encoding: 'utf8' })
      .trim()
      .split('\n')
    t.strictSame(
      files.map((file) => file.replace(/^package\//, '')).filter((file) => !/^dist\/[a-z-]+\.(js|d\.ts)$/.test(file)),
      ['LICENSE', 'package.json', 'README.md'],
    )
    const { version, license, dependencies } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as Record<string, unknown>
    const project = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as Record<string, unknown>
    t.strictSame({ version, license }, { version: project['version'], license: project['license'] })
    t.strictSame(Object.keys(dependencies as object), ['openapi-fetch'])
    for (const file of files.filter((file) => file.endsWith('.js')))
      t.notMatch(readFileSync(join(installed, file.replace('package/', '')), 'utf8'), /from '(node:|\.[^']*\.ts')/, `${file} runs anywhere`)
  })

  await t.test('then a program with it runs on each Node.js of this machine that it is for', async (t) => {
    const system = await startTestSystem(t)
    writeFileSync(join(folder, 'program.js'), program)
    // The agent of the first call is busy from then on, so that each program gets an agent of its own.
    const call = () => setUpIvrCall(system.control, [{ after: 20, with: 'pickup' }])
    const { conversationId, queueId } = call()
    const { body: transfer } = await system.postTransfer({ conversationId, target: { type: 'queue', queueId } })
    const webhook = await waitFor(() => system.crm.attempts[0], `a webhook about ${transfer.id}`)
    for (const [version, node] of findNodes()) {
      const { conversationId, queueId } = call()
      const environment = {
        BASE_URL: system.url,
        KEY: operationsKey,
        CONVERSATION: conversationId,
        QUEUE: queueId,
        HEADERS: JSON.stringify(webhook.headers),
        BODY: webhook.body,
        SECRET: crmSecret,
      }
      const result = await runCommand(node, [join(folder, 'program.js')], environment)
      t.match(result, { exitCode: 0, stderr: '' }, version)
      t.strictSame(
        JSON.parse(result.stdout),
        { state: 'picked_up', event: 'transfer.initiated', code: 'NOT_FOUND', isHandoffError: true },
        `Node.js ${version}`,
      )
    }
  })

  await t.test('then the examples of its README type-check, with every check of two compilers', async (t) => {
    const readme = readFileSync(join(installed, 'README.md'), 'utf8')
    const examples = [...readme.matchAll(/^```ts\n(.*?)^```/gms)].map(([, code]) => String(code))
    t.ok(examples.length >= 3)
    for (const [index, code] of examples.entries()) writeFileSync(join(folder, `example-${index}.ts`), code)
    const options = {
      target: 'es2022',
      lib: ['es2022'],
      types: ['node'],
      noEmit: true,
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: false,
    }
    for (const [compiler, module, moduleResolution] of [
      ['typescript', 'nodenext', 'nodenext'],
      ['client/node_modules/typescript', 'esnext', 'bundler'],
    ] as const) {
      const compilerOptions = { ...options, module, moduleResolution }
      writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['example-*.ts'] }))
      t.strictSame(await runTsc(compiler, ['--project', folder]), { exitCode: 0, stdout: '', stderr: '' }, moduleResolution)
    }
  })
})
