/** How fast the audit trail is written and verified. */
import { randomUUID } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { createAuditDraft } from '../src/ledger/audit/draft.ts'
import { verifyAudit } from '../src/ledger/audit/verification.ts'
import { openLedger } from '../src/ledger/open.ts'
import type { Benchmark, Report } from './harness/benchmark.ts'
import { runBenchmarks } from './harness/run-benchmarks.ts'
import { round } from './harness/statistics.ts'
import { withTemporaryFolder } from './harness/temporary-folder.ts'

const rowCount = 100_000
/** How many rows are written at once and share a commit. */
const batchSize = 1_000
const auditKey = 'audit key of the benchmarks'

/** Creates an audit entry like the one of an initiated transfer; every fourth contains personal data. */
const createDraft = (index: number) =>
  createAuditDraft('initiated', {
    conversationId: randomUUID(),
    actionId: randomUUID(),
    latencyMs: 400,
    depth: 1,
    stage: 'execution',
    caller: 'bench',
    traceId: randomUUID().replaceAll('-', ''),
    detail: { mode: 'execute', from: 'executing', queueId: randomUUID() },
    ...(index % 4 === 0 && { personal: { number: randomUUID() } }),
  })

async function run(): Promise<Report> {
  return withTemporaryFolder(async (folder) => {
    const file = join(folder, 'handoff.db')
    const ledger = await openLedger(`sqlite:${file}`, { auditKey })
    const startedAt = performance.now()
    // One batch at a time, so that no batch waits for the commit of another one.
    for (let first = 0; first < rowCount; first += batchSize)
      await Promise.all(Array.from({ length: batchSize }, (_, index) => ledger.appendAudit(createDraft(first + index))))
    const writtenAt = performance.now()
    const { faults, rows: verifiedRows } = await verifyAudit(ledger, auditKey)
    const verifiedAt = performance.now()
    await ledger.close()
    const createRow = (step: string, rows: number, from: number, to: number) => ({
      step,
      rows,
      seconds: round((to - from) / 1000, 1),
      'rows a second': round((rows * 1000) / (to - from)),
    })
    return {
      title: 'Audit trail',
      method: [
        `${rowCount} rows in a new SQLite file, written ${batchSize} at a time; then verified as npm run audit:verify does: every row, its position, its hash, its personal data and the sealed head of its chain.`,
      ],
      tables: [[createRow('written', rowCount, startedAt, writtenAt), createRow('verified', verifiedRows, writtenAt, verifiedAt)]],
      targets: [
        {
          target: 'every row verifies',
          measured: `${verifiedRows} rows, ${faults.length} faults, ${round((await stat(file)).size / 1e6)} MB`,
          isMet: verifiedRows === rowCount && faults.length === 0,
        },
      ],
    }
  })
}

export const benchmark: Benchmark = { name: 'audit', description: 'how many audit rows are written and verified a second', run }
if (import.meta.main) await runBenchmarks([benchmark], 'node bench/audit.ts')
