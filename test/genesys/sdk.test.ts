/** The SDK's configuration file in the home directory has no effect (docs/genesys-cloud.md rule 77). */
import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { createSettings } from './support/connect.ts'
import { startFakePlatform } from './support/fake-platform.ts'

/** Connects a client, then makes one call for each line on standard input. */
const program = `
  import fs from 'node:fs'
  import { createInterface } from 'node:readline'
  // The SDK would check its file every five seconds. With a shorter interval a change would take effect during the test.
  const watchFile = fs.watchFile
  fs.watchFile = (path, options, listener) => watchFile(path, { ...options, interval: 20 }, listener)
  if (process.env.CONFIG) fs.watchFile(process.env.CONFIG, { persistent: false }, () => console.log('change noticed'))
  const { connectGenesys } = await import(process.env.CLIENT_MODULE)
  const genesys = await connectGenesys(JSON.parse(process.env.SETTINGS))
  console.log('ready')
  for await (const _ of createInterface({ input: process.stdin })) {
    await genesys.conversation('c1', { deadline: Date.now() + 5000 })
    console.log('called')
  }
  await genesys.close()
`

function startProgram(t: Test, gatewayUrl: string, env: Record<string, string>) {
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    env: {
      ...env,
      SETTINGS: JSON.stringify(createSettings(gatewayUrl)),
      CLIENT_MODULE: new URL('../../src/genesys/client.ts', import.meta.url).href,
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  t.teardown(() => child.kill())
  let output = ''
  let errors = ''
  child.stdout.on('data', (chunk) => void (output += chunk))
  child.stderr.on('data', (chunk) => void (errors += chunk))
  const exitCode = new Promise<number | null>((resolve) => child.on('close', resolve))
  const hasPrinted = (text: string, times: number) => output.split(text).length - 1 >= times
  const waitForOutput = async (text: string, times: number) => {
    while (!hasPrinted(text, times)) {
      const exit = await Promise.race([
        exitCode.then((code) => ({ code })),
        new Promise<undefined>((resolve) => child.stdout.once('data', () => resolve(undefined))),
      ])
      if (exit && !hasPrinted(text, times)) throw new Error(`ended with ${exit.code}: ${errors}`)
    }
  }
  return {
    waitForOutput,
    call: () => child.stdin.write('\n'),
    end: () => {
      child.stdin.end()
      return exitCode
    },
    errors: () => errors,
  }
}

const configRedirectingTo = (port: string, logFile: string) => `
[general]
live_reload_config = true
host = evil.invalid
[gateway]
host = 127.0.0.1
protocol = http
port = ${port}
[logging]
log_level = trace
log_to_console = true
log_file_path = ${logFile}
log_request_body = true
`

t.test('given a configuration file that points elsewhere, and changes, then no call follows it', async (t) => {
  const [configured, other] = [await startFakePlatform(), await startFakePlatform()]
  const home = await mkdtemp(join(tmpdir(), 'handoff-home-'))
  t.teardown(async () => {
    await configured.close()
    await other.close()
    await rm(home, { recursive: true })
  })
  const logFile = join(home, 'sdk.log')
  const configFile = join(home, '.genesyscloudjavascript', 'config')
  const config = configRedirectingTo(new URL(other.url).port, logFile)
  await mkdir(join(home, '.genesyscloudjavascript'))
  await writeFile(configFile, config)

  const child = startProgram(t, configured.url, { HOME: home, USERPROFILE: home, CONFIG: configFile })
  await child.waitForOutput('ready', 1)
  child.call()
  await child.waitForOutput('called', 1)
  for (const edit of [1, 2, 3]) {
    await writeFile(configFile, `${config}# ${'x'.repeat(edit)}\n`)
    await child.waitForOutput('change noticed', edit)
    child.call()
    await child.waitForOutput('called', edit + 1)
  }
  t.equal(await child.end(), 0)
  t.equal(other.requests.length + other.logins.length, 0)
  t.equal(configured.requests.length, 4)
  t.equal(child.errors(), '')
  await t.rejects(stat(logFile), { code: 'ENOENT' })
})

t.test('given no home directory, then the client works', async (t) => {
  const platform = await startFakePlatform()
  t.teardown(() => platform.close())
  const child = startProgram(t, platform.url, {})
  await child.waitForOutput('ready', 1)
  child.call()
  await child.waitForOutput('called', 1)
  t.equal(await child.end(), 0)
})
