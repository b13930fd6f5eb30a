/** A node of the version before runs on beside one of today's, which has migrated the database that both use (docs/upgrade.md). */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import t from 'tap'
import { verifyAudit } from '../../src/ledger/audit/verification.ts'
import { openLedger } from '../../src/ledger/open.ts'
import { projectRoot } from '../commands/run-command.ts'
import { auditKey, moveThrough, openAccepted } from '../ledger/fixtures.ts'
import { startTestPostgres } from '../support/postgres.ts'
import { waitFor } from '../support/wait-for.ts'
import { readRecordedLedger, readRecordedStatements, writePostgresLedger, type RecordedStatement } from './recorded-ledger.ts'

t.setTimeout(180_000)
const started = await startTestPostgres()
const server = typeof started === 'string' ? undefined : started
const noServer = typeof started === 'string' ? started : false
t.teardown(() => server?.remove())

/** The version before: schema 4. */
const olderCommit = '79be779746f9374da7f9dd40b32641949ec58c4a'

t.test(
  "given the statements of a node of schema 4, when today's node has migrated the database meanwhile, then they do the same as before",
  { skip: noServer },
  async (t) => {
    const url = String(await server?.createDatabase())
    await writePostgresLedger(url, readRecordedLedger(4), false)
    const { node, transfers, before, after } = readRecordedStatements()
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    t.teardown(() => client.end())
    const names = new Map<string, string>()
    /** Statements are prepared once, as the node did: a statement whose result has other columns now would fail. */
    async function replay(statements: readonly RecordedStatement[]): Promise<void> {
      for (const { text, values, count } of statements) {
        const name = names.get(text) ?? `s${names.size}`
        names.set(text, name)
        const { rowCount } = await client.query(values.length > 0 ? { name, text, values } : text)
        // Timestamps differ, so what was due then may not be due now; everything else finds as many rows.
        if (/^(INSERT|UPDATE|WITH result AS \(UPDATE transfers)/.test(text)) t.equal(rowCount, count, text.slice(0, 60))
      }
    }
    await replay(before)
    const ledger = await openLedger(url, { auditKey })
    t.teardown(() => ledger.close())
    t.match(await ledger.findTransfer(transfers[0]), { state: 'initiated', owner: node })
    await moveThrough(ledger, await openAccepted(ledger), 'executing', 'initiated', 'picked_up')
    await replay(after)
    t.match(await ledger.findTransfer(transfers[0]), { state: 'picked_up' })
    t.match(await ledger.findTransfer(transfers[1]), { state: 'executing', owner: node })
    t.match(await verifyAudit(ledger, auditKey), { chains: 2, faults: [], checkpoints: { kept: 1 } })

    await client.query('DELETE FROM nodes WHERE id = $1', [node])
    const [claimed] = await ledger.claimTransfers(10)
    t.match(claimed, { id: transfers[1], state: 'executing', owner: ledger.nodeId })
    if (claimed) await moveThrough(ledger, claimed, 'initiated', 'picked_up')
    t.match(await verifyAudit(ledger, auditKey), { chains: 2, faults: [] })
  },
)

/** A process of the older version: it moves transfers, one after another, and prints the id of each; it leaves one open. */
const program = (root: string): string => `
import { openLedger } from '${root}/src/ledger/open.ts'
import * as fixtures from '${root}/test/ledger/fixtures.ts'
const ledger = await openLedger(process.env.URL, { auditKey: fixtures.auditKey, leaseMs: 3_000 })
setInterval(() => void ledger.renewLease(), 500)
const left = await fixtures.moveThrough(ledger, await fixtures.openAccepted(ledger), 'executing')
console.log('left ' + left.id)
for (;;) {
  const { id } = await fixtures.moveThrough(ledger, await fixtures.openAccepted(ledger), 'executing', 'initiated', 'picked_up')
  await ledger.listTransfers({ limit: 5 })
  await ledger.findAuditEntries(id)
  await ledger.claimTransfers(10)
  console.log('moved ' + id)
}
`

/** Whether this copy of the project has the older version in its history. */
function hasHistory(): boolean {
  try {
    execFileSync('git', ['cat-file', '-e', `${olderCommit}^{tree}`], { cwd: projectRoot, stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** Extracts the older version. @returns its folder */
function extractOlder(t: { teardown(work: () => unknown): void }): string {
  const root = mkdtempSync(join(tmpdir(), 'handoff-older-'))
  t.teardown(() => rmSync(root, { recursive: true }))
  execFileSync('tar', ['x', '-C', root], {
    input: execFileSync('git', ['archive', olderCommit], { cwd: projectRoot, maxBuffer: 1 << 28 }),
  })
  symlinkSync(join(projectRoot, 'node_modules'), join(root, 'node_modules'))
  return root
}

t.test(
  "given a process of the version before, when today's node works beside it and takes over when it is killed, then nothing is lost",
  { skip: noServer || (hasHistory() ? false : 'there is no history of the project here') },
  async (t) => {
    const root = extractOlder(t)
    const url = String(await server?.createDatabase())
    writeFileSync(join(root, 'older.ts'), program(root))
    const older = spawn(process.execPath, ['older.ts'], {
      cwd: root,
      env: { PATH: process.env['PATH'], URL: url },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    t.teardown(() => older.kill('SIGKILL'))
    const lines: string[] = []
    createInterface({ input: older.stdout }).on('line', (line) => lines.push(line))
    const moved = (): string[] => lines.filter((line) => line.startsWith('moved ')).map((line) => line.slice('moved '.length))
    await waitFor(() => moved().length > 2, 'transfers of the older node', 60_000)

    const ledger = await openLedger(url, { auditKey, leaseMs: 3_000 })
    t.teardown(() => ledger.close())
    const renewal = setInterval(() => void ledger.renewLease().catch(() => {}), 500)
    t.teardown(() => clearInterval(renewal))
    const countAtUpgrade = moved().length
    await moveThrough(ledger, await openAccepted(ledger), 'executing', 'initiated', 'picked_up')
    await waitFor(() => moved().length > countAtUpgrade + 3, 'transfers of the older node after the migration', 60_000)
    for (const id of moved()) t.match(await ledger.findTransfer(id), { state: 'picked_up' })
    t.match(await verifyAudit(ledger, auditKey), { faults: [] }, 'while both write')

    older.kill('SIGKILL')
    await once(older, 'exit')
    const left = String(lines.find((line) => line.startsWith('left '))?.slice('left '.length))
    const claimed = await waitFor(
      async () => (await ledger.claimTransfers(100)).find(({ id }) => id === left),
      'the transfer that it left',
      60_000,
    )
    await moveThrough(ledger, claimed, 'initiated', 'picked_up')
    t.match(await verifyAudit(ledger, auditKey), { faults: [] }, 'after the takeover')
  },
)
