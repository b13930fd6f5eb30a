/** How fast the audit trail is written and verified. */
import { randomUUID } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { auditNote } from '../src/ledger/audit/draft.ts'
import { verifyAudit } from '../src/ledger/audit/verification.ts'
import { openLedger } from '../src/ledger/open.ts'
import { inFolder } from './harness/processes.ts'
import { report, round, type Bench, type Report } from './harness/report.ts'

const rows = 100_000
/** Handed to the ledger at once: they share a commit. */
const atOnce = 1_000
const auditKey = 'audit key of the benches'

/** Rows as a transfer leaves them, one in four with something personal. */
const draft = (n: number) =>
  auditNote('initiated', {
    conversationId: randomUUID(),
    actionId: randomUUID(),
    latencyMs: 400,
    depth: 1,
    stage: 'execution',
    caller: 'bench',
    traceId: randomUUID().replaceAll('-', ''),
    detail: { mode: 'execute', from: 'executing', queueId: randomUUID() },
    ...(n % 4 === 0 && { personal: { number: randomUUID() } }),
  })

async function run(): Promise<Report> {
  return inFolder(async (folder) => {
    const file = join(folder, 'handoff.db')
    const ledger = await openLedger(`sqlite:${file}`, { auditKey })
    const began = performance.now()
    for (let from = 0; from < rows; from += atOnce) {
      // One after the other: what is measured is the commit of so many, not a queue of commits.
      // oxlint-disable-next-line no-await-in-loop
      await Promise.all(Array.from({ length: atOnce }, (_, n) => ledger.note(draft(from + n))))
    }
    const written = performance.now()
    const { faults, rows: read } = await verifyAudit(ledger, auditKey)
    const verified = performance.now()
    await ledger.close()
    const rate = (from: number, to: number): number => round((rows * 1000) / (to - from))
    return {
      title: 'Audit trail',
      how: [
        `${rows} rows in a new SQLite file, handed to the ledger ${atOnce} at a time; then verified as npm run audit:verify does: every row, its place, its hash, its personal part and the sealed end of its chain.`,
      ],
      tables: [
        [
          { what: 'written', rows, seconds: round((written - began) / 1000, 1), 'rows a second': rate(began, written) },
          { what: 'verified', rows: read, seconds: round((verified - written) / 1000, 1), 'rows a second': rate(written, verified) },
        ],
      ],
      targets: [
        {
          target: 'every row is found sound',
          measured: `${read} rows, ${faults.length} faults, ${round((await stat(file)).size / 1e6)} MB`,
          met: read === rows && faults.length === 0,
        },
      ],
    }
  })
}

export const bench: Bench = { name: 'audit', does: 'rows of the audit trail written and verified a second', run }
if (import.meta.main) await report([bench], 'node bench/audit.ts')
