/** A real nginx with the configuration in ops/, on free ports of this machine. */
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { projectFolder } from '../../bench/harness/start-command.ts'
import type { TestContext } from '../support/build.ts'
import { loopbackCertificate, loopbackKey } from '../support/outbound/loopback-certificate.ts'
import { findFreePort } from '../support/postgres/embedded-postgres.ts'
import { waitFor } from '../support/wait-for.ts'

/** Debian installs nginx in a folder that is only in the PATH of root. */
const path = `${process.env['PATH'] ?? ''}:/usr/sbin`

/** Why a test without nginx is skipped; false if nginx is installed. */
export const missingNginx: string | false =
  spawnSync('nginx', ['-v'], { env: { PATH: path } }).status === 0 ? false : 'no nginx here: install it (apt-get install nginx-light)'

export interface Nginx {
  httpUrl: string
  httpsUrl: string
}

/** Replaces what an operator replaces. @throws Error when the configuration does not contain it */
function replaceAll(configuration: string, replacements: ReadonlyArray<readonly [string, string]>): string {
  let replaced = configuration
  for (const [before, after] of replacements) {
    if (!replaced.includes(before)) throw new Error(`ops/nginx/handoff.conf does not contain ${before}`)
    replaced = replaced.replaceAll(before, after)
  }
  return replaced
}

/** Starts nginx in front of two nodes, and stops it after the test. @param nodeUrls the addresses of the nodes */
export async function startNginx(t: TestContext, nodeUrls: readonly [string, string]): Promise<Nginx> {
  const folder = mkdtempSync(join(tmpdir(), 'handoff-nginx-'))
  const [httpPort, httpsPort] = [await findFreePort(), await findFreePort()]
  const configuration = replaceAll(readFileSync(join(projectFolder, 'ops/nginx/handoff.conf'), 'utf8'), [
    ['127.0.0.1:3000', new URL(nodeUrls[0]).host],
    ['127.0.0.1:3001', new URL(nodeUrls[1]).host],
    ['listen 80;', `listen 127.0.0.1:${httpPort};`],
    ['listen 443 ssl;', `listen 127.0.0.1:${httpsPort} ssl;`],
    ['/etc/nginx/tls', folder],
    ['handoff.example.com', 'localhost'],
  ])
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/${name};`)
  writeFileSync(join(folder, 'handoff.crt'), loopbackCertificate)
  writeFileSync(join(folder, 'handoff.key'), loopbackKey)
  writeFileSync(
    join(folder, 'nginx.conf'),
    `${userInfo().uid === 0 ? 'user root;' : ''} daemon off; pid ${folder}/pid; worker_processes 1; events {}
     http { access_log off; ${temporary.join(' ')} ${configuration} }`,
  )
  const child = spawn('nginx', ['-e', 'stderr', '-c', join(folder, 'nginx.conf')], {
    env: { PATH: path },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let errors = ''
  child.stderr.on('data', (data: Buffer) => (errors += data.toString()))
  const exited = new Promise((resolve) => child.once('exit', resolve))
  t.teardown(async () => {
    child.kill('SIGTERM')
    await exited
    rmSync(folder, { recursive: true })
  })
  const httpUrl = `http://localhost:${httpPort}`
  await waitFor(async () => {
    if (child.exitCode !== null) throw new Error(`nginx does not start: ${errors}`)
    return fetch(httpUrl, { redirect: 'manual' }).catch(() => false)
  }, 'nginx')
  return { httpUrl, httpsUrl: `https://localhost:${httpsPort}` }
}
