/** `npm run fuzz`: sends hostile requests to its own service, checks every response, and compares the memory of the process before and after. */
import { fork } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startCommand } from '../../bench/harness/start-command.ts'
import { startSimulator } from '../../src/simulator/simulator.ts'
import { readServedDocument } from '../routes/served-document.ts'
import { operationsKey, readerKey, testSettings } from '../support/settings.ts'
import { createHostileRequests, createRandom } from './hostile-requests.ts'
import { sendRequests } from './send-requests.ts'

const help = `npm run fuzz -- [--requests N] [--seed N]
    send hostile requests to a service of its own (20,000 by default) and check
    every answer against the OpenAPI document. The first tenth warms up: memory
    is compared with what it was then. Exit code 1: there are findings, or the
    memory has grown by more than 30 %.
`
function parseCommandLine() {
  try {
    return parseArgs({ options: { requests: { type: 'string', default: '20000' }, seed: { type: 'string' }, help: { type: 'boolean' } } })
      .values
  } catch (error) {
    process.stderr.write(`fuzz: ${(error as Error).message}\n`)
    process.exit(1)
  }
}
const values = parseCommandLine()
if (values.help) {
  process.stdout.write(help)
  process.exit(0)
}
const requests = Number(values.requests)
const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed)

const simulator = await startSimulator({ requestsPerMinute: 1_000_000 })
const folder = mkdtempSync(join(tmpdir(), 'handoff-fuzz-'))
const service = fork(startCommand.file, {
  cwd: folder,
  execArgv: [...startCommand.nodeFlags],
  env: {
    PATH: process.env['PATH'],
    ...startCommand.environment,
    ...testSettings(simulator.url),
    PORT: '0',
    DATABASE_URL: `sqlite:${join(folder, 'ledger.db')}`,
    CALLER_REQUESTS_PER_MINUTE: '1000000',
  },
  stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
})
/** The resident memory of the service, MB. */
const readMemory = (): number => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${service.pid}/status`, 'utf8'))?.[1]) / 1024
const url = await new Promise<string>((resolve, reject) => {
  service.once('exit', () => reject(new Error('the service did not start')))
  if (service.stdout)
    createInterface({ input: service.stdout }).on('line', (line) => {
      const found = /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0]
      if (found) resolve(found)
    })
})
const served = await readServedDocument(url)
const nextRequest = createHostileRequests(served, [`Bearer ${operationsKey}`, `Bearer ${readerKey}`], createRandom(seed))
let warmMb = 0
const { sent, statuses, findings } = await sendRequests(url, served, nextRequest, requests, (answered) => {
  if (answered === Math.ceil(requests / 10)) warmMb = readMemory()
})
const endMb = readMemory()
const isHealthy = (await fetch(`${url}/health`)).status === 200
service.kill('SIGTERM')
await simulator.close()
rmSync(folder, { recursive: true, force: true })

for (const [finding, request] of findings) process.stdout.write(`${finding}\n    ${request}\n`)
process.stdout.write(
  `${sent} requests, seed ${seed}: ${findings.size} findings; statuses ${JSON.stringify(statuses)}\n` +
    `memory ${warmMb.toFixed(0)} MB after warm-up, ${endMb.toFixed(0)} MB at the end: ${(endMb / warmMb).toFixed(2)}; health ${isHealthy ? 'ok' : 'failed'}\n`,
)
process.exit(findings.size > 0 || endMb / warmMb > 1.3 || !isHealthy ? 1 : 0)
