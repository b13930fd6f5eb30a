/** While its log cannot be written, the service still serves requests, and stops on SIGTERM. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, constants, mkdtempSync, openSync, readFileSync, rmSync, unlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import type { TapTest } from '../ledger/conformance.ts'
import { findFreePort } from '../support/postgres/embedded-postgres.ts'
import { operationsKey, testSettings } from '../support/settings.ts'
import { waitFor } from '../support/wait-for.ts'

// Each case starts a process.
t.setTimeout(300_000)

const authorization = `Bearer ${operationsKey}`
const server = join(import.meta.dirname, '../../src/server.ts')

function createFolder(t: TapTest): string {
  const folder = mkdtempSync(join(tmpdir(), 'handoff-log-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  return folder
}

/**
 * Starts the service. A number is a file descriptor that is passed on: a real pipe is passed in this way (the FIFO below).
 * @param stdout `'pipe'`: Node's pipe to the test, which is a Unix socket on Linux; `'closed'`: the service starts without standard output
 */
async function startProcess(t: TapTest, stdout: number | 'pipe' | 'closed', stderrDevice: number | 'pipe' = 'pipe') {
  const folder = createFolder(t)
  const port = await findFreePort()
  const settings = { ...testSettings('http://127.0.0.1:9'), PORT: String(port), PICKUP_EVENTS: 'off', SHUTDOWN_DELAY_MS: '0' }
  const [command, ...args] =
    stdout === 'closed' ? ['/bin/sh', '-c', `exec "${process.execPath}" "${server}" >&-`] : [process.execPath, server]
  const child = spawn(command, args, {
    cwd: folder,
    env: { PATH: process.env['PATH'], HOME: folder, ...settings },
    stdio: ['ignore', stdout === 'closed' ? 'ignore' : stdout, stderrDevice],
  })
  t.teardown(() => child.kill('SIGKILL'))
  let stderr = ''
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  const url = `http://127.0.0.1:${port}`
  const getStatus = async (path: string): Promise<number> => {
    const response = await fetch(url + path, { headers: { authorization }, signal: AbortSignal.timeout(20_000) })
    await response.arrayBuffer()
    return response.status
  }
  const exited = once(child, 'exit')
  await waitFor(() => getStatus('/health').catch(() => false), 'the service', 60_000)
  return {
    child,
    getStatus,
    /** Makes the service log far more than a pipe or a socket holds. */
    async fillLog() {
      for (let round = 0; round < 30; round++) await Promise.all(Array.from({ length: 30 }, () => getStatus('/v1/transfers?limit=1')))
    },
    /** Stops the service with SIGTERM. @returns its exit code, its signal, and what it wrote to standard error */
    async stop(): Promise<unknown[]> {
      child.kill('SIGTERM')
      const timeout = setTimeout(() => child.kill('SIGKILL'), 30_000)
      const [exitCode, signal] = await exited
      clearTimeout(timeout)
      return [exitCode, signal, stderr]
    },
  }
}

async function expectServingAndStopping(t: TapTest, { getStatus, fillLog, stop }: Awaited<ReturnType<typeof startProcess>>) {
  await fillLog()
  t.equal(await getStatus('/health'), 200, 'it serves')
  t.strictSame(await stop(), [0, null, ''], 'SIGTERM stops it gracefully')
}

t.test('given a log on a full device, when requests come, then the service serves them, and SIGTERM stops it', async (t) => {
  const device = openSync('/dev/full', 'w')
  t.teardown(() => closeSync(device))
  await expectServingAndStopping(t, await startProcess(t, device))
})

t.test(
  'given standard output and standard error on a full device, when requests come, then the service serves them, and SIGTERM stops it',
  async (t) => {
    const device = openSync('/dev/full', 'w')
    t.teardown(() => closeSync(device))
    await expectServingAndStopping(t, await startProcess(t, device, device))
  },
)

t.test('given a log whose reader is gone, when requests come, then the service serves them, and SIGTERM stops it', async (t) => {
  const service = await startProcess(t, 'pipe')
  service.child.stdout?.destroy()
  await expectServingAndStopping(t, service)
})

t.test('given no standard output from the start, when requests come, then the service serves them, and SIGTERM stops it', async (t) => {
  await expectServingAndStopping(t, await startProcess(t, 'closed'))
})

t.test('given a log in a pipe that nobody reads, when requests come, then the service serves them, and SIGTERM stops it', async (t) => {
  const path = join(createFolder(t), 'fifo')
  spawnSync('mkfifo', [path])
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  const writer = openSync(path, 'w')
  t.teardown(() => [reader, writer].forEach(closeSync))
  await expectServingAndStopping(t, await startProcess(t, writer))
})

t.test('given a log in a socket that nobody reads, when requests come, then the service serves them, and SIGTERM stops it', async (t) => {
  const service = await startProcess(t, 'pipe')
  service.child.stdout?.pause()
  await expectServingAndStopping(t, service)
})

const mountSmallDisk = (folder: string): boolean => spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=40k', 'none', folder]).status === 0

t.test('given a log on a full disk, when there is room again, then the kept lines are written completely', async (t) => {
  const folder = createFolder(t)
  if (!mountSmallDisk(folder)) return t.comment('only root may mount a small disk')
  t.teardown(() => spawnSync('umount', ['-l', folder]))
  const path = join(folder, 'service.log')
  const file = openSync(path, 'a')
  t.teardown(() => closeSync(file))
  const ballast = join(folder, 'ballast')
  spawnSync('dd', ['if=/dev/zero', `of=${ballast}`, 'bs=1k'])
  const service = await startProcess(t, file)
  for (let count = 0; count < 20; count++) t.equal(await service.getStatus('/v1/transfers?limit=1'), 200)
  t.equal(readFileSync(path, 'utf8'), '', 'nothing could be written')
  unlinkSync(ballast)
  t.strictSame(await service.stop(), [0, null, ''])
  const messages = readFileSync(path, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => (JSON.parse(line) as { message: string }).message)
  t.equal(messages.filter((message) => message === 'request answered').length, 20)
  t.equal(messages.at(-1), 'stopped')
})
