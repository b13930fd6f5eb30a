/** `npm run acceptance`: answers the questions that only a live organization can answer, by a guided run on one test call. */
import { once } from 'node:events'
import { createInterface } from 'node:readline/promises'
import { createReport } from '../acceptance/report/report.ts'
import { hasReport, writeReport } from '../acceptance/report/write-report.ts'
import { runAcceptance } from '../acceptance/run/run-acceptance.ts'
import { createPlatformConnection } from '../doctor/platform-connection.ts'
import { loadEnvFile } from '../environment/env-file.ts'
import { readEnvironment } from '../environment.ts'
import { resolveEndpoints } from '../genesys/auth/regions.ts'
import { createProxySelector } from '../outbound/proxy-selector.ts'
import { acceptanceHelp, parseAcceptanceArguments } from './acceptance/arguments.ts'
import { reportFailure } from './failure.ts'

const print = (line: string): void => void process.stdout.write(`${line}\n`)

const noTerminal = 'there is no terminal to ask on: --yes agrees beforehand, --read-only moves nothing'

/** Asks on the terminal. Ctrl-C and Ctrl-D mean no. */
async function askUser(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout })
  const closed = once(terminal, 'close').then(() => 'n')
  try {
    const answer = await Promise.race([terminal.question(`${question} [y/N] `).catch(() => 'n'), closed])
    return /^y(es)?$/i.test(answer.trim())
  } finally {
    terminal.close()
  }
}

/** Only the settings of the platform are needed: the others get placeholders, so that a run needs no complete installation. */
function readSettings() {
  loadEnvFile()
  const placeholders = { LOOP_TOKEN_SECRET: 'x'.repeat(16), AUDIT_KEY: 'x'.repeat(16) }
  const given = Object.fromEntries(Object.entries(process.env).filter(([, value]) => value?.trim()))
  return readEnvironment({ ...placeholders, ...given })
}

try {
  const parsed = parseAcceptanceArguments(new Date())
  if (parsed === 'help') print(acceptanceHelp.trimEnd())
  else {
    const { options, folder, isAgreed } = parsed
    if (hasReport(folder)) throw new Error(`${folder} has a report already: name another folder with --out`)
    if (!isAgreed && !options.isReadOnly && !process.stdin.isTTY) throw new Error(noTerminal)
    const environment = readSettings()
    const { GENESYS_ENV, GENESYS_GATEWAY_URL, GENESYS_CLIENT_ID, GENESYS_CLIENT_SECRET } = environment
    const selectProxy = createProxySelector(environment)
    const connection = createPlatformConnection({
      clientId: GENESYS_CLIENT_ID,
      clientSecret: GENESYS_CLIENT_SECRET,
      environment: GENESYS_ENV,
      gatewayUrl: GENESYS_GATEWAY_URL,
      selectProxy,
    })
    const stop = new AbortController()
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.once(signal, () => {
        process.stderr.write('acceptance: stopping; the report is being written. Once more ends at once.\n')
        stop.abort()
      })
    const recording = await runAcceptance({
      connection,
      options,
      settings: {
        apiUrl: resolveEndpoints(GENESYS_ENV, GENESYS_GATEWAY_URL).apiUrl,
        isGateway: GENESYS_GATEWAY_URL !== undefined,
        requestsPerMinute: environment.GENESYS_REQUESTS_PER_MINUTE,
        tokenPoolSize: environment.GENESYS_TOKEN_POOL_SIZE,
        pickupTimeoutMs: environment.PICKUP_TIMEOUT_MS,
        hasAllowedNumbers: environment.ALLOWED_NUMBERS.length > 0,
        selectProxy,
      },
      signal: stop.signal,
      print,
      ask: async (question) => isAgreed || askUser(question),
    }).finally(() => connection.close())
    const report = createReport(recording)
    await writeReport(folder, recording, report)
    const answers = report.answers.filter(({ status }) => status === 'answered').length
    print(`Answered: ${answers} of ${report.answers.length} questions. The call: ${report.callState}.`)
    print(`The report is ${folder}/report.md`)
    if (report.reason !== undefined) process.stderr.write(`acceptance: ${report.reason}\n`)
    process.exitCode = report.outcome === 'complete' || report.outcome === 'read_only' ? 0 : 1
  }
} catch (error) {
  reportFailure('acceptance', error)
}
