/** `npm run audit:verify`: says whether the audit trail is what was written, and where not. */
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { config } from 'dotenv'
import { checkpointKey } from '../ledger/audit/checkpoint.ts'
import { verifyAudit, type Fault, type Verdict } from '../ledger/audit/verification.ts'
import { withLedger } from './with-ledger.ts'

const help = `npm run audit:verify                                verify the audit trail of the ledger
npm run audit:verify -- --log FILE [--log FILE …]   and hold it against the checkpoints in Handoff's log (- is standard input)
npm run audit:verify -- --json                      print the verdict as JSON
npm run audit:verify -- --public-key                print the key that checkpoints are signed with, for an auditor

Needs AUDIT_KEY, and DATABASE_URL where it is not the default. Ends with 0 when the trail is sound, with 1 when it is not, with 2 when it cannot be read.
Somebody who sets the whole store back to an earlier state, or deletes all of it, is found by the log's checkpoints only: ship the log elsewhere.
`
const say = (text: string): void => void process.stdout.write(`${text}\n`)

async function* linesOf(files: string[]): AsyncGenerator<string> {
  for (const file of files) yield* createInterface({ input: file === '-' ? process.stdin : createReadStream(file), crlfDelay: Infinity })
}

const where = ({ chain, place, seq }: Fault): string =>
  [chain && `chain ${chain}`, place !== null && `row ${place}`, seq !== null && `(seq ${seq})`].filter(Boolean).join(' ')

function tell({ rows, chains, checkpoints, erased, faults }: Verdict, ms: number): void {
  for (const fault of faults) say(`NOT SOUND: ${[where(fault), fault.what].filter(Boolean).join(': ')}`)
  const rate = Math.round(rows / Math.max(ms / 1000, 0.001))
  say(
    `${rows} rows in ${chains} chains, ${checkpoints.kept} checkpoints kept, ${checkpoints.logged} in the log, ${erased} conversations erased: ` +
      `${faults.length === 0 ? 'sound' : 'not sound'} (${Math.round(ms)} ms, ${rate} rows a second)`,
  )
}

const noRows: Fault = {
  chain: '',
  place: null,
  seq: null,
  what: 'there are no audit rows: all are gone, or DATABASE_URL names another ledger',
}

try {
  config({ quiet: true })
  const { values } = parseArgs({
    options: {
      log: { type: 'string', multiple: true, default: [] },
      json: { type: 'boolean', default: false },
      'public-key': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) process.stdout.write(help)
  else
    await withLedger(async (ledger, { AUDIT_KEY }) => {
      if (values['public-key']) return void process.stdout.write(checkpointKey(AUDIT_KEY).publicKey)
      const began = performance.now()
      const found = await verifyAudit(ledger, AUDIT_KEY, values.log.length > 0 ? linesOf(values.log) : undefined)
      const verdict = found.rows === 0 ? { ...found, faults: [...found.faults, noRows] } : found
      const ms = performance.now() - began
      if (values.json) say(JSON.stringify({ ...verdict, ms: Math.round(ms) }))
      else tell(verdict, ms)
      process.exitCode = verdict.faults.length === 0 ? 0 : 1
    })
} catch (error) {
  process.stderr.write(`audit:verify: ${(error as Error).message}\n`)
  process.exitCode = 2
}
