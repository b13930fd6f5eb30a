import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { connectGenesys } from '../../src/genesys/client.ts'
import { endpoints, REGIONS } from '../../src/genesys/auth/regions.ts'
import { CLIENT_ID, CLIENT_SECRET, platform, settings } from './platform.ts'

/** A process of its own that connects to `gatewayUrl`, then makes one call for every line it is told. */
const PROGRAM = `
  import fs from 'node:fs'
  import { createInterface } from 'node:readline'
  // Whoever watches a file here notices at once; the SDK's five seconds would only make the test slow.
  const watchFile = fs.watchFile
  fs.watchFile = (path, options, listener) => watchFile(path, { ...options, interval: 20 }, listener)
  if (process.env.CONFIG) fs.watchFile(process.env.CONFIG, { persistent: false }, () => console.log('noticed'))
  const { connectGenesys } = await import(process.env.CLIENT_MODULE)
  const genesys = await connectGenesys(JSON.parse(process.env.SETTINGS))
  console.log('ready')
  for await (const _ of createInterface({ input: process.stdin })) {
    await genesys.conversation('c1', { deadline: Date.now() + 5000 })
    console.log('called')
  }
  await genesys.close()
`

function child(t: Test, gatewayUrl: string, env: Record<string, string>) {
  const process_ = spawn(process.execPath, ['--input-type=module', '-e', PROGRAM], {
    env: {
      ...env,
      SETTINGS: JSON.stringify(settings(gatewayUrl)),
      CLIENT_MODULE: new URL('../../src/genesys/client.ts', import.meta.url).href,
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  t.teardown(() => process_.kill())
  let out = ''
  let errors = ''
  process_.stdout.on('data', (chunk) => void (out += chunk))
  process_.stderr.on('data', (chunk) => void (errors += chunk))
  const ended = new Promise<number | null>((resolve) => process_.on('close', resolve))
  const said = async (word: string, times: number) => {
    while (out.split(word).length - 1 < times) {
      const code = await Promise.race([
        ended.then((code) => ({ code })),
        new Promise<undefined>((resolve) => process_.stdout.once('data', () => resolve(undefined))),
      ])
      if (code && out.split(word).length - 1 < times) throw new Error(`ended with ${code.code}: ${errors}`)
    }
  }
  return { said, call: () => process_.stdin.write('\n'), end: () => (process_.stdin.end(), ended), errors: () => errors }
}

const redirectTo = (port: string, logFile: string) => `
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

t.test('given a config file in the home folder that points elsewhere, and changes, not one call follows it', async (t) => {
  const [real, evil] = [await platform(), await platform()]
  const home = await mkdtemp(join(tmpdir(), 'handoff-home-'))
  t.teardown(async () => {
    await real.close()
    await evil.close()
    await rm(home, { recursive: true })
  })
  const config = join(home, '.genesyscloudjavascript', 'config')
  await mkdir(join(home, '.genesyscloudjavascript'))
  await writeFile(config, redirectTo(new URL(evil.url).port, join(home, 'sdk.log')))

  const program = child(t, real.url, { HOME: home, USERPROFILE: home, CONFIG: config })
  await program.said('ready', 1)
  program.call()
  await program.said('called', 1)
  for (const edit of [1, 2, 3]) {
    await writeFile(config, `${redirectTo(new URL(evil.url).port, join(home, 'sdk.log'))}# ${'x'.repeat(edit)}\n`)
    await program.said('noticed', edit)
    program.call()
    await program.said('called', edit + 1)
  }
  t.equal(await program.end(), 0)
  t.equal(evil.calls.length + evil.logins.length, 0)
  t.equal(real.calls.length, 4)
  t.equal(program.errors(), '')
  await t.rejects(
    import('node:fs/promises').then((fs) => fs.stat(join(home, 'sdk.log'))),
    { code: 'ENOENT' },
  )
})

t.test('given no HOME at all, the client works', async (t) => {
  const real = await platform()
  t.teardown(() => real.close())
  const program = child(t, real.url, {})
  await program.said('ready', 1)
  program.call()
  await program.said('called', 1)
  t.equal(await program.end(), 0)
})

t.test("given the SDK's own list of regions, ours is the same", async (t) => {
  const path = 'purecloud-platform-client-v2/src/purecloud-platform-client-v2/PureCloudRegionHosts.js'
  const { default: theirs } = (await import(path)) as { default: Record<string, string> }
  t.same(REGIONS, theirs)
})

t.test('given a region in any of its spellings, login and API are its hosts', async (t) => {
  for (const spelling of [
    'mypurecloud.ie',
    'https://api.mypurecloud.ie/',
    'login.mypurecloud.ie',
    'eu-west-1',
    'eu_west_1',
    ' MyPureCloud.ie ',
  ]) {
    t.same(endpoints(spelling), { login: 'https://login.mypurecloud.ie/oauth/token', api: 'https://api.mypurecloud.ie' }, spelling)
  }
  t.same(endpoints('usw2.pure.cloud').api, 'https://api.usw2.pure.cloud')
})

t.test('given a host that is no region, or a gateway that is no plain URL, the setting is named and nothing starts', async (t) => {
  for (const host of [
    '',
    'evil.example',
    'mypurecloud.com.evil.example',
    'mypurecloud.com@evil.example',
    'evil.example/mypurecloud.com',
    'constructor',
  ]) {
    t.throws(() => endpoints(host), /GENESYS_ENV/, host)
  }
  for (const url of ['nonsense', 'ftp://x', 'http://user:pw@x', 'http://x/?a=b', 'http://x/#f', 'file:///etc/passwd']) {
    t.throws(() => endpoints('mypurecloud.com', url), /GENESYS_GATEWAY_URL/, url)
  }
  await t.rejects(
    connectGenesys({
      clientId: CLIENT_ID,
      clientSecret: CLIENT_SECRET,
      environment: 'evil.example',
      requestsPerMinute: 300,
      tokenPoolSize: 1,
    }),
    /GENESYS_ENV/,
  )
})
