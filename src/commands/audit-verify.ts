/** `npm run audit:verify`: checks whether the ledger is what was written, its audit trail above all, and reports where it differs. */
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { createCheckpointSigner } from '../ledger/audit/checkpoint.ts'
import type { IntegrityFault } from '../ledger/audit/integrity-fault.ts'
import { verifyLedger, type LedgerReport } from '../ledger/audit/ledger-check.ts'
import { openLedger } from '../ledger/open.ts'
import { readArguments } from './arguments.ts'
import { endWithReader } from './closed-output.ts'
import { reportFailure } from './failure.ts'
import { withLedger } from './with-ledger.ts'

const help = `npm run audit:verify                   verify the audit trail of the ledger, and
                                       whether its database and records fit it
npm run audit:verify -- --log FILE     compare it with the checkpoints in
                                       Handoff's log, too (may be repeated;
                                       - is standard input)
npm run audit:verify -- --json         print the report as JSON
npm run audit:verify -- --public-key   print the public key of the checkpoints'
                                       signatures, for an auditor; after it, those
                                       of AUDIT_KEY_PREVIOUS

Needs AUDIT_KEY, DATABASE_URL if it is not the default, and AUDIT_KEY_PREVIOUS if
the key was changed.
Exit code 0: the trail is sound; 1: it is not; 2: it cannot be read.
A ledger that was set back to an earlier state, or deleted, can only be detected
by the checkpoints in the log, so store the log on another machine.
`
const print = (line: string): void => void process.stdout.write(`${line}\n`)

async function* readLines(files: string[]): AsyncGenerator<string> {
  for (const file of files) yield* createInterface({ input: file === '-' ? process.stdin : createReadStream(file), crlfDelay: Infinity })
}

const describePosition = ({ chain, place, seq }: IntegrityFault): string =>
  [chain && `chain ${chain}`, place !== null && `row ${place}`, seq !== null && `(seq ${seq})`].filter(Boolean).join(' ')

function printReport({ rows, chains, checkpoints, erased, faults, isCopy }: LedgerReport, durationMs: number): void {
  for (const fault of faults) print(`NOT SOUND: ${[describePosition(fault), fault.what].filter(Boolean).join(': ')}`)
  if (faults.some(({ place }) => place === 1))
    print('If AUDIT_KEY was changed since, name the keys before it in AUDIT_KEY_PREVIOUS: the rows that they wrote need them.')
  const rate = Math.round(rows / Math.max(durationMs / 1000, 0.001))
  print(
    `${rows} rows in ${chains} chains, ${checkpoints.kept} checkpoints kept, ${checkpoints.logged} in the log, ${erased} conversations erased: ` +
      `${faults.length === 0 ? 'sound' : 'not sound'} (${Math.round(durationMs)} ms, ${rate} rows a second)`,
  )
  if (isCopy) print('This ledger is a copy. Only the log (--log) can tell whether its latest rows are missing.')
}

const noRowsFault: IntegrityFault = {
  chain: '',
  place: null,
  seq: null,
  what: 'there are no audit rows: all are gone, or DATABASE_URL names another ledger',
}

endWithReader()
try {
  const { values } = readArguments({
    options: {
      log: { type: 'string', multiple: true, default: [] },
      json: { type: 'boolean', default: false },
      'public-key': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) process.stdout.write(help)
  else
    await withLedger(async (ledger, { AUDIT_KEY, AUDIT_KEY_PREVIOUS }) => {
      if (values['public-key']) {
        const keys = [AUDIT_KEY, ...AUDIT_KEY_PREVIOUS]
        return void process.stdout.write(keys.map((key) => createCheckpointSigner(key).publicKey).join(''))
      }
      const startedAt = performance.now()
      const verified = await verifyLedger(
        ledger,
        [AUDIT_KEY, ...AUDIT_KEY_PREVIOUS],
        values.log.length > 0 ? readLines(values.log) : undefined,
      )
      const durationMs = performance.now() - startedAt
      const report = verified.rows === 0 ? { ...verified, faults: [...verified.faults, noRowsFault] } : verified
      if (values.json) print(JSON.stringify({ ...report, ms: Math.round(durationMs) }))
      else printReport(report, durationMs)
      process.exitCode = report.faults.length === 0 ? 0 : 1
      // `openLedger` also opens a trail that was written with another AUDIT_KEY: the report says what does not match.
    }, openLedger)
} catch (error) {
  reportFailure('audit:verify', error, 2)
}
